"""The offices' own systems, over real sockets: the same callers as in the simulation."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx2

from shared.runtime.clock import Clock, SystemClock
from tests.chaos.stage import AREA, Stage
from tests.simulation.callers import Caller

PAUSE_S = 0.5
"""The longest pause between two writes of one office."""


@dataclass
class Desk:
    """An office's service at its port."""

    id: str
    port: int
    clock: Clock = field(default_factory=SystemClock)
    is_ready: bool = True


@dataclass
class Lines:
    """Carries calls over loopback."""

    http: httpx2.AsyncClient

    async def carry(self, sender: None, to: Desk, request: httpx2.Request) -> httpx2.Response:
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=to.port)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        return await self.http.send(httpx2.Request(request.method, url, headers=headers, content=request.content))


def callers(stage: Stage, http: httpx2.AsyncClient, seed: int, goes_on: Callable[[], bool]) -> dict[str, Caller]:
    """Return a caller for each office."""
    return {
        name: Caller(
            Desk(name, stage.services[name].port),
            people,
            Lines(http),
            random.Random(f"caller {seed} {name}"),
            stage.tokens[name],
            goes_on,
            PAUSE_S,
        )
        for name, people in AREA.items()
    }


async def until_up(stage: Stage, http: httpx2.AsyncClient) -> None:
    """Wait until every service answers."""
    for service in stage.services.values():
        while True:
            try:
                await http.get(f"http://127.0.0.1:{service.port}/healthz")
                break
            except httpx2.HTTPError:
                await asyncio.sleep(0.1)
