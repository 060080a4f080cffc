"""The server of a process: told to stop, it answers whoever waits at once instead of letting them wait out."""

import asyncio
import socket
import threading
import time
from signal import SIGTERM

import httpx2
import uvicorn
from fastapi import APIRouter

from shared.runtime.doorbell import Doorbells
from shared.runtime.server import Server
from tests.runtime.builders import bare_app


async def test_open_polls_are_answered_when_the_server_is_told_to_stop() -> None:
    bells, router, waiting = Doorbells(), APIRouter(), threading.Semaphore(0)

    @router.get("/poll")
    async def poll() -> dict[str, bool]:
        waiting.release()
        return {"rang": await bells.wait("pup-2478", 0, 25)}

    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(bare_app(router), lifespan="on", log_config=None, ws="none", timeout_graceful_shutdown=10)
    server = Server(config, bells.close)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}", trust_env=False) as client:
        polls = [asyncio.create_task(client.get("/poll")) for _ in range(5)]
        for _ in polls:
            await asyncio.to_thread(waiting.acquire, timeout=10)
        told = time.monotonic()
        server.handle_exit(SIGTERM, None)
        answers = await asyncio.gather(*polls)
    await asyncio.to_thread(thread.join, 10)
    assert [answer.json() for answer in answers] == [{"rang": True}] * 5
    assert time.monotonic() - told < 5
    assert not thread.is_alive()
