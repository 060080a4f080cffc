"""Time that passes only when everybody waits: an event loop whose clock jumps to whoever wakes first."""

import asyncio
import random
import selectors
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.runtime.doorbell import Doorbells
from shared.runtime.ids import uuid7

BEGINNING = datetime(2026, 10, 1, 9, 0, tzinfo=UTC)
LOOK_S = 30.0


class NobodyWillWake(Exception):
    """Everybody waits for somebody else: the run stands still for ever."""


class _Selector(selectors.SelectSelector):
    """Asks the operating system nothing: what would be a wait is a step of the clock."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise NobodyWillWake()
        self.loop.passed += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on one thread, without sockets; tasks run in the order in which they became ready."""

    def __init__(self) -> None:
        self.passed = 0.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.passed


@dataclass
class NodeClock:
    """The clock of one machine: virtual time, and how wrong it is."""

    wrong_by_s: float = 0.0

    def now(self) -> datetime:
        return BEGINNING + timedelta(seconds=self.monotonic() + self.wrong_by_s)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class NodeIds:
    """Ids of one life of one machine: from its clock, as real ones, and from a seed."""

    def __init__(self, clock: NodeClock, seed: str) -> None:
        self._clock, self._random = clock, random.Random(seed)

    def uuid7(self) -> str:
        return uuid7(int(self._clock.now().timestamp() * 1000), self._random.randbytes(10))

    def secret(self) -> str:
        return self._random.randbytes(16).hex()

    def fraction(self) -> float:
        return self._random.random()


class SoleBells(Doorbells):
    """Bells of a process that is alone on its database: whoever writes rings, so there is no need to look often.

    Looking five times a second for other processes' writes would be nine tenths of the work of a run.
    """

    async def wait(self, key: str, seen: int, seconds: float) -> bool:
        return await super().wait(key, seen, max(seconds, LOOK_S))
