"""The standard library's ``sqlite3`` behind the interface that SQLAlchemy's async dialect asks of aiosqlite.

Calls run inline, without aiosqlite's thread: a read there hops between threads thirteen times, and a simulation
needs one thread. SQLAlchemy documents the hook: ``connect_args={"async_creator_fn": connect}``.
"""

import os
import sqlite3
from contextlib import suppress
from typing import Any, Self


class InlineCursor(sqlite3.Cursor):
    """A cursor whose coroutines never wait; only SQLAlchemy holds one, and awaits what sqlite3's own would return."""

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:  # type: ignore[override]
        """Run one statement."""
        return super().execute(sql, parameters)

    async def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:  # type: ignore[override]
        """Run one statement for each row of parameters."""
        return super().executemany(sql, parameters)

    async def fetchall(self) -> list[Any]:  # type: ignore[override]
        """Return the rows that are left."""
        return super().fetchall()

    async def close(self) -> None:  # type: ignore[override]
        """Close the cursor."""
        super().close()


class InlineConnection:
    """A connection whose coroutines never wait."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def cursor(self) -> InlineCursor:
        """Return a new cursor."""
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection.cursor(InlineCursor)

    async def create_function(self, *arguments: Any, **options: Any) -> None:
        """Give SQL a function; SQLAlchemy installs ``regexp`` this way."""
        if self._connection is not None:
            self._connection.create_function(*arguments, **options)

    async def commit(self) -> None:
        """Commit the transaction; SQLite leaves one open whose commit fails, and the next holder could begin none."""
        if self._connection is None:
            return
        try:
            self._connection.commit()
        except sqlite3.Error:
            self._connection.rollback()
            raise

    async def rollback(self) -> None:
        """Roll the transaction back."""
        if self._connection is not None:
            self._connection.rollback()

    async def close(self) -> None:
        """Close the connection; closing twice is no mistake."""
        self.stop()

    def stop(self) -> None:
        """Close at once: SQLAlchemy asks for it where nobody can wait, for a connection that its holder lost."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _make_private(database: str) -> None:
    """Make a database file that nobody else can read.

    One that exists is never opened here: to close it again would drop every lock that this process has on it.
    """
    with suppress(FileExistsError):
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


async def connect(database: str, **options: Any) -> InlineConnection:
    """Open a database file; transactions are begun by us alone."""
    options.setdefault("check_same_thread", False)
    if database != ":memory:" and not database.startswith("file:"):
        _make_private(database)
    return InlineConnection(sqlite3.connect(database, isolation_level=None, **options))
