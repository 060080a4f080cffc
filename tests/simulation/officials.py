"""The officials of all offices: they answer suspicions and let a stream begin anew, and one may forget to answer."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx2

from shared.institution.node import PUSH
from tests.simulation.callers import Caller
from tests.simulation.machines import Machine, ask

LOOK_S = 20.0
STANDS_S = 70.0
_OPEN = "SELECT count(*) FROM suspicion WHERE state = 'open'"


@dataclass
class Officials:
    """``forgetful``: the office whose official answers no suspicion until reminded."""

    callers: Mapping[str, Caller]
    note: Callable[[str], None]
    forgetful: str | None
    told: dict[str, float] = field(default_factory=dict)

    async def work(self) -> None:
        """Look around, again and again."""
        while True:
            await asyncio.sleep(LOOK_S)
            for office, caller in self.callers.items():
                machine: Machine = caller.machine  # type: ignore[assignment]
                if self._stands_at_a_fork(machine):
                    self.note(f"{office} is told to begin anew")
                    await self._call(caller, "/v1/exchange/begin-anew")
                    for person in list(caller.clients):
                        await caller.take_back(person)
                elif office != self.forgetful and machine.is_ready and self.awaits(machine):
                    await self._answer(caller)

    def _stands_at_a_fork(self, machine: Machine) -> bool:
        """Tell whether the stream of an office forked; once told to begin anew, its lane looks again after a minute."""
        now = machine.clock.monotonic()
        if machine.node is None or machine.node.lanes[PUSH].problem != "stream-fork":
            return False
        if now < self.told.get(machine.id, 0.0) + STANDS_S:
            return False
        self.told[machine.id] = now
        return True

    def are_done(self) -> bool:
        """Tell whether every suspicion is answered but those of the forgetful."""
        return not any(self.awaits(one.machine) for name, one in self.callers.items() if name != self.forgetful)

    @staticmethod
    def awaits(machine: Machine) -> bool:
        """Tell whether an answer is awaited of an office."""
        return bool(ask(machine.file, _OPEN)[0][0])

    async def _answer(self, caller: Caller) -> None:
        for suspicion in await caller.read("/v1/suspicions"):
            await caller.confirm(suspicion["id"])

    async def _call(self, caller: Caller, path: str) -> None:
        headers = {"Authorization": f"Bearer {caller.token}"}
        request = httpx2.Request("POST", f"http://{caller.machine.id}{path}", headers=headers)
        with contextlib.suppress(httpx2.HTTPError):
            await caller.network.carry(None, caller.machine, request)
