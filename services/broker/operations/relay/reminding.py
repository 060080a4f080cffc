"""Words of erasure that are mailed again: to who holds what they name though this broker no longer knows it.

A broker that was restored from an older copy has forgotten whom it had mailed a SET to, and gives mailboxes up in which
words lie that nobody took (docs/decisions/0054).
"""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from services.broker.node import Broker
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.erased import Erasure
from services.broker.tables import ErasureMailRow
from shared.domain.institutions import BROKER
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.append import Entry
from shared.exchange.stream.tables import AcknowledgementRow, DeadLetterRow, SetRow, StreamRow

AT_ONCE = 200
LEEWAY_S = 600
"""Two offices may sign with clocks this far apart."""

_OF_WORD = (SetRow.iss == ErasureMailRow.iss) & (SetRow.hash == ErasureMailRow.hash)


async def remind_of_given_up(broker: Broker) -> int:
    """Mail words again that lie in mailboxes that were given up, and were not acknowledged there; return how many."""
    present = select(StreamRow.peer, func.max(StreamRow.id).label("id")).where(StreamRow.owner == BROKER)
    mailbox = present.group_by(StreamRow.peer).subquery()
    followed = select(func.max(AcknowledgementRow.position)).where(
        AcknowledgementRow.stream_id == ErasureMailRow.stream_id
    )
    query = (
        select(ErasureMailRow.hash, ErasureMailRow.iss, ErasureMailRow.institution, SetRow.token)
        .join(mailbox, mailbox.c.peer == ErasureMailRow.institution)
        .join(SetRow, _OF_WORD)
        .where(ErasureMailRow.stream_id < mailbox.c.id)
        .where(ErasureMailRow.position > func.coalesce(followed.scalar_subquery(), 0))
        .order_by(ErasureMailRow.hash, ErasureMailRow.institution)
        .limit(AT_ONCE)
    )
    async with broker.db.write() as session:
        batch = Batch(broker, session, broker.now)
        rows = (await session.execute(query)).all()
        for row in rows:
            _remind(batch, row.token, Entry(row.iss, row.hash), row.institution)
        await batch.mail_out()
    for institution in batch.mail:
        broker.bells.ring(institution)
    return len(rows)


async def remind(batch: Batch, person: Person, offices: Collection[str]) -> None:
    """Mail offices that told of a person before what others erased since: who joins, or is refused as no member.

    Only who shares a person tells of the person, so they shared the person in a past that this broker lost, or left.
    """
    tokens = [person.token, *([person.before] if person.before else [])]
    known = select(SetRow.text, SetRow.hash).join(ErasureMailRow, _OF_WORD)
    known = known.where(SetRow.token.in_(tokens), ErasureMailRow.institution == BROKER)
    rows = await batch.session.execute(known.order_by(SetRow.iss, SetRow.n))
    words = [_read(batch, row.text, row.hash) for row in rows]
    mailed = await _mailed(batch, [word.hash for word in words])
    for name in sorted(offices) if words else ():
        since = await _told_since(batch, tokens, name)
        for word in words:
            is_news = word.iss != name and (word.hash, name) not in mailed
            if is_news and since is not None and since <= word.iat + LEEWAY_S:
                _remind(batch, word.token, Entry(word.iss, word.hash), name)


def _remind(batch: Batch, token: str, word: Entry, to: str) -> None:
    """Mail a word of erasure again; from here on its newest place is asked whether it was followed."""
    batch.relay(word.iss, word.hash, (to,))
    batch.erasures.append(Erasure(token=token, word=word, hashes=(), to=(to,)))


async def _mailed(batch: Batch, words: Sequence[bytes]) -> set[tuple[bytes, str]]:
    """Return which words were mailed to whom."""
    query = select(ErasureMailRow.hash, ErasureMailRow.institution).where(ErasureMailRow.hash.in_(words))
    return {(row.hash, row.institution) for row in await batch.session.execute(query)} if words else set()


async def _told_since(batch: Batch, tokens: Collection[str], institution: str) -> int | None:
    """Return since when an office tells of a person, in Unix seconds; nothing where it never did.

    Of what was refused because it shared the person no more, or not yet, nobody knows here when it was signed.
    """
    of_it = (DeadLetterRow.token.in_(tokens), DeadLetterRow.iss == institution, DeadLetterRow.n.is_not(None))
    if await batch.session.scalar(select(DeadLetterRow.id).where(*of_it).limit(1)) is not None:
        return 0
    said = (SetRow.token.in_(tokens), SetRow.iss == institution, SetRow.n.is_not(None))
    first = select(SetRow.text, SetRow.hash).where(*said).order_by(SetRow.n).limit(1)
    row = (await batch.session.execute(first)).one_or_none()
    return _read(batch, row.text, row.hash).iat if row is not None else None


def _read(batch: Batch, text: str, digest: bytes) -> SecurityEvent:
    return read_event(parse_set(text), digest, batch.broker.identity.federation)
