"""What is known of people when they are assessed, and the hashes of the SETs that say it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.operations.merged import has_restated
from services.broker.operations.relay.batch import Person
from services.broker.tables import AttributeRow
from shared.domain.assemble import Told
from shared.domain.benefit.eligibility import NOT_COUNTED
from shared.domain.events import schema
from shared.domain.events.types import event_type
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow, SharedRecordRow


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person, and the hashes of the SETs that say it."""

    told: Sequence[Told]
    inputs: Sequence[str]
    complete: bool


async def known_of(session: AsyncSession, people: Sequence[Person]) -> dict[str, Known]:
    """Return what is known of some people, by token."""
    tokens = [person.token for person in people]
    records: dict[str, list[SharedRecordRow]] = defaultdict(list)
    for row in await session.scalars(rows_of(SharedRecordRow, tokens)):
        records[row.token].append(row)
    authors: dict[str, dict[str, AuthorRow]] = defaultdict(dict)
    for author in await session.scalars(rows_of(AuthorRow, tokens)):
        authors[author.token][author.iss] = author
    joined = rows_of(AttributeRow, tokens).where(AttributeRow.name == "programme")
    memberships = {(row.token, row.iss): row.hash for row in await session.scalars(joined)}
    return {
        person.token: _one(
            person,
            records[person.token],
            authors[person.token],
            memberships.get((person.token, person.row.programme_pup or "")),
        )
        for person in people
    }


def _one(
    person: Person, records: Sequence[SharedRecordRow], authors: Mapping[str, AuthorRow], membership: str | None
) -> Known:
    """Return what is known of a person; ``membership`` is the hash of the SET that says who leads, and in which arm."""
    members = sorted(person.members)
    rows = [row for row in records if row.iss in person.members]
    told = [Told(row.iss, schema.read(event_type(row.type).shape, row.payload)) for row in rows if not row.dropped]
    used = {jose.encode(row.hash) for row in rows if row.dropped or row.record != "support_form" or _counts(row)}
    baselines = {digest for name in members if name in authors for digest in authors[name].baseline_hashes or ()}
    inputs = used | baselines | {person.row.news_hash or "", membership or ""}
    complete = all(has_restated(authors.get(name), person.row.restate_generation) for name in members)
    return Known(told, sorted(inputs - {""}), complete)


def _counts(row: SharedRecordRow) -> bool:
    """Tell whether a form of support enters the case: only placements do, for the days that do not count."""
    return row.payload.get("code") in NOT_COUNTED


def rows_of(entity: Any, tokens: Sequence[str]) -> Select[Any]:
    """Select the rows of some people."""
    return select(entity).where(entity.token.in_(tokens))
