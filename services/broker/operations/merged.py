"""The merged view (*wspólna historia*): what all present members told about one person, for those members alone."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.epochs.names import name_of
from services.broker.tables import MembershipRow, PersonRow
from shared.domain.errors import NotFound
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow, SharedRecordRow
from shared.exchange.match_keys import MatchKeys


async def merged_view(session: AsyncSession, keys: MatchKeys, asked: str, reader: str) -> dict[str, Any]:
    """Return all records of a person by author and record, whichever of two tokens the reader asks by.

    :raises NotFound: nobody of that token, or the reader is no present member; which of the two is not said.
    """
    token = await name_of(session, keys, asked)
    people = select(PersonRow, MembershipRow.institution).join(MembershipRow, MembershipRow.token == PersonRow.token)
    rows = (await session.execute(people.where(PersonRow.token == token, MembershipRow.present.is_(True)))).all()
    members = sorted(row.institution for row in rows)
    if reader not in members:
        raise NotFound()
    person = rows[0].PersonRow
    authors = {a.iss: a for a in await session.scalars(select(AuthorRow).where(AuthorRow.token == token))}
    query = select(SharedRecordRow).where(
        SharedRecordRow.token == token, SharedRecordRow.iss.in_(members), SharedRecordRow.dropped.is_(False)
    )
    records = await session.scalars(query.order_by(SharedRecordRow.iss, SharedRecordRow.record, SharedRecordRow.key))
    return {
        "token": asked,
        "generation": person.generation,
        "members": [_member(name, authors.get(name), person.restate_generation) for name in members],
        "records": [_record(row) for row in records],
    }


def has_restated(author: AuthorRow | None, restate_generation: int) -> bool:
    """Tell whether an author has told all since the last member joined."""
    return (
        author is not None
        and author.baseline_n is not None
        and ((author.baseline_generation or 0) >= restate_generation)
    )


def _member(name: str, author: AuthorRow | None, restate_generation: int) -> dict[str, Any]:
    return {"id": name, "complete": has_restated(author, restate_generation), "n": author.n if author else 0}


def _record(row: SharedRecordRow) -> dict[str, Any]:
    return {"iss": row.iss, "type": row.type, "payload": row.payload, "n": row.n, "hash": jose.encode(row.hash)}
