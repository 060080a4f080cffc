"""Which SETs an erasure names: those of this office about the person, or those that say one record among them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import mark_of
from shared.domain.events.fields import MAX_NAMED
from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.types import URN
from shared.exchange import jose
from shared.exchange.stream.tables import SetRow
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, FormerTokenRow

WORD = "set.erased.v1"
KEPT = (WORD, "client.withdrawn.v1", "client.rekeyed.v1")
"""What stays: the words that end an enrolment or an erasure say nothing of the person but that it was ended."""


@dataclass(frozen=True, slots=True)
class Named:
    """A SET of this office by token, count and hash."""

    token: str
    n: int | None
    hash: bytes


async def tokens_of(session: AsyncSession, client: ClientRow) -> list[str]:
    """Return the token of a client and those that it had before."""
    former = await session.scalars(select(FormerTokenRow.token).where(FormerTokenRow.client_id == client.id))
    return [client.token, *sorted(set(former) - {client.token})]


async def all_sets(session: AsyncSession, own: str, tokens: Sequence[str]) -> list[Named]:
    """Return all SETs of this office about a person, but those that end something."""
    return [
        Named(row.token, row.n, row.hash)
        for row, payload in await _held(session, own, tokens)
        if not any(f'"{URN}{name}"' in payload for name in KEPT)
    ]


async def sets_of_records(
    session: AsyncSession, own: str, tokens: Sequence[str], ids: Collection[str], types: Collection[str]
) -> list[Named]:
    """Return the SETs that say one of these records by its id, and all SETs of these types, whose payloads have none.

    A restatement says many records; it goes with any of them, for it is one signed text.
    """
    marks = [*(f'"{one}"' for one in ids), *(f'"{URN}{name}"' for name in types)]
    return [
        Named(row.token, row.n, row.hash)
        for row, payload in await _held(session, own, tokens)
        if any(mark in payload for mark in marks)
    ]


def tell_erased(work: Work, record_id: str, named: Sequence[Named], ground: str, term: date) -> int:
    """Tell all that hold them that these SETs are erased, which say a record or a client; return in how many events."""
    told = 0
    for token in sorted({one.token for one in named}):
        for part in _parts([one for one in named if one.token == token]):
            sets = tuple((work.node.id, one.n, jose.encode(one.hash)) for one in part)
            work.tell(WORD, token, Erased(sets=sets, ground=ground, term=term, record=mark_of(record_id)))
            told += 1
    return told


async def _held(session: AsyncSession, own: str, tokens: Sequence[str]) -> list[tuple[SetRow, str]]:
    query = select(SetRow).where(SetRow.token.in_(tokens), SetRow.iss == own).order_by(SetRow.stored_at, SetRow.jti)
    return [(row, jose.decode(row.text.split(".")[1]).decode()) for row in await session.scalars(query)]


def _parts(named: Sequence[Named]) -> Iterator[Sequence[Named]]:
    for first in range(0, len(named), MAX_NAMED):
        yield named[first : first + MAX_NAMED]
