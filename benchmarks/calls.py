"""What proofs cost: merged views read at the broker under proofs, signed and verified on both sides, and without.

Two brokers on equal databases, each a process of its own; the calling office is this process. Rounds take turns, so
that whatever else the machine does meets both alike.
"""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile
from statistics import median

from fastapi import Request
from rich.console import Console

from benchmarks.brokers import BrokerProcess, until_up
from benchmarks.cores import look, others_between
from benchmarks.databases import OPS, MakeDatabase, fresh_folder, on_sqlite
from benchmarks.figures import Figure, others_cores, publish, quantile
from benchmarks.joint import PATHS, joint_clients, write_records
from benchmarks.reader import Reader, ReadingOffice, Round
from services.broker.routes.proven import Caller
from services.cli.demo.nursery import Nursery
from services.cli.demo.show import Steps
from shared.domain.institutions import BROKER
from shared.domain.pesel import Pesel
from tests.builders import MATCH_KEY, pesel

AT_ONCE = 16
RECORDS = 40
NOTES = (
    "The caller signs every proof and verifies every answer's proof in line, in its own process; nothing is signed "
    "before or verified after.",
    "At 16 at once the broker is the bottleneck as long as the caller's share of a core stays well below 1; the "
    "percentiles are then mostly time in the queue.",
    "At 1 at once nothing overlaps: that ratio holds the work of both sides.",
    "Both brokers read SQLite, where a read costs least and a proof weighs most.",
)


@dataclass(frozen=True)
class NoGate:
    """Takes every caller for one office: the broker as it would be without proofs."""

    institution: str

    async def admit(self, request: Request) -> Caller:
        """Return who calls, without asking."""
        return Caller(self.institution, "", "")


@dataclass
class Compared:
    """Rounds under proofs and without; neighbours in time stand at the same place of either list."""

    signed: list[Round] = field(default_factory=list)
    unsigned: list[Round] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Return signed by unsigned time per call, of each two neighbours."""
        return [one.per_call_ms / other.per_call_ms for one, other in zip(self.signed, self.unsigned, strict=True)]


def run(console: Console, *, rounds: int, seconds: float) -> None:
    """Measure and publish."""
    folder = fresh_folder("calls")
    make_database = on_sqlite(folder)
    copy = folder / "copy.sqlite3"
    signed = BrokerProcess(name="signed", folder=folder, database_url=make_database(BROKER))
    unsigned = BrokerProcess(
        name="unsigned", folder=folder, database_url=f"sqlite:///{copy}", gate=NoGate(OPS), sign_answers=False
    )
    nursery = Nursery({one.name: one.service for one in (signed, unsigned)})
    steps = Steps(console)
    try:
        with steps.bars:
            steps.step(f"one joint client with {RECORDS} records", 1)
            office = asyncio.run(_office(folder, make_database))
            copyfile(folder / f"{BROKER}.sqlite3", copy)
            for one in (signed, unsigned):
                nursery.start(one.name)
                asyncio.run(until_up(one.url))
            pids = nursery.pids()
            readers = (
                Reader(url=signed.url, pid=pids["signed"], office=office),
                Reader(url=unsigned.url, pid=pids["unsigned"], office=office, signed=False),
            )
            watched = (os.getpid(), *pids.values())
            before = look(watched)
            crowd, alone = asyncio.run(_measure(*readers, steps, rounds, seconds))
            after = look(watched)
            steps.finish()
    finally:
        nursery.close()
    figures = _figures(crowd, alone)
    if before and after:
        figures.append(others_cores(others_between(before, after)))
    publish(console, "calls", figures, NOTES)


async def _office(folder: Path, make_database: MakeDatabase) -> ReadingOffice:
    """Make the data, and the office that reads it."""
    async with joint_clients(folder, make_database, 1) as pair:
        offices = (pair.pup, pair.ops)
        for office, client in zip(offices, pair.clients[0], strict=True):
            for path in PATHS:
                await write_records(office, path, [client], RECORDS // (len(PATHS) * len(offices)))
        await pair.federation.settle()
        directory = pair.ops.node.client.directory
        assert directory is not None
        return ReadingOffice(pair.ops.node.identity, directory, MATCH_KEY.token(Pesel(pesel(0))))


async def _measure(
    signed: Reader, unsigned: Reader, steps: Steps, rounds: int, seconds: float
) -> tuple[Compared, Compared]:
    for reader in (signed, unsigned):
        held = await reader.count_records()
        assert held == RECORDS, f"{held} records instead of {RECORDS}"
        await reader.read(1, AT_ONCE)
    compared = []
    for at_once in (AT_ONCE, 1):
        steps.step(f"rounds of {seconds:g} s, {at_once} at once, in turn", 2 * rounds)
        result = Compared()
        for number in range(rounds):
            pair = [(signed, result.signed), (unsigned, result.unsigned)]
            for reader, into in pair if number % 2 else reversed(pair):
                into.append(await reader.read(seconds, at_once))
                steps.done(1)
        compared.append(result)
    return compared[0], compared[1]


def _figures(crowd: Compared, alone: Compared) -> list[Figure]:
    ratios = crowd.ratios
    figures = [
        Figure(
            "signed_to_unsigned", median(ratios), f"time per call, {AT_ONCE} at once, median of rounds", at_most=1.4
        ),
        Figure("signed_to_unsigned_q1", quantile(ratios, 0.25), "a quarter of the rounds is at most here"),
        Figure("signed_to_unsigned_q3", quantile(ratios, 0.75), "three quarters are at most here"),
        Figure("signed_to_unsigned_alone", median(alone.ratios), "time per call, 1 at once: both sides' work in line"),
    ]
    sides = (("signed", crowd.signed, alone.signed), ("unsigned", crowd.unsigned, alone.unsigned))
    for name, many, one in sides:
        figures += _of_side(name, many, one)
    cpu = [one.value for one in figures if one.name.endswith("_broker_cpu_ms")]
    if len(cpu) == len(sides):
        figures.insert(4, Figure("signed_to_unsigned_broker_cpu", cpu[0] / cpu[1], "the broker's CPU time per call"))
    return figures


def _of_side(name: str, many: list[Round], one: list[Round]) -> list[Figure]:
    took = [seconds * 1000 for each in many for seconds in each.took]
    worked = [each.broker_cpu for each in many if each.broker_cpu is not None]
    busy = sum(each.caller_cpu for each in many) / sum(each.seconds for each in many)
    figures = [
        Figure(f"{name}_per_s", 1000 / median(each.per_call_ms for each in many), f"calls a second, {AT_ONCE} at once"),
        Figure(f"{name}_p50_ms", quantile(took, 0.5), f"{AT_ONCE} at once"),
        Figure(f"{name}_p99_ms", quantile(took, 0.99), f"{AT_ONCE} at once"),
        Figure(f"{name}_alone_ms", median(each.per_call_ms for each in one), "a call, 1 at once"),
        Figure(f"{name}_caller_cores", busy, f"the caller's share of a core, {AT_ONCE} at once"),
    ]
    if len(worked) == len(many):
        figures.append(Figure(f"{name}_broker_cpu_ms", sum(worked) * 1000 / len(took), "the broker's CPU time a call"))
    return figures
