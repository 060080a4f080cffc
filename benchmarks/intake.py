"""How fast a broker takes SETs in, pushed 500 at a time, against verifying them alone.

An office writes records of joint clients through its own API while no broker is there. Then its push lane sends them
to a broker in another process: first to one that takes them in and does nothing else, then to one that relays too.
"""

import asyncio
import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console
from sqlalchemy import Select, func, select

from benchmarks.brokers import BrokerProcess, until_up
from benchmarks.cores import look, others_between
from benchmarks.databases import OPS, PUP, MakeDatabase, broker_on_postgresql, fresh_folder, on_sqlite
from benchmarks.figures import Figure, publish, quantile
from benchmarks.joint import PATHS, joint_clients, write_records
from benchmarks.sender import Sender
from services.broker.tables import RelayNoteRow
from services.cli.demo.nursery import Nursery
from services.cli.demo.show import Steps
from shared.domain.institutions import BROKER
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow, StreamRow
from shared.runtime.database.engine import Database

CLIENTS = 200
A_PUSH = 500
LOOK_S = 0.02
TARGETS = {"postgresql": 0.6, "sqlite": 0.7}
NOTES = (
    "A push is timed from its body to the broker's answer, its proof verified: HTTP over loopback, judging, commit.",
    "Verifying alone is PyJWT's decode of the same SETs on one core of this process, in turn with the pushes.",
    "The broker checks a push's signatures in two threads, as the product does; its database works beside it.",
    "With relay: from the first push until all stands in the other office's mailbox, one process doing both.",
)


@dataclass
class Outcome:
    """Seconds of each push that is taken in alone, of verifying its SETs alone, and of as many that are relayed too.

    CPU seconds of both sides over all pushes that are taken in alone; cores that others used meanwhile.
    """

    pushes: list[float] = field(default_factory=list)
    verified: list[float] = field(default_factory=list)
    relayed_s: float = 0.0
    verified_cpu: float = 0.0
    broker_cpu: float | None = None
    others: float | None = None


@dataclass(frozen=True)
class Intake:
    """One measurement on one kind of database."""

    kind: str
    folder: Path
    make_database: MakeDatabase
    steps: Steps
    pushes: int
    outcome: Outcome = field(default_factory=Outcome)

    def measure(self) -> Outcome:
        """Measure with two brokers on one database, one after the other."""
        url = self.make_database(BROKER)
        taking = BrokerProcess(name="taking", folder=self.folder, database_url=url, worker=False)
        relaying = BrokerProcess(name="relaying", folder=self.folder, database_url=url)
        nursery = Nursery({one.name: one.service for one in (taking, relaying)})
        try:
            asyncio.run(self._measure(nursery, taking, relaying))
        finally:
            nursery.close()
        return self.outcome

    async def _measure(self, nursery: Nursery, taking: BrokerProcess, relaying: BrokerProcess) -> None:
        self.steps.step(f"{self.kind}: {CLIENTS} joint clients, {2 * self.pushes * A_PUSH} records", 1)
        async with joint_clients(self.folder, self.make_database, CLIENTS) as pair:
            sender, db = Sender(pair.pup.node), pair.federation.broker.db
            shared = await sender.position()
            for path in PATHS:
                await write_records(pair.pup, path, [client for client, _ in pair.clients], self.pushes * A_PUSH)
            await _serve(nursery, taking, sender)
            await self._take_in(sender, shared, nursery.pids()[taking.name])
            nursery.stop(taking.name)
            await _serve(nursery, relaying, sender)
            await _until_relayed(db)
            await self._relay_too(sender, db)
            await _require_all(db, await sender.position(), 2 * self.pushes * A_PUSH)

    async def _take_in(self, sender: Sender, shared: int, broker: int) -> None:
        self.steps.step(f"{self.kind}: verified alone, then pushed", self.pushes)
        before = look((os.getpid(), broker))
        for number in range(self.pushes):
            texts = await sender.waiting(shared + number * A_PUSH)
            assert len(texts) == A_PUSH, f"{len(texts)} SETs in a push"
            cpu = time.process_time()
            self.outcome.verified.append(sender.verify_alone(texts))
            self.outcome.verified_cpu += time.process_time() - cpu
            self.outcome.pushes.append(await sender.push())
            self.steps.done(1)
        after = look((os.getpid(), broker))
        if before and after:
            self.outcome.broker_cpu = after.of[broker] - before.of[broker]
            self.outcome.others = others_between(before, after)

    async def _relay_too(self, sender: Sender, db: Database) -> None:
        self.steps.step(f"{self.kind}: pushed and relayed", self.pushes)
        began = time.perf_counter()
        for _ in range(self.pushes):
            await sender.push()
            self.steps.done(1)
        await _until_relayed(db)
        self.outcome.relayed_s = time.perf_counter() - began


