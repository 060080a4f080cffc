"""Office to office: each author names how far it has come with the clients it shares with a peer; the peer compares.

What an author says reaches a peer in the order in which it was said, so both compare the same moment; whatever the
broker left out on the way shows here, though author and broker agree (WIRE.md, section 7).
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.reconciliation import SharedDigest
from shared.domain.reconciliation import bucket_digests, bucket_of, differing, head_digest, mark, unmatched
from shared.exchange import jose
from shared.exchange.history.known import Author, Pair
from shared.exchange.reconciliation.discrepancies import Book
from shared.exchange.reconciliation.records import head_digests
from shared.exchange.sets import NotShared, SecurityEvent
from shared.exchange.stream.tables import EntryRow
from shared.institution.operations.runs.clients import changed_after, members_by_token, restate_some
from shared.institution.operations.work import Work

MAX_MARKS = 900
"""Clients named in one SET: 64 KiB hold no more; further buckets follow in SETs of their own."""


async def tell_all(work: Work, run: str) -> None:
    """Tell each peer how far the office has come with the clients that they share."""
    members = await members_by_token(work.session, work.node.id)
    told = await head_digests(work.session, work.node.id, members)
    for peer in sorted({one for names in members.values() for one in names} - {work.node.id}):
        shared = {token: digest for token, digest in told.items() if peer in members[token]}
        digests = tuple(map(jose.encode, bucket_digests(shared)))
        work.tell("shared.digest.v1", run, SharedDigest(reconciliation_id=run, peer=peer, digests=digests))


async def compare(work: Work, event: SecurityEvent, payload: SharedDigest, authors: Mapping[Pair, Author]) -> None:
    """Compare what a peer says of its own records; or restate what the peer holds otherwise than the office told.

    :raises NotShared: it is for another office, or from one with whom the office shares nobody.
    """
    members = await members_by_token(work.session, work.node.id)
    shared = {token for token, names in members.items() if event.iss in names}
    if payload.peer != work.node.id or not shared:
        raise NotShared()
    if payload.digests is not None:
        held = await head_digests(work.session, event.iss, shared)
        news = {token: head_digest(one.n, one.hash) for (token, iss), one in authors.items() if iss == event.iss}
        held |= {token: digest for token, digest in news.items() if token in shared}
        await _name_differing(work, event, payload, held)
    elif payload.reply_to is not None:
        ours = await head_digests(work.session, work.node.id, shared)
        await _restate(work, event.iss, payload, ours)


async def _name_differing(work: Work, event: SecurityEvent, payload: SharedDigest, held: Mapping[str, bytes]) -> None:
    """Name to an author all that the office holds of it in buckets that differ."""
    theirs = [jose.decode(digest) for digest in payload.digests or ()]
    part: list[int] = []
    marks: list[str] = []

    def say() -> None:
        reply = SharedDigest(
            reconciliation_id=payload.reconciliation_id,
            peer=event.iss,
            reply_to=jose.encode(event.hash),
            buckets=tuple(part),
            marks=tuple(marks),
        )
        work.tell("shared.digest.v1", payload.reconciliation_id, reply)

    for bucket in differing(bucket_digests(held), theirs):
        named = [jose.encode(mark(token, digest)) for token, digest in held.items() if bucket_of(token) == bucket]
        if part and len(marks) + len(named) > MAX_MARKS:
            say()
            part, marks = [], []
        part, marks = [*part, bucket], [*marks, *named[:MAX_MARKS]]
    if part:
        say()


async def _restate(work: Work, peer: str, payload: SharedDigest, ours: Mapping[str, bytes]) -> None:
    """Restate clients that the peer does not name as they stood when the office told its digest, and still stand."""
    told_at = await _position_of(work.session, work.node.id, jose.decode(payload.reply_to or ""))
    marks = [jose.decode(one) for one in payload.marks or ()]
    changed = await changed_after(work.session, work.node, told_at)
    wrong = [token for token in unmatched(ours, payload.buckets or (), marks) if token not in changed]
    outcome = await restate_some(work, wrong)
    book = Book(work.session, payload.reconciliation_id, work.node.ids, work.now)
    await book.note("relay", work.node.id, peer, outcome.restated, "mended")
    await book.note("relay", work.node.id, peer, outcome.broken, "unmended")


async def _position_of(session: AsyncSession, iss: str, digest: bytes) -> int:
    """Return where a SET of the office stands in its stream; of one that it never said, nothing stands."""
    at = select(EntryRow.position).where(EntryRow.iss == iss, EntryRow.hash == digest)
    position: int | None = await session.scalar(at.order_by(EntryRow.position.desc()).limit(1))
    return position or 0
