"""How long a single event waits while another office floods the broker: real processes, one broker that relays too.

The welfare centre tells single events, one after another: first while nothing else is said, then while the labour
office's push lane sends all that it has. Each is timed from its push until it stands in the other's mailbox.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console
from sqlalchemy import func, select

from benchmarks.brokers import BrokerProcess, until_up
from benchmarks.databases import OPS, PUP, MakeDatabase, broker_on_postgresql, fresh_folder, on_sqlite
from benchmarks.figures import Figure, publish
from benchmarks.joint import Pair, bodies, joint_clients, write_records
from benchmarks.sender import Sender
from services.cli.demo.nursery import Nursery
from services.cli.demo.show import Steps
from shared.domain.institutions import BROKER
from shared.exchange.stream.tables import EntryRow, StreamRow
from shared.runtime.database.engine import Database

CLIENTS = 200
A_PUSH = 500
QUIET = 20
LOOK_S = 0.005
AT_MOST_S = 1.0
NOTES = (
    "A single event is timed from its push to its place in the other office's mailbox, looked for every 5 ms.",
    "The flood is pushed as fast as the broker takes it in, by a process that shares the machine with the broker, and "
    "is relayed to another mailbox. The wait behind a flood within one mailbox is the reader's and not measured here.",
)


@dataclass
class Fairness:
    """One measurement on one kind of database: seconds of each single event, alone and during the flood."""

    kind: str
    folder: Path
    make_database: MakeDatabase
    steps: Steps
    pushes: int
    alone: list[float] = field(default_factory=list)
    flooded: list[float] = field(default_factory=list)

    def measure(self) -> None:
        """Measure with one broker that takes in and relays."""
        broker = BrokerProcess(name="broker", folder=self.folder, database_url=self.make_database(BROKER))
        nursery = Nursery({broker.name: broker.service})
        try:
            asyncio.run(self._measure(nursery, broker))
        finally:
            nursery.close()

    async def _measure(self, nursery: Nursery, broker: BrokerProcess) -> None:
        self.steps.step(f"{self.kind}: {self.pushes * A_PUSH} records", 1)
        async with joint_clients(self.folder, self.make_database, CLIENTS) as pair:
            clients = [client for client, _ in pair.clients]
            await write_records(pair.pup, "support-forms", clients, self.pushes * A_PUSH)
            nursery.start(broker.name)
            await until_up(broker.url)
            flood, single = Sender(pair.pup.node), Sender(pair.ops.node)
            for sender in (flood, single):
                sender.send_to(broker.url)
            told = 0

            def enough() -> bool:
                nonlocal told
                told += 1
                return told > QUIET

            self.alone = await self._tell(pair, single, enough)
            self.steps.step(f"{self.kind}: the flood", self.pushes)
            flooding = asyncio.create_task(self._flood(flood))
            self.flooded = await self._tell(pair, single, flooding.done)
            await flooding

    async def _flood(self, sender: Sender) -> None:
        for _ in range(self.pushes):
            await sender.push()
            self.steps.done(1)

    async def _tell(self, pair: Pair, sender: Sender, is_over: Callable[[], bool]) -> list[float]:
        """Tell single events until it is over; return how long each took."""
        took: list[float] = []
        db, form = pair.federation.broker.db, next(bodies(OPS, "support-forms"))
        while not is_over():
            client = pair.clients[len(took) % CLIENTS][1]
            await pair.ops.post(f"/v1/clients/{client}/support-forms", form)
            before, began = await _arrived(db), time.perf_counter()
            await sender.push()
            while await _arrived(db) == before:  # noqa: ASYNC110  # it happens elsewhere
                await asyncio.sleep(LOOK_S)
            took.append(time.perf_counter() - began)
        return took


async def _arrived(db: Database) -> int:
    """Count what stands in the labour office's mailbox of the welfare centre's."""
    mailbox = select(StreamRow.id).where(StreamRow.owner == BROKER, StreamRow.peer == PUP).scalar_subquery()
    async with db.read() as session:
        query = select(func.count()).where(EntryRow.stream_id == mailbox, EntryRow.iss == OPS)
        return await session.scalar(query) or 0


def _within(seconds: list[float], percent: int) -> float:
    """Return the time within which so many of a hundred were done."""
    return sorted(seconds)[len(seconds) * percent // 100 - (len(seconds) * percent % 100 == 0)]


def run(console: Console, *, pushes: int) -> None:
    """Measure and publish."""
    steps, figures = Steps(console), list[Figure]()
    with steps.bars:
        for kind in ("postgresql", "sqlite"):
            folder = fresh_folder(f"fairness/{kind}")
            with broker_on_postgresql(folder) if kind == "postgresql" else nullcontext(on_sqlite(folder)) as databases:
                measured = Fairness(kind, folder, databases, steps, pushes)
                measured.measure()
            added = max(measured.flooded) - median(measured.alone)
            figures += [
                Figure(f"{kind}_added_s", added, "the longest wait in the flood, over the usual", at_most=AT_MOST_S),
                Figure(f"{kind}_alone_s", median(measured.alone), "push until in the mailbox, nothing else said"),
                Figure(f"{kind}_flooded_s", median(measured.flooded), "the same, in the flood, the median"),
                Figure(f"{kind}_most_s", _within(measured.flooded, 99), "99 of 100 waited at most this long"),
                Figure(f"{kind}_events", len(measured.flooded), "single events told in the flood"),
            ]
        steps.finish()
    publish(console, "fairness", figures, NOTES)
