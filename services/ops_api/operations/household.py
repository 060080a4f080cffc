"""One loss once per household (*gospodarstwo domowe*): what is paid to a household stands under one member of it.

The rule holds for the days on which both clients are in the household, whether its record is open or closed by now.
Requests that would meet are taken in turn by the lock of the office's own stream, which each of them takes last, before
it looks what the others have. Source: BENEFIT.md, "Printed beside the schedule".
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ops_api.tables import HouseholdRow
from shared.domain import catalogue
from shared.domain.errors import Conflict
from shared.domain.period import Period
from shared.institution.kinds import Proposed
from shared.institution.node import Node
from shared.institution.operations.work import own_head
from shared.institution.tables import BenefitRow

_MATTERS: Final = frozenset({"code", "from_", "until", "opaque_id"})
"""What a benefit or a membership of a household must change for it to be another loss."""


class HouseholdPaidTwice(Conflict):
    """Another member of the household has this benefit in these days; a household is paid it once."""

    problem = "household-paid-twice"


class _Paid(NamedTuple):
    code: str
    period: Period


class _Home(NamedTuple):
    opaque_id: str
    period: Period


async def require_one_loss_once(node: Node, session: AsyncSession, proposed: Proposed) -> None:
    """Refuse a benefit, or a member, by which a household would be paid the same twice at this office.

    :raises HouseholdPaidTwice: and names the record that stands under another member, and its period.
    """
    if not proposed.changed & _MATTERS:
        return
    if proposed.row is BenefitRow:
        paid = [_Paid(proposed.values["code"], _period(proposed.values))]
        paid = [one for one in paid if _is_household(one.code)]
        homes = await _homes_of(session, proposed.client_id) if paid else []
    elif proposed.row is HouseholdRow:
        homes = [_Home(proposed.values["opaque_id"], _period(proposed.values))]
        paid = await _paid_to(session, proposed.client_id)
    else:
        return
    if not paid or not homes:
        return
    await own_head(session, node)
    for home in homes:
        await _require_paid_once(session, proposed, home, paid)


async def _require_paid_once(session: AsyncSession, proposed: Proposed, home: _Home, paid: Sequence[_Paid]) -> None:
    for other in await _others_paid(session, proposed.client_id, home, {one.code for one in paid}):
        there = Period(other.from_, other.until)
        together = home.period.overlap(Period(other.home_from, other.home_until))
        shared = together and together.overlap(there)
        if shared and any(one.code == other.code and shared.overlap(one.period) for one in paid):
            raise HouseholdPaidTwice(
                field="code" if proposed.row is BenefitRow else "number",
                expected="no days in common while both are in the household",
                record_id=other.id,
                period={"from": there.start.isoformat(), "until": there.end and there.end.isoformat()},
            )


async def _homes_of(session: AsyncSession, client_id: str) -> list[_Home]:
    query = select(HouseholdRow.opaque_id, HouseholdRow.from_, HouseholdRow.until).where(
        HouseholdRow.client_id == client_id, HouseholdRow.state != "voided"
    )
    return [_Home(row.opaque_id, Period(row.from_, row.until)) for row in await session.execute(query)]


async def _paid_to(session: AsyncSession, client_id: str) -> list[_Paid]:
    """Return what is paid to the household of a client under the client's name."""
    query = select(BenefitRow.code, BenefitRow.from_, BenefitRow.until).where(
        BenefitRow.client_id == client_id, BenefitRow.state != "voided"
    )
    rows = await session.execute(query)
    return [_Paid(row.code, Period(row.from_, row.until)) for row in rows if _is_household(row.code)]


async def _others_paid(session: AsyncSession, client_id: str, home: _Home, codes: set[str]) -> Sequence[Any]:
    """Return benefits of these codes under other members of a household, with when each is in it, oldest first."""
    query = (
        select(
            BenefitRow.id,
            BenefitRow.code,
            BenefitRow.from_,
            BenefitRow.until,
            HouseholdRow.from_.label("home_from"),
            HouseholdRow.until.label("home_until"),
        )
        .join(HouseholdRow, HouseholdRow.client_id == BenefitRow.client_id)
        .where(
            HouseholdRow.opaque_id == home.opaque_id,
            HouseholdRow.client_id != client_id,
            HouseholdRow.state != "voided",
            BenefitRow.state != "voided",
            BenefitRow.code.in_(sorted(codes)),
        )
        .order_by(BenefitRow.id)
    )
    return (await session.execute(query)).all()


def _is_household(code: str) -> bool:
    form = catalogue.forms().get(code)
    return form is not None and form.paid_to == "household"


def _period(values: Any) -> Period:
    return Period(values["from_"], values["until"])
