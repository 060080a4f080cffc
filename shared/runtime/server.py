"""One uvicorn server in this process; open polls are answered the moment it is told to stop."""

import asyncio
import gc
import resource
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
import uvicorn.lifespan.on  # imported here, so that forked services share it
from fastapi import FastAPI
from starlette.types import ASGIApp

from shared.runtime.connections import ConnectionLimits, GuardedProtocol, Watch
from shared.runtime.metrics import Metrics
from shared.runtime.settings import NodeSettings

SPARE_FILES = 256
"""Files besides connections: the database's, the log, libraries."""

USUAL = ConnectionLimits()

UP_WITHIN_S = 30


def limits_of(settings: NodeSettings) -> ConnectionLimits:
    """Return what connections may cost at a node; time and size are bounded alike at all."""
    return ConnectionLimits(connections=settings.connections, per_peer=settings.connections_per_peer)


class Server(uvicorn.Server):
    """uvicorn, which also says at once that it will stop."""

    def __init__(self, config: uvicorn.Config, on_exit: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_exit = on_exit
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self.is_up.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Answer open polls, then let uvicorn stop."""
        self._on_exit()
        super().handle_exit(sig, frame)


def serve(
    app: ASGIApp,
    *,
    host: str,
    port: int,
    on_exit: Callable[[], None],
    sockets: list[socket.socket] | None = None,
    limits: ConnectionLimits = USUAL,
) -> None:
    """Serve until SIGTERM or SIGINT.

    asyncio turns Nagle's algorithm off only where it made the socket itself; over a socket that was given, the body of
    an answer would wait 40 ms for the acknowledgement of its head.
    """
    for given in sockets or ():
        given.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what it accepts inherits it
    _make_room_for(limits.connections)
    pass_over_what_stays()
    Server(config_of(app, host=host, port=port, limits=limits), on_exit).run(sockets=sockets)


@asynccontextmanager
async def served(app: ASGIApp, *, host: str, port: int, on_exit: Callable[[], None]) -> AsyncIterator[None]:
    """Serve beside what else this process does, until the block ends.

    :raises OSError: the port is taken.
    :raises TimeoutError: the app did not start.
    """
    with socket.create_server((host, port)) as listening:
        server = Server(config_of(app, host=host, port=port), on_exit)
        running = asyncio.create_task(server.serve(sockets=[listening]), name="server")
        try:
            async with asyncio.timeout(UP_WITHIN_S):
                await server.is_up.wait()
            yield
        finally:
            server.should_exit = True
            await running


def config_of(
    app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, limits: ConnectionLimits = USUAL
) -> uvicorn.Config:
    """Return how uvicorn serves an app: its parser bounds neither time nor size, so ours stands around it."""
    metrics = getattr(app.state, "metrics", None) if isinstance(app, FastAPI) else None
    protocol: Any = partial(GuardedProtocol, watch=Watch(limits, metrics or Metrics()))
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=protocol,
        lifespan="on",
        loop="asyncio",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        backlog=1024,
    )


def _make_room_for(connections: int) -> None:
    """Raise the number of files that this process may open to what its connections need, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE_FILES if hard == resource.RLIM_INFINITY else min(hard, connections + SPARE_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def pass_over_what_stays() -> None:
    """Take what was imported out of the garbage collector's rounds: measured, a fifth of the time of an import."""
    gc.collect()
    gc.freeze()
