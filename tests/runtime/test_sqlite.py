"""SQLite inline: the interface that SQLAlchemy asks of a driver, one writer after the other, nothing ever locked."""

import asyncio
import gc
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from shared.runtime.database import sqlite as inline
from shared.runtime.database.engine import Database
from tests.runtime.builders import NOTES, count, write


@pytest.fixture
async def connection(tmp_path: Path) -> Any:
    opened = await inline.connect(str(tmp_path / "raw.sqlite3"))
    yield opened
    await opened.close()


async def test_a_cursor_runs_one_statement_or_many_and_gives_the_rows_that_are_left(
    connection: inline.InlineConnection,
) -> None:
    cursor = await connection.cursor().__aenter__()
    await cursor.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    await cursor.executemany("INSERT INTO t VALUES (?, ?)", [(1, "x"), (2, "y"), (3, "z")])
    assert cursor.rowcount == 3
    await cursor.execute("SELECT a, b FROM t WHERE a > ? ORDER BY a", (1,))
    assert [column[0] for column in cursor.description] == ["a", "b"]
    assert await cursor.fetchall() == [(2, "y"), (3, "z")]
    await cursor.execute("INSERT INTO t (b) VALUES ('w')")
    assert cursor.lastrowid == 4
    await cursor.close()


async def test_nothing_is_kept_that_was_not_committed(connection: inline.InlineConnection) -> None:
    cursor = connection.cursor()
    await cursor.execute("CREATE TABLE t (a)")
    for end, left in ((connection.rollback, 0), (connection.commit, 1)):
        await cursor.execute("BEGIN IMMEDIATE")
        await cursor.execute("INSERT INTO t VALUES (1)")
        await end()
        await cursor.execute("SELECT a FROM t")
        assert len(await cursor.fetchall()) == left


async def test_no_transaction_begins_by_itself(connection: inline.InlineConnection) -> None:
    await connection.cursor().execute("CREATE TABLE t (a)")
    await connection.cursor().execute("INSERT INTO t VALUES (1)")
    assert not connection.in_transaction


async def test_a_function_of_ours_can_be_called_from_sql(connection: inline.InlineConnection) -> None:
    await connection.create_function("twice", 1, lambda value: value * 2, deterministic=True)
    cursor = connection.cursor()
    await cursor.execute("SELECT twice(21)")
    assert await cursor.fetchall() == [(42,)]


async def test_closing_twice_is_no_mistake_and_a_closed_connection_gives_no_cursor(tmp_path: Path) -> None:
    connection = await inline.connect(str(tmp_path / "closed.sqlite3"))
    for _ in range(2):
        await connection.close()
        await connection.commit()
        await connection.rollback()
        await connection.create_function("f", 0, lambda: 1)
    with pytest.raises(ValueError, match="no active connection"):
        connection.cursor()


async def test_a_connection_that_its_holder_lost_is_closed(sqlite: Database) -> None:
    held = await sqlite.engine.connect()
    await held.execute(text("SELECT 1"))
    raw: Any = (await held.get_raw_connection()).driver_connection
    inner = raw._connection
    del held, raw
    with pytest.warns(match="garbage collector is trying to clean up"):
        gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        inner.execute("SELECT 1")


@pytest.mark.parametrize(("synchronous", "level"), [("FULL", 2), ("NORMAL", 1)])
async def test_a_database_survives_what_it_is_told_to_survive(tmp_path: Path, synchronous: str, level: int) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.sqlite3'}", synchronous=synchronous)
    async with database.read() as session:
        pragmas = {
            name: await session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "synchronous", "temp_store")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": level, "temp_store": 2}
    await database.close()


async def test_a_writer_takes_the_lock_before_it_reads_and_a_reader_takes_none(sqlite: Database) -> None:
    begun: list[str] = []

    @event.listens_for(sqlite.engine.sync_engine, "before_cursor_execute")
    def _note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("BEGIN"):
            begun.append(statement)

    async with sqlite.write() as session:
        await session.execute(select(NOTES))
    async with sqlite.read() as session:
        await session.execute(select(NOTES))
    async with sqlite.connection() as connection:
        await connection.execute(select(NOTES))
    assert begun == ["BEGIN IMMEDIATE", "BEGIN", "BEGIN IMMEDIATE"]


async def test_fifty_writers_at_once_never_meet_a_locked_database(sqlite: Database) -> None:
    async with sqlite.write() as session:
        await session.execute(insert(NOTES).values(id=1, number=0))

    async def add_one() -> None:
        async with sqlite.write() as session:
            number = await session.scalar(select(NOTES.c.number)) or 0
            await asyncio.sleep(0)
            await session.execute(update(NOTES).values(number=number + 1))
            await asyncio.sleep(0)

    async def read() -> int:
        async with sqlite.read() as session:
            first = await session.scalar(select(NOTES.c.number))
            await asyncio.sleep(0)
            assert await session.scalar(select(NOTES.c.number)) == first, "a reader sees one state"
            return first or 0

    _, *_ = await asyncio.gather(*(add_one() for _ in range(50)), *(read() for _ in range(20)))
    assert await read() == 50


async def test_a_writer_waits_for_a_writer_of_another_process(sqlite: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "one.sqlite3", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO test_note (id) VALUES (1)")
    beside = threading.Thread(target=lambda: (time.sleep(0.1), other.execute("COMMIT")))
    beside.start()
    async with sqlite.write() as session:
        seen = (await session.execute(select(NOTES.c.id))).all()
        await session.execute(insert(NOTES).values(id=2))
    beside.join()
    other.close()
    assert [row.id for row in seen] == [1], "it began after the other had committed"
    assert await count(sqlite) == 2


async def test_a_reader_sees_nothing_of_a_transaction_that_is_not_committed(sqlite: Database) -> None:
    async with sqlite.write() as session:
        await session.execute(insert(NOTES).values(id=1))
        assert await count(sqlite) == 0
    assert await count(sqlite) == 1


async def test_one_failed_statement_undoes_the_whole_transaction(sqlite: Database) -> None:
    with pytest.raises(IntegrityError):
        await write(sqlite, insert(NOTES).values(id=1), insert(NOTES).values(id=1))
    assert await count(sqlite) == 0
    await write(sqlite, insert(NOTES).values(id=1))
    assert await count(sqlite) == 1


async def test_a_writer_that_is_cancelled_lets_the_next_one_write(sqlite: Database) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with sqlite.write() as session:
            await session.execute(insert(NOTES).values(id=1))
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with sqlite.write() as session:
        await session.execute(insert(NOTES).values(id=2))
    assert await count(sqlite) == 1
