"""How costs of a client are shared: this office's statements beside those of the others."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.between import CostAgreement
from shared.domain.period import Period
from shared.domain.sharing_costs import Sharing, Statement, sharings
from shared.institution.models.exchanged import CostSharing
from shared.institution.node import Node
from shared.institution.operations.between import told
from shared.institution.tables import ClientRow, CostAgreementRow

_MEMBERS = ("id", "other", "unit", "own", "other_share", "from_", "until", "form_id", "confirms")


def statement_of(office: str, values: Mapping[str, Any]) -> Statement:
    """Return what an office states, from the values of its row."""
    return Statement(
        id=values["id"],
        office=office,
        other=values["other"],
        unit=values["unit"],
        own=values["own"],
        other_share=values["other_share"],
        days=Period(values["from_"], values["until"]),
        form_id=values["form_id"],
        confirms=values["confirms"],
    )


def statement_told(office: str, payload: CostAgreement) -> Statement:
    """Return what another office states, as it told it."""
    return Statement(
        id=payload.agreement_id,
        office=office,
        other=payload.other,
        unit=payload.unit,
        own=payload.own,
        other_share=payload.other_share,
        days=Period(payload.from_, payload.until),
        form_id=payload.form_id,
        confirms=payload.confirms,
    )


async def of_client(session: AsyncSession, node: Node, client: ClientRow) -> Sequence[CostSharing]:
    """Return what this office and others state on the costs of a client, paired, and how each pair stands."""
    rows = await session.scalars(
        select(CostAgreementRow)
        .where(CostAgreementRow.client_id == client.id, CostAgreementRow.state != "voided")
        .order_by(CostAgreementRow.id)
    )
    ours = [statement_of(node.id, {name: getattr(row, name) for name in _MEMBERS}) for row in rows]
    said = [
        statement_told(row.iss, told.payload_of(row))
        for row in await told.of_others(session, node, client, "cost_agreement")
    ]
    return [_view(one) for one in sharings(ours, [one for one in said if one.other == node.id])]


def _view(found: Sharing) -> CostSharing:
    """Return both sides as this office sees them: ``own`` is its share, whoever stated it."""
    if found.ours is not None:
        shown, other, own, theirs = found.ours, found.ours.other, found.ours.own, found.ours.other_share
    elif found.theirs is not None:
        shown, other, own, theirs = found.theirs, found.theirs.office, found.theirs.other_share, found.theirs.own
    else:
        raise LookupError("a sharing without a statement")
    return CostSharing(
        standing=found.standing,
        other=other,
        our_id=found.ours.id if found.ours else None,
        their_id=found.theirs.id if found.theirs else None,
        form_id=shown.form_id,
        unit=shown.unit,
        own=own,
        other_share=theirs,
        from_=shown.days.start,
        until=shown.days.end,
    )
