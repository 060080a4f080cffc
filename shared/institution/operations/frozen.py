"""Frozen copies: what another office told of a client while both shared it, kept for its term and never used again.

A copy is frozen from the day on which this office learnt of the parting: the first generation of members without its
author. Of a token that the person had before, it is the day on which the client was enrolled under another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import term
from shared.exchange.history.tables import AuthorRow
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.erasing.naming import tokens_of
from shared.institution.tables import ClientMembersRow, ClientRow

FROZEN = "frozen"


@dataclass(frozen=True, slots=True)
class FrozenCopy:
    """Copies of what an author told under a token, frozen on a day and kept until another."""

    token: str
    iss: str
    frozen_on: date
    kept_until: date


async def frozen_copies(session: AsyncSession, own: str, client: ClientRow, today: date) -> list[FrozenCopy]:
    """Return which authors' copies of a client are frozen."""
    tokens = await tokens_of(session, client)
    authors = select(AuthorRow.token, AuthorRow.iss).where(AuthorRow.token.in_(tokens), AuthorRow.iss != own)
    told = list(await session.execute(authors.order_by(AuthorRow.iss, AuthorRow.token)))
    if not told:
        return []
    query = select(ClientMembersRow).where(ClientMembersRow.client_id == client.id)
    stood = list(await session.scalars(query.order_by(ClientMembersRow.generation)))
    copies = []
    for token, iss in told:
        if token == client.token and client.state == "active" and iss in client.members:
            continue
        frozen_on = office_day(_parted_at(stood, client, token, iss))
        copies.append(FrozenCopy(token, iss, frozen_on, term(FROZEN, today).ends(frozen_on)))
    return copies


def _parted_at(stood: Sequence[ClientMembersRow], client: ClientRow, token: str, iss: str) -> datetime:
    of_token = [row for row in stood if row.token == token]
    last = max((row.generation for row in of_token if iss in row.members), default=-1)
    later = [row.since for row in of_token if row.generation > last]
    if later:
        return min(later)
    return client.updated_at if token == client.token else client.enrolled_at
