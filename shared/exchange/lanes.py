"""Lanes: what a worker does again and again, and how it fares, told to the node's other processes by rows.

A worker may run in a process without a port, and an API in one without a worker. Each row holds for a while; one that
nobody renewed says that no worker runs.
"""

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.stream.tables import LaneRow
from shared.runtime.clock import Clock
from shared.runtime.database.engine import Database
from shared.runtime.metrics import Metrics

HOLDS_S = 60
"""How long a row holds beyond the pause that its lane takes: a round may wait 25 s for mail."""

TELL_S = 5
NO_WORKER = "no-worker"
STOPPED = "stopped"
_KEPT = timedelta(days=1)


@dataclass
class LaneState:
    """How a lane fares: ``problem`` is set while it stands and no retry helps, or nobody runs it."""

    problem: str | None = None
    detail: str | None = None
    failures: int = 0
    last_contact: datetime | None = None


def note_end(lanes: MutableMapping[str, LaneState], metrics: Metrics, name: str) -> None:
    """Note that a loop of this process has ended, which should run as long as the process does."""
    lanes[name] = LaneState(STOPPED, "The loop has ended in this process; restart it.")
    metrics.lane_up.labels(name).set(0)


class Board:
    """Where one process tells how its lanes fare, at once when that changes and otherwise every few seconds."""

    def __init__(self, db: Database, clock: Clock, holder: str) -> None:
        self.db, self.clock, self.holder = db, clock, holder
        self._told: dict[str, tuple[str | None, float]] = {}

    async def tell(self, name: str, lane: LaneState, pause_s: float = 0.0) -> None:
        """Tell how a lane fares; it says no more for ``pause_s`` seconds at least."""
        problem, holds_until = self._told.get(name, (NO_WORKER, 0.0))
        wanted = self.clock.monotonic() + pause_s + HOLDS_S
        if problem == lane.problem and holds_until >= wanted - TELL_S:
            return
        now = self.clock.now()
        row = LaneRow(
            name=name,
            holder=self.holder,
            problem=lane.problem,
            detail=(lane.detail or "")[:200] or None,
            failures=lane.failures,
            last_contact=lane.last_contact,
            holds_until=now + timedelta(seconds=pause_s + HOLDS_S),
        )
        async with self.db.write() as session:
            await session.execute(delete(LaneRow).where(LaneRow.holds_until < now - _KEPT))
            await session.merge(row)
        self._told[name] = (lane.problem, wanted)


async def lanes_heard(session: AsyncSession, names: Iterable[str], now: datetime) -> dict[str, LaneState]:
    """Return how lanes fare by what any process told; of several that run one, by the one that fares best."""
    heard = {name: LaneState(NO_WORKER, "No worker says that it runs this lane.") for name in names}
    rows = await session.scalars(select(LaneRow).where(LaneRow.holds_until >= now).order_by(LaneRow.holds_until))
    for row in rows:
        if row.name in heard and (row.problem is None or heard[row.name].problem is not None):
            heard[row.name] = LaneState(row.problem, row.detail, row.failures, row.last_contact)
    return heard
