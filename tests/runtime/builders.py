"""Test data of the runtime: a table with a column of every kind, a bare app, a clock that notes how long was slept."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi import APIRouter, FastAPI
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from shared.runtime.app import new_app
from shared.runtime.database.bulk import insert_many
from shared.runtime.database.columns import Encrypted, JsonText, UtcTime
from shared.runtime.database.engine import Database
from shared.runtime.metrics import Metrics
from tests.builders import FixedClock, SeededIds

TABLES = MetaData()
NOTES = Table(
    "test_note",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("parent", ForeignKey("test_note.id", deferrable=True, initially="DEFERRED")),
    Column("number", BigInteger),
    Column("flag", Boolean),
    Column("day", Date),
    Column("at", UtcTime),
    Column("raw", LargeBinary(32)),
    Column("name", String(20), unique=True),
    Column("text", Text),
    Column("json", JsonText),
    Column("secret", Encrypted("test_note.secret")),
)
CHILDREN = Table(
    "test_child",
    TABLES,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("note", ForeignKey("test_note.id"), nullable=False),
)


async def count(db: Database, table: Table = NOTES) -> int:
    """Return how many rows are stored, as another transaction sees it."""
    async with db.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


class Undone(Exception):
    """A transaction is given up on purpose."""


async def write(db: Database, *steps: Any, undo: bool = False) -> None:
    """Run statements, or functions of the session, in one transaction; ``undo`` gives it up at its end."""
    async with db.write() as session:
        for step in steps:
            if callable(step):
                await step(session)
            else:
                await session.execute(step)
        if undo:
            raise Undone


def put(*rows: Mapping[str, Any], conflict: str = "") -> Callable[[AsyncSession], Awaitable[None]]:
    """Return the step that inserts many notes."""
    return lambda session: insert_many(session, NOTES, rows, conflict=conflict)


@dataclass
class NotingClock(FixedClock):
    """A clock that stands and notes every sleep."""

    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await super().sleep(seconds)


def bare_app(
    *routers: APIRouter, metrics: Metrics | None = None, readiness: Mapping[str, str] | None = None
) -> FastAPI:
    """Return an app of the house with nothing of its own but these routes."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield

    async def ready() -> Mapping[str, str]:
        return readiness or {"database": "ok"}

    return new_app(
        title="Bare",
        description="Nothing.",
        lifespan=lifespan,
        clock=FixedClock(),
        ids=SeededIds("bare"),
        metrics=metrics or Metrics(),
        readiness=ready,
        warnings=dict,
        routers=routers,
    )


def http(app: FastAPI) -> httpx2.AsyncClient:
    """Return a client of an app."""
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test")


async def raw_call(
    app: Any, method: str, path: str, headers: Sequence[tuple[bytes, bytes]] = (), chunks: Sequence[bytes] = ()
) -> tuple[int, dict[str, str], bytes]:
    """Call an app as a server would, with headers and chunks of the body exactly as given."""
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Any] = []

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    raw_path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw_path,
        "raw_path": raw_path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": list(headers),
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body