def run(console: Console, *, pushes: int) -> None:
    """Measure and publish."""
    steps, figures = Steps(console), list[Figure]()
    with steps.bars:
        for kind in TARGETS:
            folder = fresh_folder(f"intake/{kind}")
            with broker_on_postgresql(folder) if kind == "postgresql" else nullcontext(on_sqlite(folder)) as databases:
                figures += _figures(kind, Intake(kind, folder, databases, steps, pushes).measure())
        steps.finish()
    publish(console, "intake", figures, NOTES)


async def _serve(nursery: Nursery, process: BrokerProcess, sender: Sender) -> None:
    nursery.start(process.name)
    await until_up(process.url)
    sender.send_to(process.url)


async def _until_relayed(db: Database) -> None:
    while await _count(db, select(func.count()).select_from(RelayNoteRow)):  # noqa: ASYNC110  # it happens elsewhere
        await asyncio.sleep(LOOK_S)


async def _require_all(db: Database, position: int, written: int) -> None:
    """Refuse to give figures unless every SET was stored, none refused, and all stand in the other office's mailbox."""
    stream = select(StreamRow.id).where(StreamRow.owner == PUP).scalar_subquery()
    mailbox = select(StreamRow.id).where(StreamRow.owner == BROKER, StreamRow.peer == OPS).scalar_subquery()
    entries = select(func.count()).select_from(EntryRow).where(EntryRow.state == "kept")
    found = {
        "taken": await _count(db, entries.where(EntryRow.stream_id == stream)),
        "stored": await _count(db, select(func.count()).select_from(SetRow).where(SetRow.iss == PUP)),
        "dead": await _count(db, select(func.count()).select_from(DeadLetterRow)),
        "relayed": await _count(db, entries.where(EntryRow.stream_id == mailbox, EntryRow.iss == PUP)),
    }
    relayed = written + CLIENTS  # each client's restatement came before
    assert found == {"taken": position, "stored": position, "dead": 0, "relayed": relayed}, found


async def _count(db: Database, query: Select[int]) -> int:
    async with db.read() as session:
        return await session.scalar(query) or 0


def _figures(kind: str, outcome: Outcome) -> list[Figure]:
    count = len(outcome.pushes) * A_PUSH
    taken, both = median(outcome.pushes) / A_PUSH, outcome.relayed_s / count
    ratios = [alone / push for push, alone in zip(outcome.pushes, outcome.verified, strict=True)]
    figures = [
        Figure(f"of_verify_{kind}", median(ratios), "rate of intake by rate of PyJWT alone", at_least=TARGETS[kind]),
        Figure(f"of_verify_{kind}_q1", quantile(ratios, 0.25), "a quarter of the pushes is at most here"),
        Figure(f"of_verify_{kind}_q3", quantile(ratios, 0.75), "three quarters of the pushes are at most here"),
        Figure(f"{kind}_verify_per_s", A_PUSH / median(outcome.verified), "SETs a second, PyJWT alone, in between"),
        Figure(f"{kind}_intake_per_s", 1 / taken, "SETs a second, push until receipt"),
        Figure(f"{kind}_intake_and_relay_per_s", 1 / both, "SETs a second, push until in the mailbox"),
        Figure(f"{kind}_relay_adds_us", (both - taken) * 1_000_000, "microseconds that relay adds to each SET"),
    ]
    if outcome.broker_cpu is not None and outcome.others is not None:
        used, alone = outcome.broker_cpu / count * 1_000_000, outcome.verified_cpu / count * 1_000_000
        figures += [
            Figure(f"{kind}_intake_cpu_us", used, "the broker's CPU time for each SET, microseconds"),
            Figure(f"{kind}_verify_cpu_us", alone, "PyJWT's CPU time for each SET, microseconds"),
            Figure(f"{kind}_others_cores", outcome.others, "cores others used meanwhile, the database's among them"),
        ]
    return figures
