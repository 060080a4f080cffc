"""What the office itself said without a count: enrolments, withdrawals, answers; no record of the office holds it."""

from dataclasses import replace

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.tables import SetRow
from shared.institution.node import Node


async def own_words(session: AsyncSession, node: Node, *about: ColumnElement[bool]) -> list[SecurityEvent]:
    """Return, in order, those of its own SETs that some conditions choose, each under its client's present token."""
    query = select(SetRow.token, SetRow.text, SetRow.hash).where(SetRow.iss == node.id, SetRow.n.is_(None), *about)
    rows = await session.execute(query.order_by(SetRow.stored_at, SetRow.jti))
    read = ((row.token, read_event(parse_set(row.text), row.hash, node.identity.federation)) for row in rows)
    return [replace(event, token=token) for token, event in read]
