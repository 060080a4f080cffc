"""Connections over real sockets: who dribbles, floods or never reads is cut, and everybody else is served."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response
from structlog.testing import capture_logs
from uvicorn.server import ServerState

from shared.runtime.clock import SystemClock
from shared.runtime.connections import ConnectionLimits
from shared.runtime.gate import GONE, Gate
from shared.runtime.ids import SystemIds
from shared.runtime.metrics import Metrics
from shared.runtime.server import config_of

LIMITS = ConnectionLimits(
    connections=16, per_peer=8, head_s=0.3, head_bytes=2048, body_idle_s=0.2, body_bytes_s=1000, unread_s=0.3
)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Connection]]


@asynccontextmanager
async def serving(limits: ConnectionLimits, metrics: Metrics) -> AsyncIterator[Connect]:
    app = FastAPI()
    app.state.metrics = metrics

    @app.api_route("/", methods=["GET", "POST"])
    async def size(request: Request) -> Response:
        return Response(str(len(await request.body())))

    @app.get("/much")
    async def much() -> Response:
        return Response(b"x" * 50_000_000)

    app.add_middleware(Gate, clock=SystemClock(), ids=SystemIds(), metrics=metrics)
    config = config_of(app, limits=limits)
    config.load()
    state = ServerState()

    def protocol() -> asyncio.Protocol:
        made: asyncio.Protocol = config.http_protocol_class(config=config, server_state=state, app_state={})
        return made

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> Connection:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        opened.append(writer)
        return reader, writer

    try:
        yield connect
    finally:
        for writer in opened:
            writer.close()
        server.close()
        await asyncio.gather(*state.tasks, return_exceptions=True)
        while state.connections:  # noqa: ASYNC110  # they end by themselves
            await asyncio.sleep(0.01)


async def rest(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(5):
        return await reader.read()


async def answer_to(connect: Connect, request: bytes) -> bytes:
    reader, writer = await connect()
    writer.write(request)
    async with asyncio.timeout(5):
        return await reader.readline()


async def dribble(connection: Connection, text: bytes, *, every_s: float) -> tuple[bytes, float]:
    """Send byte by byte until the other end has had enough; return what it said, and after how long."""
    reader, writer = connection
    began, saying = time.monotonic(), asyncio.create_task(reader.read())
    for byte in text:
        if saying.done() or writer.is_closing():
            break
        writer.write(bytes([byte]))
        await asyncio.sleep(every_s)
    async with asyncio.timeout(5):
        said = await saying
    return said, time.monotonic() - began


def cut(metrics: Metrics, cause: str) -> float:
    return metrics.registry.get_sample_value("zwornik_connections_cut_total", {"cause": cause}) or 0.0


async def test_a_head_that_dribbles_is_cut_with_a_word_in_the_log() -> None:
    metrics = Metrics()
    with capture_logs() as log:
        async with serving(LIMITS, metrics) as connect:
            said, took = await dribble(await connect(), GET[:-2] + b"X-Long: " + b"y" * 1000, every_s=0.02)
            assert said.startswith(b"HTTP/1.1 408 ")
            assert LIMITS.head_s <= took < 2
            assert (await answer_to(connect, GET)).startswith(b"HTTP/1.1 200")
    assert {"cause": "head too slow", "event": "connection cut", "log_level": "warning"} in log
    assert "127.0.0.1" not in str(log)
    assert cut(metrics, "head too slow") == 1


async def test_a_connection_that_says_nothing_is_cut() -> None:
    async with serving(LIMITS, Metrics()) as connect:
        reader, _ = await connect()
        assert (await rest(reader)).startswith(b"HTTP/1.1 408 ")


async def test_the_second_head_of_a_connection_has_its_time_from_its_first_byte() -> None:
    async with serving(replace(LIMITS, head_s=0.5), Metrics()) as connect:
        reader, writer = await connect()
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\n0")
        await asyncio.sleep(0.7)  # idle, and no head has begun
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\n0")
        said, _ = await dribble((reader, writer), GET[:20] + b"y" * 200, every_s=0.02)
        assert said.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("sent", [b"", b"x" * 300], ids=["a body that stops", "a body that dribbles"])
async def test_a_body_that_does_not_come_is_cut_and_its_request_is_no_failure_of_ours(sent: bytes) -> None:
    metrics = Metrics()
    with capture_logs() as log:
        async with serving(LIMITS, metrics) as connect:
            connection = await connect()
            connection[1].write(POST)
            said, took = await dribble(connection, sent, every_s=0.01)
            assert said.startswith(b"HTTP/1.1 408 ")
            assert LIMITS.body_idle_s <= took < 2
    assert cut(metrics, "body too slow") == 1
    assert [one["status"] for one in log if one["event"] == "request"] == [GONE]
    assert not [one for one in log if one["event"] == "failed"]


async def test_a_slow_body_that_comes_fast_enough_is_taken() -> None:
    async with serving(LIMITS, Metrics()) as connect:
        reader, writer = await connect()
        writer.write(POST)
        for _ in range(10):
            writer.write(b"x" * 500)
            await asyncio.sleep(0.08)
        assert (await reader.readuntil(b"\r\n\r\n5000")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "head",
    [
        GET[:-2] + b"X: " + b"y" * 4000 + b"\r\n\r\n",
        GET[:-2] + b"X: " + b"y" * 4000,
        b"GET /" + b"y" * 4000,
        GET[:-2] + b"A: b\r\n" * 700 + b"\r\n",
        GET * 60,
    ],
    ids=["whole", "without an end", "a long path", "many fields", "many requests at once"],
)
async def test_a_head_larger_than_a_head_may_be_is_refused_before_it_ends(head: bytes) -> None:
    metrics = Metrics()
    async with serving(LIMITS, metrics) as connect:
        reader, writer = await connect()
        writer.write(head)
        said = await rest(reader)
        assert said.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 200 ") if head.startswith(GET) else b"HTTP/1.1 431 ")
        assert cut(metrics, "head too large") == 1


async def test_one_peer_has_so_many_connections_and_is_told_to_come_again() -> None:
    metrics = Metrics()
    async with serving(replace(LIMITS, head_s=5), metrics) as connect:
        held = [await connect() for _ in range(LIMITS.per_peer)]
        await asyncio.sleep(0.05)
        reader, _ = await connect()
        said = await rest(reader)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: " in said
        held[0][1].close()
        await asyncio.sleep(0.05)
        assert (await answer_to(connect, GET)).startswith(b"HTTP/1.1 200")
    assert cut(metrics, "too many connections") == 1


async def test_who_does_not_read_the_answer_is_cut() -> None:
    metrics = Metrics()
    async with serving(LIMITS, metrics) as connect:
        _, writer = await connect()
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(5):
            while not cut(metrics, "answer not read"):  # noqa: ASYNC110  # it happens elsewhere
                await asyncio.sleep(0.02)
