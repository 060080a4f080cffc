"""What left the office about a client, to whom, why and when: read from the office's own stream, which is the proof.

Who got a shared event is who shared the client at the time: the generation that stood when it was signed. The legal
basis is that of the last enrolment before it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain import catalogue
from shared.domain.events import schema
from shared.domain.events.payloads.people import Enrolled, Restated
from shared.domain.institutions import BROKER
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.tables import SetRow
from shared.institution.models.disclosures import DisclosedCode, Disclosure, Tightened
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.tables import ClientMembersRow, ClientRow, FormerTokenRow


async def disclosures(
    session: AsyncSession, node: Node, client_id: str, *, before: str = "", limit: int = 100
) -> tuple[Sequence[Disclosure], str | None]:
    """Return what left the office about a client, newest first, and where the next page begins.

    :raises NotFound: the office has no such client.
    """
    client = await clients.get(session, client_id)
    former = await session.scalars(select(FormerTokenRow.token).where(FormerTokenRow.client_id == client.id))
    query = select(SetRow).where(SetRow.token.in_([client.token, *former]), SetRow.iss == node.id)
    shared = await _generations(session, client)
    found, basis = [], client.basis
    for row in await session.scalars(query.order_by(SetRow.stored_at, SetRow.jti)):
        event = read_event(parse_set(row.text), row.hash, node.identity.federation)
        if isinstance(event.payload, Enrolled):
            basis = event.payload.basis
        found.append(_disclosure(event, row.stored_at, _receivers(event, node.id, shared, row.stored_at), basis))
    newest = [one for one in reversed(found) if not before or one.id < before]
    return newest[:limit], newest[limit - 1].id if len(newest) > limit else None


def tightened(node: Node) -> list[Tightened]:
    """Return what the office's own policy lets leave less than the catalogue does."""
    rows = [(catalogue.form(code), rule) for code, rule in sorted(node.disclosure.tightened.items())]
    return [
        Tightened(code=form.code, name_pl=form.name_pl, name_en=form.name_en, catalogue=form.discloses, office=rule)
        for form, rule in rows
        if rule != form.discloses
    ]


async def _generations(session: AsyncSession, client: ClientRow) -> Sequence[ClientMembersRow]:
    query = select(ClientMembersRow).where(ClientMembersRow.client_id == client.id)
    return list(await session.scalars(query.order_by(ClientMembersRow.since, ClientMembersRow.generation)))


def _receivers(event: SecurityEvent, own: str, shared: Sequence[ClientMembersRow], at: datetime) -> list[str]:
    """Return the broker alone, or who shared the client when an event was signed."""
    if event.type.goes_to == BROKER:
        return [BROKER]
    stood = [row.members for row in shared if row.token == event.token and row.since <= at]
    return [BROKER, *sorted(set(stood[-1] if stood else ()) - {own})]


def _disclosure(event: SecurityEvent, at: datetime, to: list[str], basis: str) -> Disclosure:
    records = _records(event)
    codes = sorted({str(record["code"]) for record in records if "code" in record})
    return Disclosure(
        id=event.jti,
        at=at,
        event=event.type.name,
        to=to,
        legal_basis=basis,
        records=len(records),
        codes=[_code(code) for code in codes],
    )


def _records(event: SecurityEvent) -> list[Mapping[str, Any]]:
    if isinstance(event.payload, Restated):
        return [record["payload"] for record in event.payload.records]
    return [schema.write(event.payload)] if event.type.change else []


def _code(code: str) -> DisclosedCode:
    form = catalogue.forms().get(code)
    masked = "cash" if code == catalogue.MASKED_CASH else "group"
    return DisclosedCode(
        code=code,
        name_pl=form.name_pl if form else None,
        name_en=form.name_en if form else None,
        leaves_as="kind" if form else masked,
    )
