"""Transactions: committed before the answer goes out, or not at all; what follows a commit follows it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.routes.deps import WriteDb
from shared.runtime.database.engine import Database, after_commit, connection_of
from tests.runtime.builders import CHILDREN, NOTES, Undone, bare_app, count, http, put, write

ORPHAN = {"id": 1, "parent": 99}
"""A row whose foreign key is checked at the commit, and fails there."""


async def test_a_block_that_ends_is_stored_and_one_that_fails_is_not(db: Database) -> None:
    with pytest.raises(Undone):
        await write(db, insert(NOTES).values(id=1), undo=True)
    assert await count(db) == 0
    await write(db, insert(NOTES).values(id=1))
    assert await count(db) == 1


async def test_what_is_written_in_a_reading_block_is_never_stored(db: Database) -> None:
    async with db.read() as session:
        await session.execute(insert(NOTES).values(id=1))
    assert await count(db) == 0


async def test_a_foreign_key_is_kept(db: Database) -> None:
    with pytest.raises(IntegrityError):
        await write(db, insert(CHILDREN).values(id=1, note=5))
    assert await count(db, CHILDREN) == 0


async def test_a_commit_that_fails_stores_nothing_and_is_told(db: Database) -> None:
    with pytest.raises(DBAPIError):
        await write(db, insert(NOTES).values(**ORPHAN))
    assert await count(db) == 0


async def test_after_a_commit_that_failed_the_next_one_succeeds(db: Database) -> None:
    for _ in range(3):
        with pytest.raises(DBAPIError):
            await write(db, insert(NOTES).values(**ORPHAN))
    await write(db, insert(NOTES).values(id=1))
    assert await count(db) == 1


@pytest.mark.parametrize(("row", "status", "stored"), [(ORPHAN, 409, 0), ({"id": 1}, 201, 1)])
async def test_a_failing_commit_is_never_a_201(db: Database, row: Any, status: int, stored: int) -> None:
    router, woken = APIRouter(), []

    @router.post("/notes", status_code=201)
    async def write(session: WriteDb) -> dict[str, bool]:
        await session.execute(insert(NOTES).values(**row))
        after_commit(session, lambda: woken.append(1))
        return {"stored": True}

    app = bare_app(router)
    app.state.broker = SimpleNamespace(db=db)
    async with http(app) as client:
        answer = await client.post("/notes", json={})
    assert answer.status_code == status
    if status == 409:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:zwornik:problem:conflict"
        assert "foreign" not in answer.text.lower()
    assert await count(db) == stored
    assert len(woken) == stored


async def test_what_is_to_follow_a_commit_waits_for_it(db: Database) -> None:
    committed, seen = asyncio.Event(), []

    async def look() -> None:
        await committed.wait()
        seen.append(await count(db))

    watching = asyncio.create_task(look())
    async with db.write() as session:
        after_commit(session, committed.set)
        await session.execute(insert(NOTES).values(id=1))
        await session.flush()
        await asyncio.sleep(0)
        assert not committed.is_set()
    await watching
    assert seen == [1]


@pytest.mark.parametrize(("row", "undo"), [(ORPHAN, False), ({"id": 1}, True)])
async def test_nothing_follows_a_transaction_that_was_undone(db: Database, row: Any, undo: bool) -> None:
    followed: list[int] = []

    async def be_followed(session: AsyncSession) -> None:
        after_commit(session, lambda: followed.append(1))

    with pytest.raises((DBAPIError, Undone)):
        await write(db, be_followed, insert(NOTES).values(**row), undo=undo)
    assert followed == []


async def test_what_follows_one_commit_does_not_follow_the_next(db: Database) -> None:
    followed: list[int] = []
    for number in (1, 2):
        async with db.write() as session:
            await session.execute(insert(NOTES).values(id=number))
            if number == 1:
                after_commit(session, lambda: followed.append(1))
    assert followed == [1]


async def test_a_session_has_one_connection_through_its_transaction(db: Database) -> None:
    async with db.write() as session:
        first = await connection_of(session)
        await session.execute(insert(NOTES).values(id=1))
        assert await connection_of(session) is first
        rows = await first.execute(select(NOTES.c.id))
        assert [row.id for row in rows] == [1], "both see what the transaction wrote"


async def test_no_error_of_the_database_names_what_was_to_be_stored(db: Database) -> None:
    await write(db, insert(NOTES).values(id=1))
    with pytest.raises(IntegrityError) as failure:
        await write(db, insert(NOTES).values(id=1, text="Przykładowska"))
    assert "Przykładowska" not in str(failure.value)


async def test_the_bare_connection_commits_at_its_end_or_not_at_all(db: Database) -> None:
    async def store(undo: bool) -> None:
        async with db.connection() as connection:
            await connection.execute(insert(NOTES).values(id=1))
            if undo:
                raise Undone

    with pytest.raises(Undone):
        await store(undo=True)
    assert await count(db) == 0
    await store(undo=False)
    assert await count(db) == 1


@pytest.mark.parametrize("make_database", ["postgresql"], indirect=True)
async def test_a_postgresql_plans_each_statement_for_the_tables_as_they_are(db: Database) -> None:
    async with db.read() as session:
        assert await session.scalar(text("SHOW plan_cache_mode")) == "force_custom_plan"


@pytest.mark.parametrize("make_database", ["postgresql"], indirect=True)
async def test_writers_of_a_postgresql_do_not_wait_for_each_other(db: Database) -> None:
    async with db.write() as first, db.write() as second:
        await first.execute(insert(NOTES).values(id=1))
        await second.execute(insert(NOTES).values(id=2))
    assert await count(db) == 2


async def test_rows_may_come_in_any_order_as_long_as_the_commit_holds(db: Database) -> None:
    await write(db, put({"id": 1, "parent": 2}), put({"id": 2, "parent": 1}))
    assert await count(db) == 2
