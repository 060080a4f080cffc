"""Suspected matches: an official of each side confirms or refuses; until then nothing is disclosed."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.contest import require_letting_in
from shared.domain.errors import Conflict, NotFound
from shared.domain.events.payloads.broker import Suspected
from shared.domain.events.payloads.people import MatchVerdict
from shared.exchange.sets import SecurityEvent
from shared.exchange.stream.tables import SetRow
from shared.institution.operations.clients import lock_active
from shared.institution.operations.own_words import own_words
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, SuspicionRow

CONFIRMED, REFUSED = "match.confirmed.v1", "match.refused.v1"
_STATES = {CONFIRMED: "confirmed", REFUSED: "refused"}


async def waiting(session: AsyncSession, state: str, after: str, limit: int) -> Sequence[SuspicionRow]:
    """Return suspicions in a state, in the order of their ids."""
    query = select(SuspicionRow).where(SuspicionRow.state == state, SuspicionRow.id > after)
    return list(await session.scalars(query.order_by(SuspicionRow.id).limit(limit)))


async def answer(work: Work, suspicion_id: str, *, confirmed: bool, reason_code: str, by: str) -> SuspicionRow:
    """Tell the broker what an official found.

    :raises NotFound: there is no such suspicion here.
    :raises Conflict: it was answered already.
    :raises LetsNobodyIn: it would let a second labour office in for a reason that does not.
    """
    found = await work.session.get(SuspicionRow, suspicion_id)
    if found is None:
        raise NotFound()
    client = await lock_active(work.session, found.client_id)
    row = await work.session.get_one(SuspicionRow, suspicion_id, with_for_update=True, populate_existing=True)
    if row.state != "open":
        raise Conflict("The suspicion was answered already.", received=row.state)
    if row.contest and confirmed:
        require_letting_in(reason_code)
    row.state, row.answered_by = ("confirmed" if confirmed else "refused"), by
    work.tell(
        CONFIRMED if confirmed else REFUSED,
        client.token,
        MatchVerdict(suspicion_id=suspicion_id, reason_code=reason_code),
    )
    work.changed("suspicion", suspicion_id, client.id, row.state)
    return row


async def note_raised(work: Work, client: ClientRow, raised: Suspected) -> None:
    """Note what the broker suspects or asks; what the office answered before it lost its file stays answered."""
    suspicion_id = raised.suspicion_id
    if client.state != "active" or await work.session.get(SuspicionRow, suspicion_id) is not None:
        return
    said = await own_answers(work, SetRow.token == client.token)
    state = next((_STATES[event.type.name] for event in said if event.payload.suspicion_id == suspicion_id), "open")
    row = SuspicionRow(id=suspicion_id, client_id=client.id, state=state, raised_at=work.now)
    row.contest = bool(raised.contest)
    work.session.add(row)
    work.changed("suspicion", suspicion_id, client.id, "opened")


async def stand_as_answered(work: Work, events: Iterable[SecurityEvent]) -> None:
    """Set suspicions of an older copy to what the office's own words among the events answered."""
    for event in events:
        if isinstance(event.payload, MatchVerdict):
            await _set(work, event, _STATES[event.type.name])


async def note_in_vain(work: Work, digest: bytes) -> None:
    """Let a suspicion lapse whose answer the broker refused: the other side had ended it meanwhile."""
    for event in await own_answers(work, SetRow.hash == digest):
        await _set(work, event, "lapsed")


async def _set(work: Work, event: SecurityEvent, state: str) -> None:
    row = await work.session.get(SuspicionRow, event.payload.suspicion_id, with_for_update=True)
    if row is not None and row.state not in (state, "lapsed"):
        row.state = state
        work.changed("suspicion", row.id, row.client_id, state)


async def own_answers(work: Work, *about: ColumnElement[bool]) -> list[SecurityEvent]:
    """Return what this office answered, by those of its own SETs that some conditions choose."""
    said = await own_words(work.session, work.node, *about)
    return [event for event in said if isinstance(event.payload, MatchVerdict)]
