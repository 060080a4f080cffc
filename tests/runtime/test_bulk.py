"""Many rows in one statement: every kind of column on both databases, inside the transaction and never beside it."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.runtime.database.bulk import insert_many
from shared.runtime.database.engine import Database
from tests.runtime.builders import NOTES, Undone, count, put, write

AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
FULL: dict[str, Any] = {
    "id": 1,
    "number": 2**53,
    "flag": True,
    "day": date(2026, 3, 1),
    "at": AT,
    "raw": bytes(range(32)),
    "name": "ąęś",
    "text": "zażółć; \"gęślą\" 'jaźń' {} \\ \n\t $1 ?",
    "json": {"b": [1, None, True], "a": "ż"},
    "secret": "Przykładowska",
}
NULLS: dict[str, Any] = dict.fromkeys(FULL) | {"id": 2}
ODD: dict[str, Any] = FULL | {"id": 3, "number": -1, "flag": False, "raw": b"", "name": "", "text": "", "json": []}


async def stored(session: AsyncSession) -> list[dict[str, Any]]:
    rows = await session.execute(select(*(NOTES.c[name] for name in FULL)).order_by(NOTES.c.id))
    return [dict(row._mapping) for row in rows]


async def test_every_kind_of_column_comes_back_as_it_was(db: Database) -> None:
    async with db.write() as session:
        await insert_many(session, NOTES, [FULL, NULLS, ODD])
    async with db.read() as session:
        assert await stored(session) == [FULL, NULLS, ODD]


async def test_it_stores_the_very_values_that_a_plain_insert_stores(db: Database) -> None:
    twins = [FULL | {"id": 10, "name": "plain"}, FULL | {"id": 11, "name": "bulk"}]
    async with db.write() as session:
        await session.execute(insert(NOTES).values(**twins[0]))
        await insert_many(session, NOTES, [twins[1]])
    async with db.read() as session:
        assert await stored(session) == twins


async def test_columns_that_are_not_named_stay_empty(db: Database) -> None:
    async with db.write() as session:
        await insert_many(session, NOTES, [{"text": "x", "id": 7}, {"text": None, "id": 8}])
    async with db.read() as session:
        assert await stored(session) == [NULLS | {"id": 7, "text": "x"}, NULLS | {"id": 8}]


async def test_no_rows_are_no_statement(db: Database) -> None:
    async with db.write() as session:
        await insert_many(session, NOTES, [])
        assert not session.in_transaction()


async def test_a_thousand_rows_go_in_together(db: Database) -> None:
    async with db.write() as session:
        await insert_many(session, NOTES, [FULL | {"id": number, "name": f"n{number}"} for number in range(1000)])
    assert await count(db) == 1000


async def test_what_is_there_stays_or_gives_way_as_the_clause_says(db: Database) -> None:
    first = [{"id": 1, "number": 5, "name": "a"}, {"id": 2, "number": 5, "name": "b"}]
    second = [{"id": 2, "number": 9, "name": "c"}, {"id": 3, "number": 1, "name": "d"}]
    higher = "ON CONFLICT (id) DO UPDATE SET number = excluded.number WHERE test_note.number < excluded.number"
    async with db.write() as session:
        await insert_many(session, NOTES, first)
        await insert_many(session, NOTES, second, conflict="ON CONFLICT DO NOTHING")
        await insert_many(session, NOTES, [row | {"number": 7} for row in first], conflict=higher)
        await insert_many(session, NOTES, [row | {"number": 6} for row in first], conflict=higher)
    async with db.read() as session:
        rows = await session.execute(select(NOTES.c.id, NOTES.c.number, NOTES.c.name).order_by(NOTES.c.id))
        assert rows.all() == [(1, 7, "a"), (2, 7, "b"), (3, 1, "d")]


async def test_a_row_that_is_there_already_refuses_all(db: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)unique"):
        await write(db, put({"id": 1}, {"id": 2}, {"id": 1}))
    assert await count(db) == 0


async def test_rows_vanish_with_the_transaction_even_as_its_first_statement(db: Database) -> None:
    with pytest.raises(Undone):
        await write(db, put({"id": 1}), undo=True)
    assert await count(db) == 0


async def test_rows_vanish_with_the_transaction_between_other_statements(db: Database) -> None:
    with pytest.raises(Undone):
        await write(db, insert(NOTES).values(id=1), put({"id": 2}), insert(NOTES).values(id=3), undo=True)
    assert await count(db) == 0


async def test_nobody_else_sees_rows_before_the_commit(db: Database) -> None:
    async with db.write() as session:
        await insert_many(session, NOTES, [{"id": 1}])
        assert await count(db) == 0
        assert len(await stored(session)) == 1
    assert await count(db) == 1


async def test_a_moment_without_a_zone_is_refused_and_one_of_another_zone_is_the_same_moment(db: Database) -> None:
    async with db.write() as session:
        with pytest.raises((ValueError, StatementError), match="time zone"):
            await insert_many(session, NOTES, [{"id": 1, "at": AT.replace(tzinfo=None)}])
        await insert_many(session, NOTES, [{"id": 2, "at": AT.astimezone(timezone(timedelta(hours=2)))}])
    async with db.read() as session:
        [row] = await stored(session)
        assert (row["at"], row["at"].tzinfo) == (AT, UTC)


async def test_personal_data_go_in_sealed(db: Database) -> None:
    async with db.write() as session:
        await insert_many(session, NOTES, [FULL])
    async with db.read() as session:
        raw = await session.scalar(text("SELECT secret FROM test_note"))
    assert raw.startswith("k1.")
    assert "Przykładowska" not in raw
