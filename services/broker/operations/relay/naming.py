"""Two tokens, one person: pairs are taken from enrolments, people move, and every event is put under one name.

During an overlap a person goes by the old token, until the day of the move or until an office comes that knows the
new one alone. What an office says under either token is about that person, and stays as it signed it.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select, update

from services.broker.epochs.moving import forget_empty, move_person
from services.broker.epochs.names import names_of
from services.broker.operations.relay.batch import Batch, Work
from services.broker.tables import EnrolmentRow, PersonPairRow, PersonRow
from shared.domain.errors import Conflict
from shared.domain.events.payloads.people import Enrolled, Rekeyed
from shared.exchange.match_keys import MatchKeyMismatch, MatchKeys
from shared.exchange.sets import SecurityEvent
from shared.exchange.stream.tables import SetRow
from shared.runtime.clock import unix
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.database.engine import connection_of

_PAIRS = table_of(PersonPairRow)
_SETS = table_of(SetRow)
_FOUND_BY = (
    update(_SETS)
    .where(_SETS.c.iss == bindparam("of_iss"), _SETS.c.hash == bindparam("of_hash"))
    .values(token=bindparam("name"))
)


class PairContradicted(Conflict):
    """Another office told one of these tokens together with a third; one of the two has a wrong PESEL."""


async def name_all(batch: Batch, work: Sequence[Work]) -> Sequence[Work]:
    """Take pairs, move whom they move, and return the work with each person under the one name."""
    keys = batch.broker.directory.match_keys
    work = [replace(one, event=in_force(keys, one.event)) if one.event else one for one in work]
    if keys.next is None:
        return work
    events = [one.event for one in work if one.event and not one.event.type.is_of_run]
    tokens = {token for event in events for token in tokens_in(event)}
    tokens |= {one.letter.token for one in work if one.letter and one.letter.token}
    await _lock(batch, tokens)
    for event in events:
        if isinstance(event.payload, Enrolled):
            await _take_pair(batch, event, event.payload)
    batch.names = await names_of(batch.session, keys, tokens)
    named = [_named(batch, one) for one in work]
    await _find_by_name(batch, [one.event for one in named if one.event and one.event.hash in batch.signed_under])
    return named


def tokens_in(event: SecurityEvent) -> set[str]:
    """Return every token that an event names."""
    named = {event.token}
    if isinstance(event.payload, Rekeyed):
        named.add(event.payload.token)
    elif isinstance(event.payload, Enrolled) and event.payload.next_token:
        named.add(event.payload.next_token)
    return named


def require_pair(batch: Batch, name: str, payload: Enrolled) -> None:
    """Refuse a pair of which one token is known to be of another person.

    :raises PairContradicted: it is.
    """
    if payload.next_token is not None and batch.names.get(payload.next_token, payload.next_token) != name:
        raise PairContradicted(field="next")


def in_force(keys: MatchKeys, event: SecurityEvent) -> SecurityEvent:
    """Return an enrolment under two keys, of which the first has ended on its way, as one under the second."""
    told = event.payload
    if not isinstance(told, Enrolled) or not keys.is_current(told.next_key_fingerprint or "") or not told.next_token:
        return event
    check, fingerprint = told.next_check or "", told.next_key_fingerprint or ""
    alone = Enrolled(check=check, key_fingerprint=fingerprint, basis=told.basis)
    return replace(event, token=told.next_token, payload=alone)


def require_key(keys: MatchKeys, token: str, payload: Enrolled) -> None:
    """Refuse an enrolment by another key than it says, or by one that has ended.

    :raises MatchKeyMismatch: it is.
    """
    keys.require(payload.key_fingerprint, token)
    if payload.next_token is None:
        return
    if not keys.is_next(payload.next_key_fingerprint or "") or not keys.is_of_next(payload.next_token):
        announced = keys.next.fingerprint if keys.next else None
        raise MatchKeyMismatch(
            "The second token is not by the key that the directory announces.",
            expected=announced,
            received=payload.next_key_fingerprint,
        )


async def move_pairs(batch: Batch, pairs: Sequence[PersonPairRow]) -> None:
    """Move people to their new tokens; the caller has locked both."""
    for pair in pairs:
        moved = await move_person(batch.session, pair.old, pair.new)
        pair.moved = True
        batch.moved.add(pair.new)
        if moved.is_union:
            batch.united.add(pair.new)
    await batch.session.flush()
    await forget_empty(batch.session, [pair.old for pair in pairs])


async def _lock(batch: Batch, tokens: set[str]) -> None:
    """Lock all that these tokens name, and what they are paired with, in the order of all tokens."""
    pairs = await names_of(batch.session, batch.broker.directory.match_keys, tokens)
    both = sorted(tokens | set(pairs) | set(pairs.values()))
    query = select(PersonRow.token).where(PersonRow.token.in_(both)).order_by(PersonRow.token)
    await batch.session.execute(query.with_for_update())


async def _take_pair(batch: Batch, event: SecurityEvent, payload: Enrolled) -> None:
    try:
        require_key(batch.broker.directory.match_keys, event.token, payload)
    except MatchKeyMismatch:
        return  # it is refused where it is handled
    if payload.next_token is not None:
        row = {"old": event.token, "new": payload.next_token, "moved": False}
        await insert_many(batch.session, _PAIRS, [row], conflict="ON CONFLICT DO NOTHING")
    known = (PersonPairRow.old == event.token) | (PersonPairRow.new == (payload.next_token or event.token))
    pairs = list(await batch.session.scalars(select(PersonPairRow).where(known).with_for_update()))
    if len(pairs) == 1 and not pairs[0].moved and await _is_to_move(batch, pairs[0], payload):
        await move_pairs(batch, pairs)


async def _is_to_move(batch: Batch, pair: PersonPairRow, payload: Enrolled) -> bool:
    keys = batch.broker.directory.match_keys
    if keys.have_moved(unix(batch.now)) or keys.is_next(payload.key_fingerprint):
        return True
    there = select(EnrolmentRow.institution).where(EnrolmentRow.token == pair.new, EnrolmentRow.active.is_(True))
    return await batch.session.scalar(there.limit(1)) is not None


async def _find_by_name(batch: Batch, events: Sequence[SecurityEvent]) -> None:
    """Let the SETs of events be found by the names of their people."""
    if events:
        rows = [{"of_iss": event.iss, "of_hash": event.hash, "name": event.token} for event in events]
        await (await connection_of(batch.session)).execute(_FOUND_BY, rows)


def _named(batch: Batch, one: Work) -> Work:
    """Put one piece of work under the name of its person."""
    if one.letter is not None and one.letter.token in batch.names:
        one.letter.token = batch.names[one.letter.token]
    event = one.event
    if event is None or event.token not in batch.names:
        return one
    batch.signed_under[event.hash] = event.token
    return replace(one, event=replace(event, token=batch.names[event.token]))
