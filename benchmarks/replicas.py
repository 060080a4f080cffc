"""What a second broker on the same PostgreSQL adds to intake: two offices push at once, to one broker or to one each.

Brokers that only take in, in processes of their own; the offices' push lanes run in this one, as much for one broker as
for two. Turns alternate, so that whatever else the machine does falls on both.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.brokers import BrokerProcess, until_up
from benchmarks.cores import look, others_between
from benchmarks.databases import MakeDatabase, broker_on_postgresql, fresh_folder
from benchmarks.figures import Figure, others_cores, publish
from benchmarks.joint import joint_clients, write_records
from benchmarks.sender import Sender
from services.cli.demo.nursery import Nursery
from services.cli.demo.show import Steps
from shared.domain.institutions import BROKER

CLIENTS = 200
A_PUSH = 500
NOTES = (
    "Two offices push 500 SETs at a time, both at once; the one process that plays both pushes is part of the measure.",
    f"On a machine of {os.cpu_count()} cores the offices, PostgreSQL and two threads of each broker share these: where "
    "cores are few, a second broker adds less than it would on a machine of its own.",
    "Every SET was taken, none refused.",
)


@dataclass
class Replicas:
    """One measurement: seconds of each turn with one broker and with two."""

    folder: Path
    make_database: MakeDatabase
    steps: Steps
    rounds: int
    pushes: int
    took: dict[int, list[float]] = field(default_factory=lambda: {1: [], 2: []})
    others: float | None = None

    def measure(self) -> None:
        """Measure; the brokers end with it."""
        url = self.make_database(BROKER)
        brokers = [BrokerProcess(name=n, folder=self.folder, database_url=url, worker=False) for n in ("one", "two")]
        nursery = Nursery({one.name: one.service for one in brokers})
        try:
            asyncio.run(self._measure(nursery, brokers))
        finally:
            nursery.close()

    async def _measure(self, nursery: Nursery, brokers: Sequence[BrokerProcess]) -> None:
        count = 2 * self.rounds * self.pushes * A_PUSH
        self.steps.step(f"two offices write {count} records each", 2)
        async with joint_clients(self.folder, self.make_database, CLIENTS) as pair:
            for office, clients in zip((pair.pup, pair.ops), zip(*pair.clients, strict=True), strict=True):
                await write_records(office, "support-forms", clients, count)
                self.steps.done(1)
            senders = [Sender(pair.pup.node), Sender(pair.ops.node)]
            for broker in brokers:
                nursery.start(broker.name)
                await until_up(broker.url)
            before = look((os.getpid(), *nursery.pids().values()))
            self.steps.step("pushed to one broker, then to two", 2 * self.rounds)
            for _ in range(self.rounds):
                for replicas in (1, 2):
                    self.took[replicas].append(await self._turn(senders, [one.url for one in brokers[:replicas]]))
                    self.steps.done(1)
            after = look((os.getpid(), *nursery.pids().values()))
            self.others = others_between(before, after) if before and after else None

    async def _turn(self, senders: Sequence[Sender], urls: Sequence[str]) -> float:
        for number, sender in enumerate(senders):
            sender.send_to(urls[number % len(urls)])
        began = time.perf_counter()
        await asyncio.gather(*(self._push(sender) for sender in senders))
        return time.perf_counter() - began

    async def _push(self, sender: Sender) -> None:
        for _ in range(self.pushes):
            await sender.push()


def run(console: Console, *, rounds: int, pushes: int) -> None:
    """Measure and publish."""
    steps, folder = Steps(console), fresh_folder("replicas")
    with steps.bars, broker_on_postgresql(folder) as databases:
        measured = Replicas(folder, databases, steps, rounds, pushes)
        measured.measure()
        steps.finish()
    one, two = (median(measured.took[replicas]) for replicas in (1, 2))
    sets = 2 * pushes * A_PUSH
    figures = [
        Figure("two_by_one", one / two, "rate of intake of two brokers by that of one"),
        Figure("one_per_s", sets / one, "SETs a second, one broker"),
        Figure("two_per_s", sets / two, "SETs a second, two brokers on one PostgreSQL"),
    ]
    if measured.others is not None:
        figures.append(others_cores(measured.others))
    publish(console, "replicas", figures, NOTES)
