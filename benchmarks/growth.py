"""What reading the merged view and writing a record cost in a small office and in one with a hundred times as much.

One joint client is made as the services make it, with records of both offices; its rows are then copied under other
ids, many in a statement, which takes a minute or two for a million.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select, text

from benchmarks.databases import PUP, MakeDatabase
from benchmarks.figures import Figure, quantile
from services.cli.demo.show import Steps
from shared.exchange.history.tables import AuthorRow, SharedRecordRow
from shared.institution.tables import ClientRow, SupportFormRow
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.ids import SystemIds
from tests.builders import Federation, Office
from tests.federation.saying import joint

OWN, OTHERS = 40, 10
"""Forms of support of each client: of the office itself, and told by the other one."""

CLIENTS_AT_ONCE = 100
TURNS, READS, WRITES = 10, 50, 20


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many forms of support the small office has, and the large one."""

    few: int
    many: int


@dataclass
class Grown:
    """An office of some size, and how long single calls took there, in seconds."""

    office: Office
    clients: list[str]
    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)


def grown(name: str, folder: Path, make_database: MakeDatabase, sizes: Sizes, steps: Steps) -> list[Figure]:
    """Measure on one kind of database."""
    wanted = (sizes.few, sizes.many)
    ready = [{section: make_database(section) for section in ("broker", "pup", "ops")} for _ in wanted]
    few, many = asyncio.run(_measured(folder, ready, wanted, steps))
    growth = quantile(many.reads, 0.5) / quantile(few.reads, 0.5)
    figures = [
        Figure(
            f"merged_view_growth_{name}", growth, f"p50 at {sizes.many:,} forms over p50 at {sizes.few:,}", at_most=1.5
        )
    ]
    for one, forms in ((few, sizes.few), (many, sizes.many)):
        said = f"with {forms:,} forms, one by one, {name}"
        figures += [
            Figure(f"merged_view_p50_ms_{name}_{forms}", quantile(one.reads, 0.5) * 1000, f"merged view {said}"),
            Figure(f"reads_per_s_{name}_{forms}", len(one.reads) / sum(one.reads), f"merged views {said}"),
            Figure(f"writes_per_s_{name}_{forms}", len(one.writes) / sum(one.writes), f"forms opened {said}"),
        ]
    return figures


async def _measured(
    folder: Path, ready: Sequence[Mapping[str, str]], forms: Sequence[int], steps: Steps
) -> list[Grown]:
    async with AsyncExitStack() as stack:
        offices = []
        for urls, wanted in zip(ready, forms, strict=True):
            place = folder / f"growth-{wanted}-{len(offices)}"
            federation = await stack.enter_async_context(Federation(place, urls.__getitem__))
            offices.append(await _filled(federation, wanted, steps))
        steps.step(f"{TURNS} turns of {READS} reads and {WRITES} writes at each size", TURNS * len(offices))
        drawn = random.Random(7)  # noqa: S311  # which clients are read, the same on each run
        for turn in range(TURNS + 1):
            for one in offices if turn % 2 else reversed(offices):
                await _turn(one, drawn, counts=turn > 0)
                steps.done(1 if turn else 0)
    return offices


async def _turn(one: Grown, drawn: random.Random, *, counts: bool) -> None:
    """Read and write; the first turn warms up and does not count."""
    reads, writes = (one.reads, one.writes) if counts else ([], [])
    for client in drawn.choices(one.clients, k=READS):
        began = time.perf_counter()
        view = await one.office.get(f"/v1/clients/{client}/merged-view")
        reads.append(time.perf_counter() - began)
        assert len(view["entries"]) >= OWN + OTHERS
    for client in drawn.choices(one.clients, k=WRITES):
        began = time.perf_counter()
        await one.office.post(f"/v1/clients/{client}/support-forms", {"code": "OPS-PSO", "from": "2026-03-02"})
        writes.append(time.perf_counter() - began)


async def _filled(federation: Federation, forms: int, steps: Steps) -> Grown:
    """Return an office with so many forms of support of its own."""
    _, ops, at_pup, at_ops = await joint(federation)
    for number in range(OWN):
        body = {"code": "OPS-PSO", "from": f"2025-{number % 12 + 1:02d}-01"}
        await ops.post(f"/v1/clients/{at_ops}/support-forms", body)
    for number in range(OTHERS):
        body = {"code": "PUP-STA", "from": f"2025-{number % 12 + 1:02d}-01"}
        await federation.offices[PUP].post(f"/v1/clients/{at_pup}/support-forms", body)
    await federation.settle()
    copies = forms // OWN - 1
    steps.step(f"{forms:,} forms of support of {copies + 1:,} clients", copies or 1)
    clients = [at_ops]
    tables = [table_of(row) for row in (ClientRow, SupportFormRow, SharedRecordRow, AuthorRow)]
    rows = [await rows_of(ops, table) for table in tables]
    ids = SystemIds()
    for start in range(0, copies, CLIENTS_AT_ONCE):
        made = [_copy(rows, ids) for _ in range(min(CLIENTS_AT_ONCE, copies - start))]
        async with ops.node.db.write() as session:
            for number, table in enumerate(tables):
                await insert_many(session, table, [row for one in made for row in one[number]])
        clients += [str(one[0][0]["id"]) for one in made]
        steps.done(len(made))
    async with ops.node.db.write() as session:
        await session.execute(text("ANALYZE"))
    return Grown(ops, clients)


def _copy(rows: Sequence[Sequence[Mapping[str, Any]]], ids: SystemIds) -> list[list[dict[str, Any]]]:
    """Return the rows of the one client as those of another."""
    clients, forms, shared, authors = rows
    client_id = ids.uuid7()
    digest = sha256(client_id.encode())
    token = f"1.{digest.hexdigest()[:43]}"
    client = dict(clients[0]) | {"id": client_id, "token": token, "pesel_index": digest.digest()}
    return [
        [client],
        [dict(row) | {"id": ids.uuid7(), "client_id": client_id} for row in forms],
        [dict(row) | {"token": token} for row in shared],
        [dict(row) | {"token": token} for row in authors],
    ]


async def rows_of(office: Office, table: Table) -> list[dict[str, Any]]:
    """Return all rows of a table."""
    async with office.node.db.read() as session:
        found = await session.execute(select(table))
        return [dict(zip(table.c.keys(), row, strict=True)) for row in found]
