"""Doorbells: whoever waits for news hears at once that there is some; nobody who looks first misses a ring."""

import asyncio
from collections import defaultdict


class Doorbells:
    """A bell a key. Read ``generation`` before you look, then ``wait`` with it: a ring in between is not lost."""

    def __init__(self) -> None:
        self._generations: dict[str, int] = defaultdict(int)
        self._events: dict[str, asyncio.Event] = {}
        self.closing = False

    def generation(self, key: str) -> int:
        """Return how often the bell has rung."""
        return self._generations[key]

    def is_anybody_waiting(self) -> bool:
        """Tell whether somebody waits for any bell."""
        return bool(self._events)

    def ring(self, key: str) -> None:
        """Wake all who wait."""
        self._generations[key] += 1
        event = self._events.pop(key, None)
        if event is not None:
            event.set()

    def close(self) -> None:
        """Wake everybody for good: the service shuts down."""
        self.closing = True
        for key in list(self._events):
            self.ring(key)

    async def wait(self, key: str, seen: int, seconds: float) -> bool:
        """Wait until the bell rings after ``seen``; return whether it did in time.

        It lets others run even where there is nothing to wait for: a loop that did not could never be stopped.
        """
        if self.closing or self._generations[key] != seen:
            await asyncio.sleep(0)
            return True
        event = self._events.setdefault(key, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
        return True
