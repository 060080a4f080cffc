"""A world: three offices and their broker, callers who write, and what befalls them, all from one seed."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import structlog

from services.ops_api.main import OPS
from services.pup_api.main import PUP
from shared.domain.institutions import BROKER
from shared.domain.pesel import Pesel
from shared.exchange.identity import Identity
from shared.institution.node import Institution
from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from shared.runtime.database.encryption import load_pii_keys
from shared.runtime.database.engine import Database
from shared.runtime.settings import NodeSettings
from tests.builders import MATCH_KEY, MEMBER_SCOPES, OPERATOR_SCOPES, Federation, pesel
from tests.simulation.callers import Caller
from tests.simulation.faults import Faults
from tests.simulation.machines import Crashed, Machine, lay_down
from tests.simulation.network import Network, outside
from tests.simulation.officials import Officials
from tests.simulation.time import BEGINNING

PEOPLE = {"pup-1611": (1, 2, 3, 4, 5), "ops-1611012": (1, 2, 5), "ops-1611053": (3, 4)}
SUSPECT = 5
"""Whom two offices know under different surnames: nothing is told of the person until both have confirmed."""

KNOW_THE_SUSPECT = [office for office, people in PEOPLE.items() if SUSPECT in people]
SURNAMES = {"ops-1611012": {SUSPECT: "Zupełnieinna"}}
BROKER_LOST_EACH = 0.25
"""Runs in which the broker is restored, and no office is: what both ends of a stream lost is gone."""

WRITES = 40
FAULTS = 10
HARM = ("crash", "crash", "clock", "copy", "restore", "restore", "fork")
CUT_OFF_S = 20.0
"""An office that is to fork meets its own systems first, and the broker later."""

RESTORED_AFTER_S = 150.0
"""A restore takes its time: a call that the lost office made is too old by then to be taken for one of the new."""


@dataclass
class Ground:
    """What all runs of a process share: migrated files in which the offices are approved, keys, engines."""

    folder: Path
    settings: dict[str, NodeSettings] = field(default_factory=dict)
    engines: dict[str, Database] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def laid(cls, folder: Path) -> "Ground":
        """Register and approve, on files that are migrated."""
        ground = cls(folder)
        made = iter([BROKER, *PEOPLE])

        def make(section: str) -> str:
            file = ground.prepared(next(made))
            shutil.copy(folder / f"{section}.empty", file)
            return f"sqlite:///{file}"

        async with Federation(folder / "nodes", make) as federation:
            ground._keep(BROKER, federation.broker.settings)
            ground._issue(BROKER, federation.broker.identity, OPERATOR_SCOPES)
            for office_id in PEOPLE:
                office = await federation.join(office_id)
                ground._keep(office_id, office.node.settings)
                ground._issue(office_id, office.node.identity, MEMBER_SCOPES)
        return ground

    def _issue(self, node_id: str, identity: Identity, scopes: list[str]) -> None:
        key, began = identity.keys[0], unix(BEGINNING) - 3600
        self.tokens[node_id] = issue_token(
            (key.kid, key.private), issuer=node_id, subject="systems", scopes=scopes, iat=began, ttl_s=86400
        )

    def prepared(self, node_id: str) -> Path:
        return self.folder / f"{node_id}.prepared"

    def file(self, node_id: str) -> Path:
        return self.folder / f"{node_id}.sqlite3"

    def _keep(self, node_id: str, settings: NodeSettings) -> None:
        changes = {"database_url": f"sqlite:///{self.file(node_id)}"} | ({} if node_id == BROKER else {"purge": "off"})
        self.settings[node_id] = settings.model_copy(update=changes)
        pii_keys = load_pii_keys(settings.pii_keys_file) if hasattr(settings, "pii_keys_file") else None
        url = self.settings[node_id].database_url
        self.engines[node_id] = Database(url, pii_keys=pii_keys, synchronous="OFF")


@dataclass
class World:
    """One run."""

    seed: int
    ground: Ground
    lines: list[str] = field(default_factory=list)
    machines: dict[str, Machine] = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)
    forked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dice = random.Random(f"world {self.seed}")
        self.faults = Faults(random.Random(f"faults {self.seed}"))
        self.network = Network(self.faults, self.note, self.crash)
        forgetful = random.Random(f"officials {self.seed}").choice([None, None, *KNOW_THE_SUSPECT])
        self.loses_the_broker = random.Random(f"losses {self.seed}").random() < BROKER_LOST_EACH
        self.officials = Officials(self, forgetful)
        self._reviving: set[asyncio.Task[None]] = set()

    def note(self, line: str) -> None:
        """Put a line into the trace."""
        self.lines.append(f"{asyncio.get_running_loop().time():.6f} {line}")

    @property
    def trace_hash(self) -> str:
        return sha256("\n".join(self.lines).encode()).hexdigest()

    def token(self, node_id: str) -> str:
        return self.ground.tokens[node_id]

    @property
    def broker(self) -> Machine:
        return self.machines[BROKER]

    @property
    def offices(self) -> list[Machine]:
        return [self.machines[office] for office in PEOPLE]

    @property
    def acknowledged(self) -> int:
        return sum(caller.acknowledged for caller in self.callers.values())

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["World"]:
        """Start all machines; stop them at the end."""
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
        for node_id in (BROKER, *PEOPLE):
            self.machines[node_id] = self._machine(node_id)
        try:
            for machine in self.machines.values():
                await self._start(machine)
            yield self
        finally:
            for machine in self.machines.values():
                machine.crash()
                await machine.lie_still()

    def _machine(self, node_id: str) -> Machine:
        ground, institution = self.ground, _institution(node_id)
        lay_down(ground.prepared(node_id), ground.file(node_id))
        machine = Machine(
            node_id,
            ground.settings[node_id],
            ground.engines[node_id],
            ground.file(node_id),
            institution,
            str(self.seed),
            self._at_commit,
        )
        if institution is not None:
            dice = random.Random(f"caller {self.seed} {node_id}")
            self.callers[node_id] = Caller(
                machine, PEOPLE[node_id], self.network, dice, ground.tokens[node_id], self._goes_on
            )
            self.callers[node_id].refers_to = {person: _other(node_id, person) for person in PEOPLE[node_id]}
            self.callers[node_id].surnames = SURNAMES.get(node_id, {})
        return machine

    async def _start(self, machine: Machine) -> None:
        self.note(f"{machine.id} starts")
        await machine.start(self.network.way(machine, self.broker))

    def _goes_on(self) -> bool:
        return self.acknowledged < WRITES or (self.faults.total < FAULTS and not self.faults.healed)

    def _at_commit(self, machine: Machine, when: str) -> None:
        if machine.is_up and self.faults.at_commit():
            self.faults.noted(f"crash {when} commit")
            self.crash(machine)
            raise Crashed()

    def crash(self, machine: Machine, *, lose_the_file: bool = False) -> None:
        """Stop a machine; it starts again after a while, from its file or, if that is lost, from the copy."""
        if not machine.is_up:
            return
        self.note(f"{machine.id} crashes")
        machine.crash()
        pause = RESTORED_AFTER_S if lose_the_file else self.dice.uniform(0.1, 10)
        task = outside(self._revive(machine, pause, lose_the_file))
        self._reviving.add(task)
        task.add_done_callback(self._reviving.discard)

    async def _revive(self, machine: Machine, pause: float, restore: bool) -> None:
        """Start a machine again; one that is to fork is written to before it meets the broker."""
        await machine.lie_still()
        if restore:
            machine.restore()
            if machine is self.broker:
                self.officials.awaits_new_mailboxes = True
            else:
                self.callers[machine.id].forget_since(machine.copied_at, forks=machine.forks)
        await asyncio.sleep(pause)
        if not (restore and machine.forks):
            await self._start(machine)
            return
        machine.cut_off_until = machine.clock.monotonic() + CUT_OFF_S
        await self._start(machine)
        caller = self.callers[machine.id]
        await caller.open(caller.people[0])

    async def befall(self) -> None:
        """Crash, restore, copy and set clocks wrong, at random moments, until healed."""
        copied = [self.callers[office.id].enrolled.wait() for office in self.offices]
        await asyncio.gather(*copied)
        while not self.faults.healed:
            await asyncio.sleep(self.dice.uniform(0.5, 6))
            kind = self.dice.choice(HARM)
            machine = self.dice.choice(list(self.machines.values()))
            if self.loses_the_broker and kind in ("copy", "restore", "fork"):
                machine = self.broker
            if self.faults.healed or not machine.is_up:
                continue
            self.note(f"{kind} {machine.id}")
            match kind:
                case "crash":
                    self.faults.noted("crash")
                    self.crash(machine)
                case "clock":
                    self.faults.noted("clock jump")
                    machine.clock.wrong_by_s = self.dice.uniform(-300, 300)
                case "copy" | "restore" | "fork" if not self._may_lose_its_file(machine):
                    pass
                case "copy":
                    machine.back_up()
                case "restore" | "fork" if not machine.copied_at:
                    machine.back_up()
                case "restore" | "fork":
                    self.faults.noted(kind)
                    machine.is_restored, machine.forks = True, kind == "fork" and machine is not self.broker
                    self.forked |= (
                        {*PEOPLE, BROKER} if machine is self.broker else {machine.id} if machine.forks else set()
                    )
                    self.crash(machine, lose_the_file=True)

    def _may_lose_its_file(self, machine: Machine) -> bool:
        if machine is self.broker:
            return self.loses_the_broker
        return machine.is_ready and not self.loses_the_broker

    async def heal(self) -> None:
        """End all faults, and wait until every machine is up."""
        self.faults.healed = True
        self.note("healed")
        while self._reviving:
            await asyncio.wait(set(self._reviving))

    def is_joint(self, person: int) -> bool:
        """Tell whether all offices that have a person are to share what they write."""
        return person != SUSPECT or self.officials.forgetful not in [
            office for office in PEOPLE if SUSPECT in PEOPLE[office]
        ]


def _other(office_id: str, person: int) -> str:
    """Return the other office that has a person."""
    return next(office for office, people in PEOPLE.items() if office != office_id and person in people)


def token_of(person: int) -> str:
    """Return a person's token."""
    return MATCH_KEY.token(Pesel(pesel(person)))


def _institution(node_id: str) -> Institution | None:
    return None if node_id == BROKER else PUP if node_id.startswith("pup") else OPS
