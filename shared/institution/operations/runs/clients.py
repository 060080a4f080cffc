"""Clients as reconciliation needs them: whom the office shares, with whom, and who changed after a position."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER
from shared.exchange.stream.heads import find_head
from shared.exchange.stream.tables import EntryRow, SetRow
from shared.institution.node import Node
from shared.institution.operations.clients import is_joint
from shared.institution.operations.restating import restate
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow

PAGE = 500
AT_ONCE = 50
"""Clients restated in one transaction."""


async def joint_page(session: AsyncSession, own_id: str, after: str) -> tuple[Sequence[ClientRow], str | None]:
    """Return the clients of one page whom the office tells of, and where the next page begins."""
    query = select(ClientRow).where(ClientRow.id > after, ClientRow.state == "active").order_by(ClientRow.id)
    rows = list(await session.scalars(query.limit(PAGE)))
    return [row for row in rows if tells(row, own_id)], rows[-1].id if len(rows) == PAGE else None


async def members_by_token(session: AsyncSession, own_id: str) -> dict[str, Sequence[str]]:
    """Return who shares each joint client of the office, by token."""
    columns = select(ClientRow.id, ClientRow.token, ClientRow.state, ClientRow.members)
    rows = await session.execute(columns.where(ClientRow.state == "active").order_by(ClientRow.id))
    return {row.token: row.members for row in rows if is_joint(row, own_id)}


async def changed_after(session: AsyncSession, node: Node, position: int) -> set[str]:
    """Return the tokens of whom the office's own stream speaks behind a position."""
    head = await find_head(session, node.id, BROKER)
    if head is None:
        return set()
    same = (SetRow.iss == EntryRow.iss) & (SetRow.hash == EntryRow.hash)
    query = select(SetRow.token).join(EntryRow, same).where(EntryRow.stream_id == head.id, EntryRow.position > position)
    return set(await session.scalars(query.distinct()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tokens of clients that were restated, and of those whose records break a rule and cannot be told."""

    restated: Sequence[str]
    broken: Sequence[str]


async def restate_some(work: Work, tokens: Sequence[str]) -> Outcome:
    """Restate clients that are still shared and may be told of, in the order of their ids."""
    query = select(ClientRow).where(ClientRow.token.in_(tokens), ClientRow.state == "active").order_by(ClientRow.id)
    restated, broken = [], []
    for client in list(await work.session.scalars(query.with_for_update())):
        if not tells(client, work.node.id):
            continue
        try:
            await restate(work, client)
        except DomainError:
            broken.append(client.token)
        else:
            restated.append(client.token)
    return Outcome(restated, broken)
