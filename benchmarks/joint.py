"""Two offices that share clients: enrolled and matched by the product itself, with records of the demo's people."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from benchmarks.brokers import NO_QUOTAS
from benchmarks.databases import OPS, PUP, MakeDatabase
from services.cli.demo.people.people import make_people
from shared.domain import catalogue
from tests.builders import Federation, FixedClock, Office, new_client

PATHS = ("support-forms", "benefits")
BULK = 500
_BEFORE = timedelta(seconds=60)
"""The set-up's clock stands this much in the past, so that nothing it signs lies in the future of what is measured."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A labour office and a welfare centre with joint clients; of each client, its id at either office."""

    federation: Federation
    pup: Office
    ops: Office
    clients: tuple[tuple[str, str], ...]


@asynccontextmanager
async def joint_clients(folder: Path, make_database: MakeDatabase, count: int) -> AsyncIterator[Pair]:
    """Enrol people at two offices and let the broker match them."""
    clock = FixedClock(datetime.now(UTC) - _BEFORE)
    async with Federation(folder, make_database, clock) as federation:
        broker = federation.broker
        broker.settings = broker.settings.model_copy(update=NO_QUOTAS)
        pup, ops = await federation.join(PUP), await federation.join(OPS)
        ids = [await _enrol(office, count) for office in (pup, ops)]
        await federation.settle()
        pair = Pair(federation, pup, ops, tuple(zip(*ids, strict=True)))
        for client, _ in (pair.clients[0], pair.clients[-1]):
            assert (await pup.get(f"/v1/clients/{client}"))["joint"], "the clients were not matched"
        yield pair


async def write_records(office: Office, path: str, clients: Sequence[str], count: int) -> None:
    """Record ``count`` records of one kind at an office, one of each client in turn."""
    items = [
        {"client_id": client, **body}
        for client, body in islice(zip(cycle(clients), cycle(bodies(office.id, path)), strict=False), count)
    ]
    for start in range(0, count, BULK):
        answer = await office.post(f"/v1/{path}/bulk", {"items": items[start : start + BULK]}, status=200)
        refused = [item["problem"] for item in answer["items"] if item["status"] != 201]
        assert not refused, refused[:1]


def bodies(office: str, path: str) -> Iterator[dict[str, Any]]:
    """Yield what the demo's people have on record at an office, as far as it may leave."""
    for person in make_people(people=120, seed=1):
        for one in person.records.get(office, ()):
            if one.path == path and catalogue.form(one.body["code"]).disclosed_code is not None:
                yield one.body


async def _enrol(office: Office, count: int) -> list[str]:
    ids: list[str] = []
    for start in range(0, count, BULK):
        items = [new_client(number) for number in range(start, min(count, start + BULK))]
        answer = await office.post("/v1/clients/bulk", {"items": items}, status=200)
        ids += [item["id"] for item in answer["items"]]
    return ids
