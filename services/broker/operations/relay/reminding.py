"""Words of erasure that are mailed again: to who holds what they name though this broker no longer knows it.

A broker that was restored from an older copy has forgotten whom it had mailed a SET to. An office that says of itself
that it had the client before the word was said may hold what the word erases (docs/decisions/0054).
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.erased import Erasure
from services.broker.tables import ErasureMailRow
from shared.domain.events.payloads.people import Enrolled
from shared.domain.institutions import BROKER
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.append import Entry
from shared.exchange.stream.tables import SetRow

OF_WORD = (SetRow.iss == ErasureMailRow.iss) & (SetRow.hash == ErasureMailRow.hash)


def remind(batch: Batch, token: str, word: Entry, to: Collection[str]) -> None:
    """Mail a word of erasure again; from here on its newest place is asked whether it was followed."""
    batch.relay(word.iss, word.hash, to)
    batch.erasures.append(Erasure(token=token, word=word, hashes=(), to=sorted(to)))


async def remind_joined(batch: Batch, person: Person, joined: Collection[str]) -> None:
    """Mail those who begin to share a person the words of erasure that others said since they had the client."""
    tokens = [person.token, *([person.before] if person.before else [])]
    known = select(SetRow.text, SetRow.hash).join(ErasureMailRow, OF_WORD)
    known = known.where(SetRow.token.in_(tokens), ErasureMailRow.institution == BROKER)
    rows = await batch.session.execute(known.order_by(SetRow.iss, SetRow.n))
    words = [_read(batch, row.text, row.hash) for row in rows]
    mailed = await _mailed(batch, [word.hash for word in words])
    for name in sorted(joined) if words else ():
        since = await _had_since(batch, tokens, name)
        for word in words:
            is_news = word.iss != name and (word.hash, name) not in mailed
            if is_news and since is not None and since <= word.iat:
                remind(batch, word.token, Entry(word.iss, word.hash), (name,))


async def _mailed(batch: Batch, words: Sequence[bytes]) -> set[tuple[bytes, str]]:
    """Return which words were mailed to whom."""
    query = select(ErasureMailRow.hash, ErasureMailRow.institution).where(ErasureMailRow.hash.in_(words))
    return {(row.hash, row.institution) for row in await batch.session.execute(query)} if words else set()


async def _had_since(batch: Batch, tokens: Collection[str], institution: str) -> int | None:
    """Return when an office first signed that it has the client, in Unix seconds; nothing where that is not held."""
    said = select(SetRow.text, SetRow.hash).where(
        SetRow.token.in_(tokens), SetRow.iss == institution, SetRow.n.is_(None)
    )
    events = [_read(batch, row.text, row.hash) for row in await batch.session.execute(said)]
    return min((event.iat for event in events if isinstance(event.payload, Enrolled)), default=None)


def _read(batch: Batch, text: str, digest: bytes) -> SecurityEvent:
    return read_event(parse_set(text), digest, batch.broker.identity.federation)
