"""Sealing rows anew under another key for personal data, in small transactions, while services read and write.

A value names its key, so nothing else is kept: cut short, it goes on with what is still under another key. Which
columns are sealed is read from the tables themselves.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
    update,
)

from shared.domain.errors import Conflict
from shared.runtime.database.columns import Encrypted, EncryptedBytes, keys_of
from shared.runtime.database.engine import Database, Session

BATCH = 100
PASSES = 5
Pause = Callable[[], Awaitable[None]]


class RowsComeUnderAnotherKey(Conflict):
    """Rows are still written under another key: a service reads another keys file; bring it the new one and repeat."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table with the columns of it that are sealed."""

    table: Table
    columns: Sequence[Column[Any]]

    def under(self, key_id: str) -> ColumnElement[bool]:
        """Return the condition that some value of a row is sealed with a key."""
        return or_(*(_under(column, key_id) for column in self.columns))

    def not_under(self, key_id: str) -> ColumnElement[bool]:
        """Return the condition that some value of a row is sealed with another key."""
        return or_(*(and_(column.is_not(None), not_(_under(column, key_id))) for column in self.columns))


def sealed_tables(tables: Iterable[Table]) -> Sequence[Sealed]:
    """Return those tables that have sealed columns, by name."""
    found = (
        (one, [each for each in one.columns if isinstance(each.type, Encrypted | EncryptedBytes)]) for one in tables
    )
    return [Sealed(table, columns) for table, columns in sorted(found, key=lambda one: one[0].name) if columns]


def _under(column: Column[Any], key_id: str) -> ColumnElement[bool]:
    prefix = f"{key_id}."
    if isinstance(column.type, EncryptedBytes):
        return func.substr(type_coerce(column, LargeBinary), 1, len(prefix)) == prefix.encode()
    return func.substr(type_coerce(column, Text), 1, len(prefix)) == prefix


async def left_under(db: Database, sealed: Sealed, key_id: str) -> int:
    """Return how many rows of a table are sealed with a key; who is writing to it is waited for, others wait."""
    async with db.write() as session:
        if not db.is_sqlite:
            await session.execute(text(f'LOCK TABLE "{sealed.table.name}" IN SHARE MODE'))
        return await _count(session, sealed, sealed.under(key_id))


async def rotate(db: Database, tables: Sequence[Sealed], pause: Pause) -> AsyncIterator[tuple[str, int]]:
    """Seal all rows anew that are not under the current key; yield the table and how many after each batch.

    Rows that another transaction holds are left to the next pass, so nobody waits for a lock while holding one.

    :raises RowsComeUnderAnotherKey: after five passes there are still some.
    :raises UnreadablePersonalData: a value does not open; batches before are done.
    """
    for _ in range(PASSES):
        for sealed in tables:
            after: tuple[Any, ...] | None = ()
            while after is not None:
                after, done = await _batch(db, sealed, after)
                if done:
                    yield sealed.table.name, done
                    await pause()
        if not await to_do(db, tables):
            return
    raise RowsComeUnderAnotherKey()


async def to_do(db: Database, tables: Sequence[Sealed]) -> int:
    """Return how many rows are not under the current key."""
    async with db.read() as session:
        current = keys_of(db.engine.sync_engine.dialect).current
        return sum([await _count(session, one, one.not_under(current)) for one in tables])


async def _count(session: Session, sealed: Sealed, condition: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(sealed.table).where(condition)) or 0


async def _batch(db: Database, sealed: Sealed, after: tuple[Any, ...]) -> tuple[tuple[Any, ...] | None, int]:
    """Seal the next rows anew; return the key of the last one, or ``None`` at the end, and how many they were."""
    key = list(sealed.table.primary_key.columns)
    async with db.write() as session:
        current = keys_of(db.engine.sync_engine.dialect).current
        query = select(*key, *sealed.columns).where(sealed.not_under(current)).order_by(*key).limit(BATCH)
        if after:
            query = query.where(tuple_(*key) > tuple_(*after))
        rows = (await session.execute(query.with_for_update(skip_locked=True))).all()
        if rows:
            await session.execute(_anew(sealed, key), [_values(tuple(row)) for row in rows])
    return (tuple(rows[-1][: len(key)]) if len(rows) == BATCH else None), len(rows)


def _anew(sealed: Sealed, key: Sequence[Column[Any]]) -> Any:
    """Return the update of one row; its values are sealed on their way in."""
    at = [column == bindparam(f"v{number}", type_=column.type) for number, column in enumerate(key)]
    new = {column: bindparam(f"v{number}", type_=column.type) for number, column in enumerate(sealed.columns, len(key))}
    return update(sealed.table).where(*at).values(new)


def _values(row: tuple[Any, ...]) -> dict[str, Any]:
    return {f"v{number}": value for number, value in enumerate(row)}
