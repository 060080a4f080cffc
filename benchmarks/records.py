"""What an import costs, against inserting the very same rows bare, and what reads and writes cost as records grow.

Import and bare inserts take turns on databases of one server; both write 500 lines in a transaction.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from rich.console import Console

from benchmarks.databases import OPS, fresh_folder, many_on_postgresql, many_on_sqlite
from benchmarks.figures import Figure, publish
from benchmarks.growth import Sizes, grown, rows_of
from services.cli.demo.show import Steps
from shared.institution.operations.imports.running import CHUNK_LINES
from shared.institution.tables import ChangeRow, ClientRow, ExternalIdRow, SupportFormRow
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.server import pass_over_what_stays
from tests.builders import Federation, Office
from tests.institution.imports.files import counts, forma, forms, osoba

CLIENTS = 2000
NOTES = (
    "An import is the whole way: sent over HTTP in memory, looked over, stored encrypted, read, checked line by line, "
    "written with external ids and change feed, and each line's outcome kept.",
    "Bare are the same rows of the three tables, ready in memory, through the same insert_many.",
    "The merged view is of a joint client drawn at random, read over HTTP in memory, and logged; the sizes take turns.",
    "Clients of these forms are not joint: what is signed for joint clients is the cost of disclosure, not of import.",
)


@dataclass
class Rates:
    """Lines a second, a round each."""

    clients: list[float] = field(default_factory=list)
    imported: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def run(console: Console, *, lines: int, rounds: int, sizes: Sizes) -> None:
    """Measure and publish."""
    folder = fresh_folder("records")
    figures: list[Figure] = []
    steps = Steps(console)
    pass_over_what_stays()
    with steps.bars:
        for name, databases in (("sqlite", many_on_sqlite(folder)), ("postgresql", many_on_postgresql())):
            with databases as make_database:
                steps.step(f"{lines:,} lines on {name}", rounds)
                rates = Rates()
                for number in range(rounds):
                    ready = {section: [make_database(section) for _ in range(2)] for section in ("broker", "ops")}
                    asyncio.run(_round(folder / name / str(number), ready, lines, rates))
                    steps.done(1)
                figures += _figures(name, rates)
                figures += grown(name, folder / name, make_database, sizes, steps)
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
        rows = {row: await rows_of(office, table_of(row)) for row in (SupportFormRow, ExternalIdRow, ChangeRow)}
        rows[ExternalIdRow] = [row for row in rows[ExternalIdRow] if row["kind"] == "support-forms"]
        rows[ChangeRow] = [row for row in rows[ChangeRow] if row["kind"] == "support_form"]
        clients = await rows_of(office, table_of(ClientRow))
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


def _day(number: int) -> str:
    return f"{number % 28 + 1}.{number // 28 % 12 + 1}.2025"


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
