"""What records of a welfare centre name besides the record they belong to: it is there, the client's own, and fits."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.ops_api import tables
from services.ops_api.records import KINDS
from shared.domain.errors import Invalid
from shared.domain.period import Period
from shared.institution.kinds import COMMON_KINDS, Proposed
from shared.institution.node import Node
from shared.institution.operations.between.guards import require_received
from shared.institution.tables import ClientRow, RecordRow, SupportFormRow

_ROWS = {kind.path: kind.row for kind in (*COMMON_KINDS, *KINDS)}
_REFERENCES = {
    kind.row: {member: _ROWS[path] for member, path in kind.references.items() if path in _ROWS} for kind in KINDS
}
NAMED: Mapping[type[RecordRow], Mapping[str, type[RecordRow]]] = MappingProxyType(
    {row: members for row, members in _REFERENCES.items() if members}
)
"""The members of a row that name another record of the same client, as the kinds say."""


class NoSuchRecord(Invalid):
    """The client has no such record that this could name."""


class AnotherCode(Invalid):
    """The record that this names is of another code."""


async def require_what_is_named(node: Node, session: AsyncSession, proposed: Proposed) -> None:
    """Refuse a record that names what is not there, is another client's, or does not fit; for what is new in it.

    :raises NoSuchRecord: there is none of that id among the client's, or it was voided.
    :raises AnotherCode: it is of another form of support or allowance.
    """
    for member, row in NAMED.get(proposed.row, {}).items():
        if member in proposed.changed:
            await _of_client(session, proposed, member, row)
    if fits := _FITS.get(proposed.row):
        await fits(session, proposed)


async def require_referral_that_came(node: Node, session: AsyncSession, proposed: Proposed) -> None:
    """Refuse a social contract that names a referral which no labour office made to this one.

    :raises NoSuchReferral: there is none of that id.
    """
    name = "received_referral_id"
    if name in proposed.changed and (referral_id := proposed.values[name]) is not None:
        await require_received(node, session, proposed.client_id, None, referral_id, name)


async def _of_client(session: AsyncSession, proposed: Proposed, member: str, row: type[RecordRow]) -> None:
    if (record_id := proposed.values[member]) is None:
        return
    found = await session.get(row, record_id)
    if found is None or found.client_id != proposed.client_id or found.state == "voided":
        raise NoSuchRecord(field=member, expected=f"the id of one of the client's: {row.__tablename__}")


async def _action(session: AsyncSession, proposed: Proposed) -> None:
    if (goal_id := proposed.values["contract_goal_id"]) is None:
        return
    goal = await session.get_one(tables.GoalRow, goal_id)
    if goal.social_contract_id != proposed.values["social_contract_id"]:
        raise NoSuchRecord(field="contract_goal_id", expected="a goal of the same social contract")


async def _signature(session: AsyncSession, proposed: Proposed) -> None:
    contract = await session.get_one(tables.ContractRow, proposed.values["social_contract_id"])
    if proposed.values["who"] == "labour_office" and contract.form != "B":
        raise Invalid("The labour office signs a contract of form B.", field="who", expected="client, worker or head")


async def _member(session: AsyncSession, proposed: Proposed) -> None:
    client_id = proposed.values["member_client_id"]
    if client_id is None or "member_client_id" not in proposed.changed:
        return
    if client_id == proposed.client_id or await session.get(ClientRow, client_id) is None:
        raise NoSuchRecord(field="member_client_id", expected="the id of another client of this office")


async def _programme(session: AsyncSession, proposed: Proposed) -> None:
    await _same_code(session, proposed, "support_form_id", SupportFormRow)


async def _decision(session: AsyncSession, proposed: Proposed) -> None:
    for member, row in NAMED[tables.AllowanceDecisionRow].items():
        await _same_code(session, proposed, member, row)


async def _same_code(session: AsyncSession, proposed: Proposed, member: str, row: Any) -> None:
    if not {member, "code"} & proposed.changed or (record_id := proposed.values[member]) is None:
        return
    named = await session.get_one(row, record_id)
    if named.code != proposed.values["code"]:
        raise AnotherCode(field="code", expected=named.code)


async def _care_cost(session: AsyncSession, proposed: Proposed) -> None:
    if not {"support_form_id", "from_", "until"} & proposed.changed:
        return
    form = await session.get_one(SupportFormRow, proposed.values["support_form_id"])
    days, last = Period(form.from_, form.until), proposed.values["until"]
    for name, day in (("from", proposed.values["from_"]), ("until", last or form.until)):
        if day is not None and day not in days:
            expected = f"a day from {form.from_} to {form.until or '…'}, when the form of support is given"
            raise Invalid("Care is paid while the activity goes on.", field=name, expected=expected)


_Fits = Callable[[AsyncSession, Proposed], Awaitable[None]]
_FITS: Mapping[type[RecordRow], _Fits] = MappingProxyType(
    {
        tables.ActionRow: _action,
        tables.SignatureRow: _signature,
        tables.HouseholdMemberRow: _member,
        tables.ProgrammeRow: _programme,
        tables.AllowanceDecisionRow: _decision,
        tables.CareCostRow: _care_cost,
    }
)

CHECKED = frozenset({*NAMED, *_FITS})
"""The rows of which something is asked here; new forms of support and benefits, which come in thousands, are not."""
