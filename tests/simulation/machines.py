"""Machines: each has a database file that outlives it, and everything else dies with it, at any moment."""

import asyncio
import contextvars
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from services.broker.main import create_app as create_broker_app
from services.broker.main import create_broker
from services.broker.node import Broker
from services.broker.operations import directory
from services.broker.worker import Worker as BrokerWorker
from shared.institution.app import create_app, create_node
from shared.institution.node import Institution, Node
from shared.institution.operations.exchange.starting import start
from shared.institution.worker import Worker
from shared.runtime.database.engine import Database, Session
from shared.runtime.settings import NodeSettings
from tests.simulation.time import NodeClock, NodeIds, SoleBells

_MACHINE: contextvars.ContextVar["Machine | None"] = contextvars.ContextVar("machine", default=None)


class Crashed(asyncio.CancelledError):
    """The machine stops here and now; nothing that runs on it goes on, and nothing catches this."""


class Storage(Database):
    """A machine's database: its engine lives on, so that each statement is compiled once, and a commit may crash."""

    def __init__(self, of: Database, at_commit: Callable[[str], None]) -> None:
        self.is_sqlite, self.engine, self._writing_engine = True, of.engine, of._writing_engine
        self._writer = asyncio.Lock()
        self._at_commit = at_commit

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        async with super().write() as session:
            yield session
            self._at_commit("before")
        self._at_commit("after")


def belongs_to_its_machine(
    loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, Any], **options: Any
) -> asyncio.Task[Any]:
    """Make a task that dies with the machine on which it was made; a task factory."""
    task = asyncio.Task(coro, loop=loop, **options)
    context = options.get("context")
    machine = context.get(_MACHINE) if context is not None else _MACHINE.get()
    if machine is not None:
        machine.tasks[task] = None
        task.add_done_callback(lambda done: machine.tasks.pop(done, None))
    return task


@dataclass
class Machine:
    """One node's machine. ``lives`` counts its starts; ``copied_at`` is when its file was last copied."""

    id: str
    settings: NodeSettings
    database: Database
    file: Path
    institution: Institution | None
    seed: str
    at_commit: Callable[["Machine", str], None]
    clock: NodeClock = field(default_factory=NodeClock)
    node: Node | None = None
    broker: Broker | None = None
    app: FastAPI | None = None
    lives: int = 0
    is_up: bool = False
    is_restored: bool = False
    forks: bool = False
    cut_off_until: float = 0.0
    copied_at: float = 0.0
    tasks: dict[asyncio.Task[Any], None] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Tell whether the office may write: one that was restored compares heads first, unless it is to fork."""
        may = self.forks or not self.is_restored
        return self.is_up and self.node is not None and (may or self.node.heads_compared)

    @property
    def copy(self) -> Path:
        return self.file.with_suffix(".copy")

    def run(self, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something on this machine."""
        context = contextvars.copy_context()
        context.run(_MACHINE.set, self)
        return asyncio.get_running_loop().create_task(coro, context=context)

    async def serve(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request as its server would."""
        if self.app is None:
            raise httpx2.ConnectError("down", request=request)
        return await httpx2.ASGITransport(app=self.app).handle_async_request(request)

    def storage(self) -> Storage:
        return Storage(self.database, lambda when: self.at_commit(self, when))

    async def start(self, transport: httpx2.AsyncBaseTransport) -> None:
        """Start the node on its file; a crash while it starts leaves it down."""
        self.lives += 1
        self.is_up = True
        begun = self.run(self._start_broker() if self.institution is None else self._start_node(transport))
        await asyncio.wait({begun})
        if not begun.cancelled():
            begun.result()

    async def _start_broker(self) -> None:
        ids = NodeIds(self.clock, f"{self.seed}|{self.id}|{self.lives}")
        broker = create_broker(self.settings, self.clock, ids, self.storage())
        broker.threads, broker.bells = False, SoleBells()
        await directory.open_up(broker)
        self.broker, self.app = broker, create_broker_app(broker)
        BrokerWorker(broker).start()

    async def _start_node(self, transport: httpx2.AsyncBaseTransport) -> None:
        ids = NodeIds(self.clock, f"{self.seed}|{self.id}|{self.lives}")
        node = create_node(self.institution, self.settings, self.clock, ids, transport, self.storage())
        node.threads, node.bells = False, SoleBells()
        await start(node)
        self.node, self.app = node, create_app(node)
        Worker(node).start()

    def crash(self) -> None:
        """Stop everything that runs here, without a last word."""
        self.is_up, self.app, self.node = False, None, None
        current = asyncio.current_task()
        for task in list(self.tasks):
            if task is not current and not _gives_back_a_connection(task):
                task.cancel()

    async def lie_still(self) -> None:
        """Return when nothing runs here any more, and let go of the file."""
        while self.tasks:
            await asyncio.wait(list(self.tasks))
        await self.database.close()

    def back_up(self) -> None:
        """Copy the file as a backup does while the service runs."""
        self.copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.file)) as source, closing(sqlite3.connect(self.copy)) as target:
            source.backup(target)
        self.copied_at = self.clock.monotonic()

    def restore(self) -> None:
        """Put the older copy where the file was lost."""
        lay_down(self.copy, self.file)


def _gives_back_a_connection(task: asyncio.Task[Any]) -> bool:
    """Tell whether SQLAlchemy closes a session here, which undoes what was not committed, as a death does too."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "sqlalchemy" in code.co_filename


def ask(file: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Read a machine's file, past all code of ours."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql, values).fetchall()


def lay_down(source: Path, file: Path) -> None:
    """Put a database file in place, and nothing of the log of the one that was there."""
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copy(source, file)
