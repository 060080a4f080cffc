"""One database of one node: short transactions, committed here and nowhere else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from shared.runtime.database import sqlite
from shared.runtime.database.encryption import PiiKeys

Session = AsyncSession
"""What operations are given, under a name that routes may use too."""

UNAVAILABLE: tuple[type[Exception], ...] = (PoolExhausted, OperationalError, InterfaceError, OSError)
"""What a database raises that cannot be reached or has no connection to spare: whoever asks may try again."""

_NOTHING = text("SELECT 1")
_WRITES = "zwornik_writes"
_AFTER_COMMIT = "after_commit"
_CONNECTION = "connection"
_SQLITE_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-8192",
)


class Database:
    """The engine of a node; on SQLite one writer at a time, taken in turn."""

    def __init__(
        self, url: str, *, pii_keys: PiiKeys | None = None, pool_size: int = 5, synchronous: str = "FULL"
    ) -> None:
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url, synchronous) if self.is_sqlite else _postgresql_engine(url, pool_size)
        self.engine.sync_engine.dialect.pii_keys = pii_keys  # type: ignore[attr-defined]
        self._writing_engine = self.engine.execution_options(**{_WRITES: True})
        self._writer: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()

    def _look_at_keys(self) -> None:
        """Take over keys for personal data that were added to their file or taken out of it: one ``stat``."""
        dialect: Any = self.engine.sync_engine.dialect
        if dialect.pii_keys is not None:
            dialect.pii_keys = dialect.pii_keys.refreshed()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a short transaction that only reads."""
        self._look_at_keys()
        async with AsyncSession(self.engine, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction; it is committed at the end of the block, or all of it is undone."""
        async with self._writer, AsyncSession(self._writing_engine, expire_on_commit=False) as session:
            self._look_at_keys()
            yield session
            await session.commit()
            for call in session.info.get(_AFTER_COMMIT, ()):
                call()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection with a transaction for what the session cannot do; committed at the end."""
        async with self._writer, self._writing_engine.begin() as connection:
            self._look_at_keys()
            yield connection

    async def state(self) -> str:
        """Return ``ok``, or what keeps the database from answering."""
        try:
            async with self.read() as session:
                await session.execute(_NOTHING)
        except UNAVAILABLE as failure:
            return f"unavailable ({type(failure).__name__})"
        return "ok"

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


async def connection_of(session: AsyncSession) -> AsyncConnection:
    """Return the one connection of a session's one transaction; asking SQLAlchemy each time takes longer."""
    connection = session.info.get(_CONNECTION)
    if connection is None:
        connection = session.info[_CONNECTION] = await session.connection()
    return connection


def after_commit(session: AsyncSession, call: Callable[[], None]) -> None:
    """Call once the transaction is committed, and never if it is not."""
    session.info.setdefault(_AFTER_COMMIT, []).append(call)


_PLANNED_ANEW: Final = {"plan_cache_mode": "force_custom_plan"}
"""A plan that a connection kept from when tables were small reads them from end to end once they are large."""


def _postgresql_engine(url: str, pool_size: int) -> AsyncEngine:
    target = make_url(url).set(drivername="postgresql+asyncpg")
    return create_async_engine(
        target,
        pool_size=pool_size,
        max_overflow=2,
        pool_timeout=30,
        hide_parameters=True,
        connect_args={"server_settings": _PLANNED_ANEW},
    )


def _sqlite_engine(url: str, synchronous: str) -> AsyncEngine:
    engine = create_async_engine(
        make_url(url).set(drivername="sqlite+aiosqlite"),
        connect_args={"async_creator_fn": sqlite.connect},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        for statement in (*_SQLITE_SETTINGS, f"PRAGMA synchronous={synchronous}"):
            cursor.execute(statement)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
