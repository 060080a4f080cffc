"""Leases: one holder of a job at a time, with a number that rises with every change of holder."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import Boolean, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.runtime.clock import Clock
from shared.runtime.database.columns import UtcTime
from shared.runtime.database.engine import Database

LEASE_S = 10
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('zwornik/lease/' || CAST(:name AS text), 0))")
_TAKE = text(
    "INSERT INTO lease (name, holder, fence, expires_at) VALUES (:name, :holder, 1, :until) "
    "ON CONFLICT (name) DO UPDATE SET holder = :holder, expires_at = :until, "
    "fence = CASE WHEN lease.holder = :holder THEN lease.fence ELSE lease.fence + 1 END "
    "WHERE lease.holder = :holder OR lease.expires_at < :now OR :alone RETURNING fence"
).bindparams(bindparam("now", type_=UtcTime), bindparam("until", type_=UtcTime), bindparam("alone", type_=Boolean))

MayGoOn = Callable[[], Awaitable[bool]]
"""Asked before each part of a long job: whether this process may work on it still."""


class TurnLost(Exception):
    """Another process took the job over while this one was at it."""


class Turn:
    """The turn of one process at a job: taken, renewed at a third of its life, and lost where another took it."""

    def __init__(self, db: Database, clock: Clock, name: str, holder: str) -> None:
        self._db, self._clock, self._name, self._holder = db, clock, name, holder
        self._until = float("-inf")

    async def holds(self) -> bool:
        """Tell whether this process may work now."""
        moment = self._clock.monotonic()
        if self._until > moment:
            return True
        async with self._db.write() as session:
            fence = await take_lease(session, self._name, self._holder, self._clock.now(), alone=self._db.is_sqlite)
        if fence is None:
            return False
        self._until = moment + LEASE_S / 3
        return True


async def go_on(may_go_on: MayGoOn) -> None:
    """Go on with a long job.

    :raises TurnLost: another process has it now.
    """
    if not await may_go_on():
        raise TurnLost


async def take_lease(
    session: AsyncSession, name: str, holder: str, now: datetime, *, alone: bool = False
) -> int | None:
    """Take or renew a lease; return its fencing number, or ``None`` while another holds it.

    On PostgreSQL an advisory lock of the transaction stands before it, which saves work and decides nothing: of those
    that ask at once one looks, and the others hear at once that another does. They would wait for its row.

    ``alone``: the database serves one process alone (SQLite), so a holder before can only be one that has died.
    """
    if not alone and not await session.scalar(_LOCK, {"name": name}):
        return None
    values = {"name": name, "holder": holder, "now": now, "until": now + timedelta(seconds=LEASE_S), "alone": alone}
    fence: int | None = await session.scalar(_TAKE, values)
    return fence
