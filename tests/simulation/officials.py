"""The officials of all offices and the broker's operator: they answer and decide, and one may forget to answer."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx2

from shared.domain.institutions import BROKER
from shared.institution.node import PUSH
from tests.simulation.callers import Caller
from tests.simulation.machines import Machine, ask
from tests.simulation.network import Network

LOOK_S = 20.0
STANDS_S = 70.0
CREATED, CONFLICT = 201, 409
_OPEN = "SELECT count(*) FROM suspicion WHERE state = 'open'"
_WAITING = "SELECT count(*) FROM relay_note"


class Place(Protocol):
    """Where officials work."""

    callers: Mapping[str, Caller]
    machines: Mapping[str, Machine]
    network: Network
    note: Callable[[str], None]

    def token(self, node_id: str) -> str:
        """Return what officials of a node show."""


@dataclass
class Officials:
    """``forgetful``: the office whose official answers no suspicion until reminded."""

    place: Place
    forgetful: str | None
    told: dict[str, float] = field(default_factory=dict)
    awaits_new_mailboxes: bool = False

    async def work(self) -> None:
        """Look around, again and again."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self._begin_mailboxes_anew(self.place.machines[BROKER])
            for office, caller in self.place.callers.items():
                machine = self.place.machines[office]
                if self._stands_at_a_fork(machine):
                    self.place.note(f"{office} is told to begin anew")
                    await self._call(machine, "/v1/exchange/begin-anew")
                    for person in list(caller.clients):
                        await caller.take_back(person)
                elif office != self.forgetful and machine.is_ready and self.awaits(machine):
                    for suspicion in await caller.read("/v1/suspicions"):
                        await caller.confirm(suspicion["id"])

    def are_done(self) -> bool:
        """Tell whether nothing waits for them but what the forgetful forgot."""
        offices = [self.place.machines[office] for office in self.place.callers if office != self.forgetful]
        return not self.awaits_new_mailboxes and not any(self.awaits(office) for office in offices)

    @staticmethod
    def awaits(machine: Machine) -> bool:
        """Tell whether an answer is awaited of an office."""
        return bool(ask(machine.file, _OPEN)[0][0])

    def _stands_at_a_fork(self, machine: Machine) -> bool:
        """Tell whether the stream of an office forked; once told to begin anew, its lane looks again after a minute."""
        now = machine.clock.monotonic()
        if machine.node is None or machine.node.lanes[PUSH].problem != "stream-fork":
            return False
        if now < self.told.get(machine.id, 0.0) + STANDS_S:
            return False
        self.told[machine.id] = now
        return True

    async def _begin_mailboxes_anew(self, broker: Machine) -> None:
        """Once the restored broker has again what the offices had told it, begin all mailboxes anew."""
        if not self.awaits_new_mailboxes or not broker.is_up or ask(broker.file, _WAITING)[0][0]:
            return
        self.place.note("the broker is told to begin its mailboxes anew")
        status = await self._call(broker, "/v1/mailboxes/begin-anew")
        asked = self.told.setdefault(BROKER, broker.clock.monotonic())
        # Nothing was lost where no poll says so: after a while there is nothing to begin anew.
        if status == CREATED or (status == CONFLICT and broker.clock.monotonic() > asked + STANDS_S):
            self.awaits_new_mailboxes = False
            del self.told[BROKER]

    async def _call(self, machine: Machine, path: str) -> int | None:
        headers = {"Authorization": f"Bearer {self.place.token(machine.id)}"}
        request = httpx2.Request("POST", f"http://{machine.id}{path}", headers=headers)
        with contextlib.suppress(httpx2.HTTPError):
            answer = await self.place.network.carry(None, machine, request)
            return answer.status_code
        return None
