"""What is done to the processes: drawn from the seed, one after another, each for a moment."""

import asyncio
import random
import signal
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos import proxy
from tests.chaos.stage import REPLICAS, Service, Stage

KINDS = (
    "kill", "kill", "kill", "stop", "postgres restart", "disk full", "clock jump", *proxy.KINDS,
)  # fmt: skip


@dataclass
class Faults:
    """Does harm, and mends it."""

    stage: Stage
    proxy: proxy.Proxy
    dice: random.Random
    counts: Counter[str] = field(default_factory=Counter)

    async def do_one(self) -> str:
        """Do one kind of harm and return its name; what it stopped is running again afterwards."""
        kind = self.dice.choice(KINDS)
        service = self.dice.choice(list(self.stage.services.values()))
        match kind:
            case "kill":
                await self._kill(service)
            case "stop":
                await self._stop(service)
            case "postgres restart":
                await asyncio.to_thread(self.stage.postgres.kill)
                await asyncio.sleep(self.dice.uniform(0, 2))
                await asyncio.to_thread(self.stage.postgres.start)
            case "disk full":
                service = self.dice.choice(self.stage.offices)
                service.fill_disk()
                await asyncio.sleep(self.dice.uniform(1, 4))
                service.empty_disk()
            case "clock jump":
                service.set_clock(self.dice.uniform(-300, 300))
            case _:
                await self._spoil(kind)
        self.counts[kind] += 1
        return f"{kind} {service.name if kind not in proxy.KINDS and kind != 'postgres restart' else ''}".strip()

    def mend(self) -> None:
        """Set all clocks right; nothing else is left to mend."""
        for service in self.stage.services.values():
            service.set_clock(0)

    async def _kill(self, service: Service) -> None:
        await asyncio.to_thread(service.kill)
        await asyncio.sleep(self.dice.uniform(0, 2))
        service.start()
        if service.name in REPLICAS:
            await asyncio.sleep(1)

    async def _stop(self, service: Service) -> None:
        service.signal(signal.SIGSTOP)
        await asyncio.sleep(self.dice.uniform(0.5, 12))
        service.signal(signal.SIGCONT)

    async def _spoil(self, kind: str) -> None:
        self.proxy.kind = kind
        await asyncio.sleep(self.dice.uniform(2, 5))
        self.proxy.kind = None
