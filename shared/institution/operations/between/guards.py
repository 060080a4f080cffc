"""What records that go between offices name: the other office is one, it told what is answered, and the sums agree."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, Invalid
from shared.domain.institutions import kind_of
from shared.domain.period import Period
from shared.domain.sharing_costs import Statement
from shared.institution.kinds import SUPPORT_FORMS, Proposed
from shared.institution.node import Guard, Node
from shared.institution.operations.between import told
from shared.institution.operations.between.costs import statement_of, statement_told
from shared.institution.tables import (
    ClientRow,
    CostAgreementRow,
    RecordRow,
    ReferralAnswerRow,
    ReferralRow,
    SupportFormRow,
)


class NoSuchOffice(Invalid):
    """No such office takes part, or it is not one to which this can go."""


class NoSuchReferral(Invalid):
    """No such referral of this client came to this office."""


class AnsweredAlready(Conflict):
    """This office answered that referral already; amend that answer."""


class SharesDiffer(Conflict):
    """The other office states something else; agree on the shares, and state them alike."""


class SharedAlready(Conflict):
    """There is a statement on the same costs and days; amend or void it."""


async def require_other_side(node: Node, session: AsyncSession, proposed: Proposed) -> None:
    """Refuse a referral to an office of the same side, or to one that does not take part.

    :raises NoSuchOffice: it is one of these.
    """
    if "to" not in proposed.changed:
        return
    to = str(proposed.values["to"])
    directory = node.client.directory
    same_side = (kind_of(to) == "pup") == (kind_of(node.id) == "pup")
    if same_side or (directory is not None and not directory.is_active(to)):
        side = "welfare centre" if kind_of(node.id) == "pup" else "labour office"
        raise NoSuchOffice(field="to", expected=f"the id of a {side} that takes part", received=to)


async def require_received(
    node: Node, session: AsyncSession, client_id: str, referrer: str | None, referral_id: str, field: str
) -> Any:
    """Return a referral of a client that another office made to this one; of any office unless one is named.

    :raises NoSuchReferral: there is none.
    """
    client = await session.get_one(ClientRow, client_id)
    offices = [referrer] if referrer else client.members
    for iss in offices:
        found = await told.one(session, node, client, iss, "referral", referral_id)
        if found is not None and found.to == node.id:
            return found
    raise NoSuchReferral(field=field, expected="a referral of GET /v1/clients/{client_id}/between")


async def require_answerable(node: Node, session: AsyncSession, proposed: Proposed) -> None:
    """Refuse an answer to what did not come, a second answer, and an answer of before the referral.

    :raises NoSuchReferral: there is no such referral.
    :raises AnsweredAlready: there is another answer to it.
    """
    values = proposed.values
    referrer, referral_id = values["referrer"], values["referral_id"]
    if {"referrer", "referral_id", "accepted_on", "ended_on"} & proposed.changed:
        found = await require_received(node, session, proposed.client_id, referrer, referral_id, "referral_id")
        for name in ("accepted_on", "ended_on"):
            if values[name] is not None and values[name] < found.made_on:
                raise Invalid("The answer comes before the referral.", field=name, expected=f"{found.made_on} or later")
    row = ReferralAnswerRow
    others = (row.referral_id == referral_id, row.referrer == referrer, row.state != "voided", row.id != values["id"])
    if another := await session.scalar(select(row.id).where(*others).limit(1)):
        raise AnsweredAlready(field="referral_id", record_id=another)


async def require_agreement(node: Node, session: AsyncSession, proposed: Proposed) -> None:
    """Refuse a statement on costs with who does not share the client, on what is not given, or unlike what it confirms.

    :raises NoSuchOffice: the other office does not share the client.
    :raises SharesDiffer: what is confirmed says something else.
    :raises SharedAlready: this office has another statement on the same costs and days.
    """
    client = await session.get_one(ClientRow, proposed.client_id)
    own = statement_of(node.id, proposed.values)
    if own.other == node.id or own.other not in client.members:
        raise NoSuchOffice(field="other", expected="another office that shares the client", received=own.other)
    if {"form_id", "other"} & proposed.changed:
        await _require_form(node, session, client, own)
    await _require_alone(session, client, own)
    if own.confirms is None:
        return
    theirs = await told.one(session, node, client, own.other, "cost_agreement", own.confirms)
    if theirs is None:
        raise Invalid("The other office stated no such thing.", field="confirms", expected="a statement of theirs")
    if not proposed.changed <= {"note"} and not own.mirrors(stated := statement_told(own.other, theirs)):
        raise SharesDiffer(field=_differing(own, stated), expected=_mirrored(stated))


async def _require_form(node: Node, session: AsyncSession, client: ClientRow, own: Statement) -> None:
    if own.form_id is None:
        return
    row = await session.get(SupportFormRow, own.form_id)
    if row is not None and row.client_id == client.id and row.state != "voided":
        if SUPPORT_FORMS.leaving(node.disclosure, row) is None:
            raise Invalid(
                "This form never leaves the office; the other one could not confirm.",
                field="form_id",
                expected="a form that the other office was told",
            )
        return
    if await told.one(session, node, client, own.other, "support_form", own.form_id) is None:
        raise Invalid(
            "Neither office gives the client such a form.", field="form_id", expected="a form of the merged view"
        )


async def _require_alone(session: AsyncSession, client: ClientRow, own: Statement) -> None:
    row = CostAgreementRow
    same = (row.client_id == client.id, row.other == own.other, row.state != "voided", row.id != own.id)
    for another in await session.scalars(select(row).where(*same)):
        if another.form_id == own.form_id and Period(another.from_, another.until).overlap(own.days):
            raise SharedAlready(field="from", record_id=another.id)


def _differing(own: Statement, theirs: Statement) -> str:
    """Return the first member in which a statement is not the other side of another one."""
    pairs = {
        "unit": (own.unit, theirs.unit),
        "own": (own.own, theirs.other_share),
        "other_share": (own.other_share, theirs.own),
        "form_id": (own.form_id, theirs.form_id),
        "from": (own.days.start, theirs.days.start),
        "until": (own.days.end, theirs.days.end),
    }
    return next((name for name, (ours, other) in pairs.items() if ours != other), "other")


def _mirrored(theirs: Statement) -> dict[str, Any]:
    days: dict[str, date | None] = {"from": theirs.days.start, "until": theirs.days.end}
    said = {"unit": theirs.unit, "own": theirs.other_share, "other_share": theirs.own, "form_id": theirs.form_id}
    return said | {name: day.isoformat() if day else None for name, day in days.items()}


BETWEEN_GUARDS: Final[Mapping[type[RecordRow], Guard]] = MappingProxyType(
    {
        ReferralRow: require_other_side,
        ReferralAnswerRow: require_answerable,
        CostAgreementRow: require_agreement,
    }
)
