"""Calling the services as an office's own system would: again after a failure, each call harmless when repeated."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.cli.demo.stage import Place
from shared.exchange.client.broker import Unreachable
from shared.exchange.client.local import Answered, LocalClient

PATIENCE_S = 60.0
PAUSE_S = 0.1
BULK = 500


class Lost(Exception):
    """A service did not answer for a minute."""


@dataclass
class Caller:
    """One caller of one service; ``ids`` maps a PESEL to the client's id there."""

    place: Place
    ids: dict[str, str] = field(default_factory=dict)
    _calls: int = 0
    _client: LocalClient = field(init=False)

    def __post_init__(self) -> None:
        self._client = LocalClient(self.place.url, self.place.token, timeout_s=20)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.__aexit__()

    async def get(self, path: str) -> Any:
        """Read something."""
        return await self._patiently("GET", path, None, None)

    async def post(self, path: str, body: Any = None) -> Any:
        """Write something, once, however often it has to be sent.

        :raises Answered: the service refused it.
        """
        self._calls += 1
        return await self._patiently("POST", path, body, f"demo-{self.place.id}-{self._calls}")

    async def bulk(self, path: str, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Write many, 500 at a time; return what became of each."""
        answers: list[dict[str, Any]] = []
        for start in range(0, len(items), BULK):
            answer = await self.post(path, {"items": list(items[start : start + BULK])})
            answers += answer["items"]
        return answers

    async def until_up(self) -> None:
        """Wait until the service answers."""
        await self._patiently("GET", "/healthz", None, None)

    async def _patiently(self, method: str, path: str, body: Any, key: str | None) -> Any:
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            try:
                return await self._client.call(method, path, body, key=key)
            except Unreachable:
                await asyncio.sleep(PAUSE_S)
            except Answered as failure:
                if failure.status < 500:
                    raise
                await asyncio.sleep(PAUSE_S)
        raise Lost(f"{self.place.id} did not answer {method} {path} for {PATIENCE_S:.0f} s")
