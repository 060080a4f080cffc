"""What the broker does not take: it keeps position, hash and problem, and says so to the author and the members."""

from sqlalchemy import delete, update

from services.broker.operations.relay.batch import Batch
from services.broker.operations.standing import is_parting_on_its_way
from shared.domain.errors import DomainError
from shared.domain.events.payloads.broker import SetRefused
from shared.exchange import jose
from shared.exchange.judge import Verdict
from shared.exchange.sets import NotShared, SecurityEvent
from shared.exchange.stream.dead_letters import bury
from shared.exchange.stream.heads import Head
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow


async def refuse(batch: Batch, head: Head, position: int, event: SecurityEvent, failure: DomainError) -> None:
    """Refuse an event that intake had taken."""
    session = batch.session
    at = (EntryRow.stream_id == head.id, EntryRow.position == position)
    await session.execute(update(EntryRow).where(*at).values(state="refused"))
    await session.execute(delete(SetRow).where(SetRow.iss == event.iss, SetRow.hash == event.hash))
    token = None if event.type.is_of_run else event.token
    verdict = Verdict(event.hash, "", iss=event.iss, n=event.n, token=token)
    counted = await is_parting_on_its_way(session, failure, head, position, (token, token and batch.token_of(event)))
    letter = await bury(session, head, position, verdict, failure, ids=batch.broker.ids, at=batch.now, counted=counted)
    tell_refused(batch, letter)


def tell_refused(batch: Batch, letter: DeadLetterRow) -> None:
    """Tell the author what was refused, and the members where it fills a place in their count of the author's events.

    A second event under a count fills none: the first one stands there.
    """
    if letter.token is None:
        return
    person = batch.people[letter.token]
    if letter.problem == NotShared.problem and letter.n is not None:
        batch.told_before[letter.token].add(letter.iss)
    counts, shares = False, letter.iss in person.members
    if letter.n is not None and (shares or letter.iss in person.held):
        counts = batch.histories.awaits(letter.token, letter.iss, letter.n)
        batch.histories.count(letter.token, letter.iss, letter.n, letter.hash)
    payload = SetRefused(iss=letter.iss, hash=jose.encode(letter.hash), problem=letter.problem, n=letter.n)
    to = person.members if counts and shares else frozenset()
    batch.say("set.refused.v1", letter.token, payload, to | {letter.iss})
