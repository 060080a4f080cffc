"""What an import costs: a file of forms of support taken in whole, against inserting the very same rows bare.

Import and bare inserts take turns on databases of one server; both write 500 lines in a transaction.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from sqlalchemy import Table, select

from benchmarks.databases import OPS, MakeDatabase, fresh_folder
from benchmarks.figures import Figure, publish
from services.cli.demo.databases import make, section_of
from services.cli.demo.show import Steps
from shared.institution.operations.imports.running import CHUNK_LINES
from shared.institution.tables import ChangeRow, ClientRow, ExternalIdRow, SupportFormRow
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.migrate import migrate
from shared.runtime.server import pass_over_what_stays
from tests import postgres
from tests.builders import Federation, Office
from tests.institution.imports.files import counts, forma, forms, osoba

CLIENTS = 2000
NOTES = (
    "An import is the whole way: sent over HTTP in memory, looked over, stored encrypted, read, checked line by line, "
    "written with external ids and change feed, and each line's outcome kept.",
    "Bare are the same rows of the three tables, ready in memory, through the same insert_many.",
    "Clients of these forms are not joint: what is signed for joint clients is the cost of disclosure, not of import.",
)


@dataclass
class Rates:
    """Lines a second, a round each."""

    clients: list[float] = field(default_factory=list)
    imported: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def run(console: Console, *, lines: int, rounds: int) -> None:
    """Measure and publish."""
    folder = fresh_folder("records")
    figures: list[Figure] = []
    steps = Steps(console)
    pass_over_what_stays()
    with steps.bars:
        for name, databases in (("sqlite", _on_sqlite(folder)), ("postgresql", _on_postgresql())):
            with databases as make_database:
                steps.step(f"{lines:,} lines on {name}", rounds)
                rates = Rates()
                for number in range(rounds):
                    ready = {section: [make_database(section) for _ in range(2)] for section in ("broker", "ops")}
                    asyncio.run(_round(folder / name / str(number), ready, lines, rates))
                    steps.done(1)
                figures += _figures(name, rates)
        steps.finish()
    publish(console, "records", figures, NOTES)


async def _round(folder: Path, ready: dict[str, list[str]], lines: int, rates: Rates) -> None:
    def make_database(section: str) -> str:
        return ready[section].pop()

    people = [osoba(number) for number in range(CLIENTS)]
    file = [forma(number % CLIENTS, OD=_day(number // CLIENTS), GODZINY=str(number)) for number in range(lines)]
    async with Federation(folder / "import", make_database) as federation:
        office = await federation.make_office(OPS)
        rates.clients.append(await _timed(office, people, (CLIENTS, 0, 0, 0)))
        rates.imported.append(await _timed(office, file, (lines, 0, 0, 0)))
        rates.again.append(await _timed(office, file, (0, 0, lines, 0)))
        rows = {row: await _rows(office, table_of(row)) for row in (SupportFormRow, ExternalIdRow, ChangeRow)}
        rows[ExternalIdRow] = [row for row in rows[ExternalIdRow] if row["kind"] == "support-forms"]
        rows[ChangeRow] = [row for row in rows[ChangeRow] if row["kind"] == "support_form"]
        clients = await _rows(office, table_of(ClientRow))
    async with Federation(folder / "bare", make_database) as federation:
        office = await federation.make_office(OPS)
        async with office.node.db.write() as session:
            await insert_many(session, table_of(ClientRow), clients)
        began = time.perf_counter()
        for start in range(0, lines, CHUNK_LINES):
            async with office.node.db.write() as session:
                for row, values in rows.items():
                    await insert_many(session, table_of(row), values[start : start + CHUNK_LINES])
        rates.bare.append(lines / (time.perf_counter() - began))


async def _timed(office: Office, lines: Sequence[str], expected: tuple[int, int, int, int]) -> float:
    began = time.perf_counter()
    job = await forms(office, *lines)
    took = time.perf_counter() - began
    assert counts(job) == expected, job
    return len(lines) / took


async def _rows(office: Office, table: Table) -> list[dict[str, Any]]:
    async with office.node.db.read() as session:
        found = await session.execute(select(table))
        return [dict(zip(table.c.keys(), row, strict=True)) for row in found]


def _day(number: int) -> str:
    return f"{number % 28 + 1}.{number // 28 % 12 + 1}.2025"


@contextmanager
def _on_sqlite(folder: Path) -> Iterator[MakeDatabase]:
    numbers = count()

    def made(section: str) -> str:
        place = folder / f"sqlite-{next(numbers)}"
        place.mkdir()
        return next(iter(make(place, None, (OPS if section == section_of(OPS) else section,)).values()))

    yield made


@contextmanager
def _on_postgresql() -> Iterator[MakeDatabase]:
    names: list[str] = []
    with postgres.server() as server:

        def made(section: str) -> str:
            name = f"zwornik_bench_{os.getpid()}_{len(names)}"
            postgres.run_sql(server, f"CREATE DATABASE {name}")
            names.append(name)
            url = postgres.database_on(server, name)
            migrate(section, url)
            return url

        try:
            yield made
        finally:
            for name in names:
                postgres.run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


def _figures(name: str, rates: Rates) -> list[Figure]:
    ratios = [one / other for one, other in zip(rates.imported, rates.bare, strict=True)]
    of: Callable[[str], str] = lambda said: f"{said}, {name}"  # noqa: E731
    return [
        Figure(f"import_of_insert_{name}", median(ratios), of("lines imported over rows inserted bare"), at_least=0.25),
        Figure(f"import_lines_per_s_{name}", median(rates.imported), of("forms of support imported")),
        Figure(f"bare_lines_per_s_{name}", median(rates.bare), of("the same rows inserted bare")),
        Figure(f"again_lines_per_s_{name}", median(rates.again), of("the same file again, which changes nothing")),
        Figure(f"clients_per_s_{name}", median(rates.clients), of(f"{CLIENTS:,} clients registered and enrolled")),
    ]
