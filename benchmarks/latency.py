"""How long a write at a labour office takes until a welfare centre has it: three real processes, as in the demo.

Records are written at a steady rate, whether earlier ones were answered or not. The time of each runs from the
moment its request is sent to the moment it can be read at the other office, on one clock: this process's own.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from rich.console import Console

from benchmarks.arrivals import Arrivals
from benchmarks.cores import QUIET_CORES, Neighbours
from benchmarks.databases import OPS, PUP, fresh_folder
from benchmarks.figures import Figure, others_cores, publish, quantile
from benchmarks.joint import bodies
from services.cli.demo.caller import Caller
from services.cli.demo.load import Loader
from services.cli.demo.measure import measure
from services.cli.demo.nursery import Nursery
from services.cli.demo.people.people import Person, make_people
from services.cli.demo.quiet import until_quiet
from services.cli.demo.show import Steps
from services.cli.demo.stage import FEDERATION, Stage
from shared.domain.institutions import BROKER

NODES = (BROKER, PUP, OPS)
PEOPLE = 480
"""Of so many people of a pilot, those that the two offices share: a few dozen, half of them recipients."""

PATIENCE_S = 30
FEWEST_QUIET = 100
NOTES = (
    "A write is timed from its request at the labour office's API to the moment its record can be read in the welfare "
    "centre's database, on the one clock of the measuring process, which looks every millisecond.",
    "Writes keep their rate whether earlier ones were answered or not; each is a call of its own with an idempotency "
    "key. The broker assesses recipients meanwhile, as in the demo at most once a second each.",
    "Every write arrived, nothing was lost or refused, and both ends of every stream agree at the end.",
)


@dataclass
class Written:
    """A write: when it was sent and answered, and the id of the record it made."""

    sent: float
    answered: float = 0.0
    record: str = ""


@dataclass
class Latency:
    """One run on a stage of its own."""

    stage: Stage
    nursery: Nursery
    steps: Steps
    people: Sequence[Person]
    callers: dict[str, Caller] = field(default_factory=dict)

    async def run(self, rate: int, seconds: float) -> list[Figure]:
        """Load the people as the demo does, then write and watch."""
        self.callers = {name: Caller(self.stage.places[name]) for name in NODES}
        try:
            await self._load()
            arrivals = Arrivals(self.stage.folder / f"{OPS}.sqlite3", PUP)
            neighbours = Neighbours((os.getpid(), *self.nursery.pids().values()))
            watching = [asyncio.create_task(watched.watch()) for watched in (arrivals, neighbours)]
            writes = await self._write(rate, seconds)
            await _until_arrived(arrivals, writes)
            for task in watching:
                task.cancel()
            await self._rest()
            await self._require_all()
            return [*_figures(arrivals, writes), *self._circumstances(arrivals, writes, neighbours)]
        finally:
            for caller in self.callers.values():
                await caller.close()

    async def _load(self) -> None:
        loader = Loader(
            people=self.people,
            broker=self.callers[BROKER],
            offices={name: self.callers[name] for name in (PUP, OPS)},
            rest=self._rest,
            step=self.steps.step,
            done=self.steps.done,
            stop=self.nursery.stop,
            start=self.nursery.start,
        )
        await loader.load(FEDERATION, self.stage.match_key.fingerprint)

    async def _rest(self, offline: str | None = None) -> None:
        offices = {name: self.callers[name] for name in (PUP, OPS)}
        await until_quiet(self.callers[BROKER], offices, offline=offline)

    async def _write(self, rate: int, seconds: float) -> list[Written]:
        count = int(rate * seconds)
        self.steps.step(f"{rate} writes a second for {seconds:g} s", count)
        wanted = islice(zip(cycle(self.people), cycle(bodies(PUP, "support-forms")), strict=False), count)
        began, writes = time.perf_counter(), list[Written]()
        async with asyncio.TaskGroup() as tasks:
            for number, (person, body) in enumerate(wanted):
                await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
                writes.append(Written(time.perf_counter()))
                tasks.create_task(self._one(writes[-1], person, body))
        return writes

    async def _one(self, write: Written, person: Person, body: dict[str, object]) -> None:
        office = self.callers[PUP]
        answer = await office.post(f"/v1/clients/{office.ids[person.pesel]}/support-forms", body)
        write.answered, write.record = time.perf_counter(), answer["id"]
        self.steps.done(1)

    async def _require_all(self) -> None:
        """Refuse to give figures if anything was lost or refused."""
        report = (await measure([self.stage.places[name] for name in NODES], self.people, self.stage.match_key)).report
        found = {name: report["events"][name] for name in ("lost", "dead_letters")}
        found["checkpoints_equal"] = report["checkpoints_equal"]
        assert found == {"lost": 0, "dead_letters": 0, "checkpoints_equal": True}, found

    def _circumstances(self, arrivals: Arrivals, writes: Sequence[Written], neighbours: Neighbours) -> list[Figure]:
        """Return what others did meanwhile, and the times of writes that they left alone."""
        if len(neighbours.looks) < 2:
            return []
        quiet = [w for w in writes if neighbours.were_quiet(w.sent, arrivals.at[w.record])]
        took = [(arrivals.at[write.record] - write.sent) * 1000 for write in quiet]
        figures = [Figure("quiet_writes", len(quiet), f"writes while others used less than {QUIET_CORES:g} cores")]
        if len(quiet) >= FEWEST_QUIET:
            figures.append(Figure("quiet_p50_ms", quantile(took, 0.5), "as above, of these writes alone"))
            figures.append(Figure("quiet_p99_ms", quantile(took, 0.99), "as above, of these writes alone"))
        for name, pid in self.nursery.pids().items():
            said = "its share of a core meanwhile"
            figures.append(Figure(f"{name.partition('-')[0]}_cores", neighbours.cores_of(pid), said))
        figures.append(Figure("measuring_cores", neighbours.cores_of(os.getpid()), "this process's share"))
        return [*figures, others_cores(neighbours.others())]


def _figures(arrivals: Arrivals, writes: Sequence[Written]) -> list[Figure]:
    took = [(arrivals.at[write.record] - write.sent) * 1000 for write in writes]
    answers = [(write.answered - write.sent) * 1000 for write in writes]
    return [
        Figure("p50_ms", quantile(took, 0.5), "write sent, until it can be read at the other office"),
        Figure("p99_ms", quantile(took, 0.99), "the same, 99 of 100 writes", at_most=100),
        Figure("highest_ms", max(took), "the same, the slowest write"),
        Figure("answer_p50_ms", quantile(answers, 0.5), "write sent, until the own office answered"),
        Figure("answer_p99_ms", quantile(answers, 0.99), "the same, 99 of 100 writes"),
        Figure("writes", len(writes), "writes, each of which arrived"),
    ]


async def _until_arrived(arrivals: Arrivals, writes: Sequence[Written]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not all(write.record in arrivals.at for write in writes):  # noqa: ASYNC110  # it happens elsewhere
            await asyncio.sleep(0.05)


def run(console: Console, *, rate: int, seconds: float) -> None:
    """Measure and publish."""
    everybody = make_people(people=PEOPLE, seed=1)
    people = [person for person in everybody if person.offices == (PUP, OPS) and person.expected == "joint"]
    steps = Steps(console)
    stage = Stage(fresh_folder("latency"), None, people)
    stage.build()
    nursery = Nursery(stage.services())
    try:
        with steps.bars:
            figures = asyncio.run(Latency(stage, nursery, steps, people).run(rate, seconds))
            steps.finish()
    finally:
        nursery.close()
    publish(console, "latency", figures, NOTES)
