"""Quotas (*limity*): how much of each kind an institution may ask of the broker in a minute and in a day.

Counters are rows of the one database that all replicas share, counted in the transaction of what is asked: a push under
the lock of its own head, a read of a person before it is answered. So any number of replicas agree to the last SET. The
window is the one that the replica's clock is in; a clock that is behind counts on in the newer window. At the turn of
a window an institution can spend two quotas in a row: that bounds the load, and needs one row instead of a history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.settings import BrokerSettings
from services.broker.tables import QuotaUseRow
from shared.domain.errors import Conflict
from shared.runtime.clock import unix
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import connection_of

MINUTE_S, DAY_S = 60, 24 * 3600
_USES = table_of(QuotaUseRow)
_OF_ONE = select(_USES.c.what, _USES.c.period_s, _USES.c.starts, _USES.c.used).where(
    _USES.c.institution == bindparam("of_institution")
)
_COUNT = """ON CONFLICT (institution, what, period_s) DO UPDATE SET
    used = excluded.used + CASE WHEN excluded.starts > quota_use.starts THEN 0 ELSE quota_use.used END,
    starts = CASE WHEN excluded.starts > quota_use.starts THEN excluded.starts ELSE quota_use.starts END"""


class RateLimited(Conflict):
    """The quota of the institution is spent; what was asked is taken once the next window begins."""

    problem = "rate-limited"


@dataclass(frozen=True, slots=True)
class Use:
    """A quota and what is spent of it in the present window; ``resets_in_s`` until the next begins."""

    what: str
    period_s: int
    limit: int
    used: int
    resets_in_s: int


def limits_of(settings: BrokerSettings) -> Mapping[tuple[str, int], int]:
    """Return how much is allowed, by kind (SETs, bytes of SETs, reads of persons) and window in seconds."""
    return {
        ("sets", MINUTE_S): settings.sets_per_minute,
        ("sets", DAY_S): settings.sets_per_day,
        ("bytes", MINUTE_S): settings.bytes_per_minute,
        ("bytes", DAY_S): settings.bytes_per_day,
        ("reads", MINUTE_S): settings.reads_per_minute,
        ("reads", DAY_S): settings.reads_per_day,
    }


async def uses(session: AsyncSession, broker: Broker, institution: str) -> Sequence[Use]:
    """Return what an institution has spent of each of its quotas."""
    connection = await connection_of(session)
    rows = await connection.execute(_OF_ONE, {"of_institution": institution})
    spent: dict[Any, Any] = {(row.what, row.period_s): (row.starts, row.used) for row in rows}
    now, found = unix(broker.now), []
    for (what, period_s), limit in limits_of(broker.settings).items():
        starts, used = spent.get((what, period_s), (0, 0))
        ends = max(starts, now - now % period_s) + period_s
        found.append(Use(what, period_s, limit, used if starts + period_s > now else 0, ends - now))
    return found


async def require_room(session: AsyncSession, broker: Broker, institution: str, amounts: Mapping[str, int]) -> None:
    """Refuse what would go over a quota, before any work is done for it.

    :raises RateLimited: and says when the window ends.
    """
    _require(await uses(session, broker, institution), amounts)


async def count(session: AsyncSession, broker: Broker, institution: str, amounts: Mapping[str, int]) -> None:
    """Count what is asked; together with its transaction it is undone where it goes over a quota.

    :raises RateLimited: and says when the window ends.
    """
    now = unix(broker.now)
    rows = [
        {
            "institution": institution,
            "what": what,
            "period_s": period_s,
            "starts": now - now % period_s,
            "used": amounts[what],
        }
        for what, period_s in sorted(limits_of(broker.settings))
        if amounts.get(what)
    ]
    if rows:
        await insert_many(session, _USES, rows, conflict=_COUNT)
        _require(await uses(session, broker, institution), dict.fromkeys(amounts, 0))


async def count_read(broker: Broker, institution: str) -> None:
    """Count a read of a person, whether or not there is an answer: so nobody can go through tokens at will.

    :raises RateLimited: the institution has read too much.
    """
    async with broker.db.write() as session:
        await count(session, broker, institution, {"reads": 1})


def _require(spent: Sequence[Use], amounts: Mapping[str, int]) -> None:
    over = [use for use in spent if use.what in amounts and use.used + amounts[use.what] > use.limit]
    if over:
        worst = max(over, key=lambda use: use.resets_in_s)
        said = f"The quota of {worst.what} in {worst.period_s} s is spent; it begins anew in {worst.resets_in_s} s."
        raise RateLimited(said, expected=worst.limit, retry_after_s=worst.resets_in_s)
