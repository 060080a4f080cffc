"""Leases: one holder of a job at a time, with a number that rises with every change of holder."""

from datetime import datetime, timedelta

from sqlalchemy import Boolean, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.runtime.database.columns import UtcTime

LEASE_S = 10
_TAKE = text(
    "INSERT INTO lease (name, holder, fence, expires_at) VALUES (:name, :holder, 1, :until) "
    "ON CONFLICT (name) DO UPDATE SET holder = :holder, expires_at = :until, "
    "fence = CASE WHEN lease.holder = :holder THEN lease.fence ELSE lease.fence + 1 END "
    "WHERE lease.holder = :holder OR lease.expires_at < :now OR :alone RETURNING fence"
).bindparams(bindparam("now", type_=UtcTime), bindparam("until", type_=UtcTime), bindparam("alone", type_=Boolean))


async def take_lease(
    session: AsyncSession, name: str, holder: str, now: datetime, *, alone: bool = False
) -> int | None:
    """Take or renew a lease; return its fencing number, or ``None`` while another holds it.

    ``alone``: the database serves one process alone (SQLite), so a holder before can only be one that has died.
    """
    values = {"name": name, "holder": holder, "now": now, "until": now + timedelta(seconds=LEASE_S), "alone": alone}
    fence: int | None = await session.scalar(_TAKE, values)
    return fence
