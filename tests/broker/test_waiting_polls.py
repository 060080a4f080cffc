"""Thousands of offices wait at once on a handful of connections: a waiting poll holds none, closing answers all."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Table, event
from sqlalchemy.pool import QueuePool

from services.broker.main import create_broker
from services.broker.node import Broker
from services.broker.operations import directory
from services.broker.operations.mailbox import Poll, poll
from shared.domain.institutions import BROKER
from shared.exchange.stream.append import Entry, append_entries
from shared.exchange.stream.chain import chain_start
from shared.exchange.stream.heads import lock_head
from shared.exchange.stream.tables import StreamRow
from shared.runtime.clock import SystemClock
from shared.runtime.database.bulk import insert_many
from tests.broker.builders import until
from tests.builders import Federation, SeededIds
from tests.conftest import MakeDatabase

POOL = 10
INCARNATION = "5f" * 16


@pytest.fixture
async def broker(postgres_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Broker]:
    async with Federation(tmp_path / "nodes", postgres_database) as federation:
        settings = federation.broker.settings.model_copy(update={"database_pool": POOL})
        made = create_broker(settings, SystemClock(), SeededIds("broker"))
        await directory.open_up(made)
        yield made
        await made.db.close()


def name_of(number: int) -> str:
    return f"ops-{number:07d}"


async def open_mailboxes(broker: Broker, offices: int) -> None:
    rows = [
        {
            "owner": BROKER,
            "peer": name_of(number),
            "incarnation": INCARNATION,
            "position": 0,
            "chain": chain_start(BROKER, name_of(number), INCARNATION),
            "moved_at": broker.now,
        }
        for number in range(offices)
    ]
    streams: Table = StreamRow.__table__  # type: ignore[assignment]
    async with broker.db.write() as session:
        await insert_many(session, streams, rows)


async def still_there() -> bool:
    return False


async def wait(broker: Broker, number: int) -> int:
    """Poll as an office does that has nothing to get; return how many entries came."""
    ask = Poll(
        peer=name_of(number),
        incarnation=INCARNATION,
        after=0,
        chain=chain_start(BROKER, name_of(number), INCARNATION),
        limit=500,
        wait_s=25,
        set_errors=[],
        proof="",
    )
    batch, _ = await poll(broker, ask, still_there)
    return len(batch.entries)


@pytest.mark.parametrize("offices", [300, pytest.param(2000, marks=pytest.mark.long)])
async def test_waiting_polls_hold_no_connection_and_are_all_answered_when_the_broker_closes(
    broker: Broker, offices: int
) -> None:
    pool = broker.db.engine.pool
    assert isinstance(pool, QueuePool)
    await open_mailboxes(broker, offices)
    waiting = [asyncio.create_task(wait(broker, number)) for number in range(offices)]
    await until(lambda: len(broker.bells._events) == offices, seconds=60)
    assert pool.checkedout() == 0, "all wait, none holds a connection"
    assert pool.checkedin() <= POOL
    async with broker.db.write() as session:
        head = await lock_head(session, BROKER, name_of(7))
        assert head is not None
        await append_entries(session, head, [Entry("pup-2478", bytes(32))], broker.now)
    broker.bells.ring(name_of(7))
    async with asyncio.timeout(2):
        assert await waiting[7] == 1, "one rings, one is answered"
    assert sum(task.done() for task in waiting) == 1
    asked: list[int] = []
    event.listen(broker.db.engine.sync_engine, "checkout", lambda *_: asked.append(1))
    broker.bells.close()
    async with asyncio.timeout(5):
        counts = await asyncio.gather(*waiting)
    assert sum(counts) == 1
    assert asked == [], "nobody asks the database for leave to go"
