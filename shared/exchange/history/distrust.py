"""What came under a key that was no longer secret is taken out again: it may be a thief's.

The bytes stay, as evidence and for what an official finds; the records that rest on them go, and their author is known
as far as it is believed. Its next complete restatement, under a new key, brings everything back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import DomainError
from shared.exchange.history.tables import AuthorRow, HoleRow, RestatedPartRow, SharedRecordRow
from shared.exchange.judge import Verdict
from shared.exchange.sets import SetSignatureWrong, parse_set
from shared.exchange.stream.dead_letters import bury
from shared.exchange.stream.heads import head_by_id
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow, StreamRow
from shared.runtime.ids import Ids

AT_ONCE = 200
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Suspect:
    """A SET that the broker received after its key was compromised.

    ``first`` is the least count of all suspects of the same person, however many are taken out at once.
    """

    token: str
    n: int
    hash: bytes
    first: int = 0


async def suspects(session: AsyncSession, iss: str, kid: str, since: int) -> list[Suspect]:
    """Return what came under a key since a moment (Unix seconds), by person and count."""
    moment = datetime.fromtimestamp(since, UTC)
    late = or_(SetRow.received_at >= since, SetRow.received_at.is_(None) & (SetRow.stored_at >= moment))
    query = select(SetRow).where(SetRow.iss == iss, late).order_by(SetRow.hash).limit(_PAGE)
    found: list[Suspect] = []
    after = b""
    while rows := list(await session.scalars(query.where(SetRow.hash > after))):
        found += [Suspect(row.token, row.n or 0, row.hash) for row in rows if _kid_of(row.text) == kid]
        after = rows[-1].hash
        session.expunge_all()
    first: dict[str, int] = {}
    for one in found:
        if one.n:
            first[one.token] = min(one.n, first.get(one.token, one.n))
    return sorted((replace(one, first=first.get(one.token, 0)) for one in found), key=lambda one: (one.token, one.n))


async def distrust(session: AsyncSession, iss: str, told: Sequence[Suspect]) -> set[str]:
    """Take out what rests on suspects, in their order; the caller has locked the people.

    Return of whom the author counts as silent from here on. It is taken back once for each person, with the first of
    the person's suspects: the bytes of those that were taken out before are still there, and are none to go back to.
    """
    hashes = [one.hash for one in told]
    tokens = sorted({one.token for one in told})
    for table in (SharedRecordRow, RestatedPartRow):
        await session.execute(delete(table).where(table.token.in_(tokens), table.iss == iss, table.hash.in_(hashes)))
    firsts = {one.token: one.n for one in told if one.n and one.n == one.first}
    for token, first in sorted(firsts.items()):
        await _go_back(session, token, iss, first)
    return set(firsts)


async def set_aside(
    session: AsyncSession, owner: str, peer: str, told: Sequence[Suspect], state: str, ids: Ids, at: datetime
) -> int:
    """Mark the entries of suspects in a stream, each with a dead letter; return how many."""
    by_hash = {one.hash: one for one in told}
    streams = select(StreamRow.id).where(StreamRow.owner == owner, StreamRow.peer == peer)
    query = select(EntryRow).where(
        EntryRow.stream_id.in_(streams), EntryRow.hash.in_(list(by_hash)), EntryRow.state == "kept"
    )
    known = select(DeadLetterRow.stream_id, DeadLetterRow.position).where(DeadLetterRow.hash.in_(list(by_hash)))
    buried = {(row.stream_id, row.position) for row in await session.execute(known)}
    failure = SetSignatureWrong("The key is compromised, and the broker received the SET after it was.")
    found = list(await session.scalars(query))
    for entry in found:
        entry.state = state
        head = await head_by_id(session, entry.stream_id)
        if head is not None and (entry.stream_id, entry.position) not in buried:
            one = by_hash[entry.hash]
            verdict = Verdict(one.hash, "", None, failure, entry.iss, one.n or None, one.token or None)
            await bury(session, head, entry.position, verdict, failure, ids=ids, at=at)
    await session.flush()
    return len(found)


async def _go_back(session: AsyncSession, token: str, iss: str, first: int) -> None:
    """Know an author as it was before a count; until it restates, nobody is told that this is all."""
    before = select(SetRow).where(SetRow.token == token, SetRow.iss == iss, SetRow.n < first)
    last = await session.scalar(before.order_by(SetRow.n.desc()).limit(1))
    at = (AuthorRow.token == token, AuthorRow.iss == iss)
    await session.execute(delete(HoleRow).where(HoleRow.token == token, HoleRow.iss == iss, HoleRow.n >= first))
    if last is None:
        await session.execute(delete(AuthorRow).where(*at))
    else:
        forgotten = dict.fromkeys(("baseline_n", "baseline_generation", "baseline_hashes"))
        known = {"n": last.n, "hash": last.hash} | forgotten
        await session.execute(update(AuthorRow).where(*at).values(known))


def _kid_of(text: str) -> str | None:
    try:
        return parse_set(text).kid
    except DomainError:
        return None
