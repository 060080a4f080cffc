"""The life of a dead letter (*martwy list*): listed with its state, answered by its author, or discarded by two people.

Open letters wait for an answer. Their author says the same anew (redriven), or an official discards them with a reason
and a second official confirms: until then the letter is ``discarding`` and still waits.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BindParameter, ColumnElement, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, Forbidden, NotFound
from shared.domain.events.payloads.people import Enrolled, Restated
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.heads import Head
from shared.exchange.stream.tables import DeadLetterRow, DiscardRow, EntryRow, ReceiptRow, SetRow, StreamRow

WAITING = ("open", "discarding")
"""States in which a letter waits for an answer."""

State = Literal["open", "discarding", "discarded", "redriven", "counted", "erased", "purged"]
Reason = Literal["overtaken", "sent_in_error", "client_gone", "unreadable"]
"""Why nobody needs the letter: newer news passed it, it was a mistake, its client is gone, nobody can read it."""


class Discard(BaseModel):
    """Why a dead letter may be discarded."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "overtaken"}]})

    reason: Reason


class LetterView(BaseModel):
    """A SET that was not taken: at this end (``self``), or at the other (``peer``), and what became of it.

    ``asked_by`` and ``confirmed_by`` are the pseudonyms of the officials who discard it, ``reason`` is why.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    owner: str
    peer: str
    position: int
    iss: str
    problem: str
    state: State
    found_by: str
    at: datetime
    reason: Reason | None = None
    asked_by: str | None = None
    asked_at: datetime | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


class NotWaiting(Conflict):
    """The letter was answered already, or nobody asked to discard it."""


class SameOfficial(Forbidden):
    """Who asked to discard a letter cannot confirm it; let a second official look."""


async def listed(session: AsyncSession, states: Iterable[str], after: str, limit: int) -> Sequence[LetterView]:
    """Return dead letters of some states in the order of their ids; those that wait where none is named."""
    query = _VIEWS.where(DeadLetterRow.state.in_(sorted(states) or WAITING), DeadLetterRow.id > after)
    rows = await session.execute(query.order_by(DeadLetterRow.id).limit(limit))
    return [LetterView.model_validate(row) for row in rows]


async def ask_to_discard(session: AsyncSession, letter_id: str, reason: Reason, *, by: str, at: datetime) -> LetterView:
    """Ask that an open letter be discarded.

    :raises NotFound: there is no such letter.
    :raises NotWaiting: it is not open.
    """
    letter = await _locked(session, letter_id, "open")
    letter.state = "discarding"
    session.add(DiscardRow(letter_id=letter_id, reason=reason, asked_by=by, asked_at=at))
    return await _view(session, letter_id)


async def confirm_discard(session: AsyncSession, letter_id: str, *, by: str, at: datetime) -> LetterView:
    """Discard a letter, as a second official.

    :raises NotFound: there is no such letter.
    :raises NotWaiting: nobody asked to discard it.
    :raises SameOfficial: who asked cannot confirm.
    """
    letter = await _locked(session, letter_id, "discarding")
    discard = await session.get_one(DiscardRow, letter_id)
    if discard.asked_by == by:
        raise SameOfficial()
    letter.state, discard.confirmed_by, discard.confirmed_at = "discarded", by, at
    return await _view(session, letter_id)


async def keep(session: AsyncSession, letter_id: str) -> LetterView:
    """Take the request to discard a letter back: it is open as before.

    :raises NotFound: there is no such letter.
    :raises NotWaiting: nobody asked to discard it.
    """
    letter = await _locked(session, letter_id, "discarding")
    letter.state = "open"
    await session.delete(await session.get_one(DiscardRow, letter_id))
    return await _view(session, letter_id)


async def answer(
    session: AsyncSession, events: Iterable[SecurityEvent], refused: Collection[tuple[str, int]] = ()
) -> None:
    """Take letters off the list that their author has answered by saying the same anew.

    A whole restatement replaces everything earlier of its author about the person, and an enrolment answers what was
    said of the enrolment: what carries no count. ``refused`` are the tokens and counts of what came with the events and
    is no letter yet.
    """
    for event in events:
        last = await _answered_by(session, event, refused)
        if last is not None:
            about = (*_of(event), DeadLetterRow.state.in_(WAITING), _count <= last)
            await session.execute(update(DeadLetterRow).where(*about).values(state="redriven"))


async def answer_since(session: AsyncSession, head: Head, federation: str) -> None:
    """Take letters off an author's list that it has answered since, by what the other end has a receipt for.

    What the other end did not take may be told to the author when it has long said the same anew.
    """
    said: dict[bytes, int | None] = {}
    answered = []
    for row in list(await session.execute(_SAID_SINCE, {"of_stream": head.id})):
        if row.hash not in said:
            event = replace(read_event(parse_set(row.text), row.hash, federation), token=row.token)
            said[row.hash] = await _answered_by(session, event)
        last = said[row.hash]
        if last is not None and (row.n or 0) <= last:
            answered.append(row.id)
    if answered:
        await session.execute(update(DeadLetterRow).where(DeadLetterRow.id.in_(answered)).values(state="redriven"))


async def _answered_by(
    session: AsyncSession, event: SecurityEvent, refused: Collection[tuple[str, int]] = ()
) -> int | None:
    """Return up to which count an event answers what its author said of the person; 0: what carries none.

    A restatement of which a part was not taken answers nothing, and no part answers another.
    """
    if isinstance(event.payload, Enrolled):
        return 0
    if not isinstance(event.payload, Restated) or event.payload.part != event.payload.parts:
        return None
    first = (event.n or 0) - event.payload.parts
    if any(token == event.token and first < n < (event.n or 0) for token, n in refused):
        return None
    if event.payload.parts > 1:
        lacking = select(DeadLetterRow.id).where(*_of(event), _count > first, _count < (event.n or 0)).limit(1)
        if await session.scalar(lacking) is not None:
            return None
    return first


def _of(event: SecurityEvent) -> tuple[ColumnElement[bool], ...]:
    return DeadLetterRow.iss == event.iss, DeadLetterRow.token == event.token


_count = func.coalesce(DeadLetterRow.n, 0)
_STREAM: BindParameter[Any] = bindparam("of_stream")
_RECEIVED = select(func.max(ReceiptRow.position)).where(ReceiptRow.stream_id == _STREAM).scalar_subquery()
_REFUSED = select(DeadLetterRow.hash).where(DeadLetterRow.stream_id == _STREAM)
_SAID_SINCE = (
    select(DeadLetterRow.id, DeadLetterRow.n, SetRow.token, SetRow.text, SetRow.hash)
    .join(SetRow, (SetRow.iss == DeadLetterRow.iss) & (SetRow.token == DeadLetterRow.token))
    .join(EntryRow, (EntryRow.iss == SetRow.iss) & (EntryRow.hash == SetRow.hash))
    .where(DeadLetterRow.stream_id == _STREAM, DeadLetterRow.state.in_(WAITING))
    .where(EntryRow.stream_id == _STREAM, EntryRow.position > DeadLetterRow.position, EntryRow.position <= _RECEIVED)
    .where(EntryRow.hash.not_in(_REFUSED))
)
_VIEWS = (
    select(
        *(getattr(DeadLetterRow, name) for name in ("id", "position", "iss", "problem", "state", "found_by", "at")),
        StreamRow.owner,
        StreamRow.peer,
        *(getattr(DiscardRow, name) for name in ("reason", "asked_by", "asked_at", "confirmed_by", "confirmed_at")),
    )
    .join(StreamRow, StreamRow.id == DeadLetterRow.stream_id)
    .outerjoin(DiscardRow, DiscardRow.letter_id == DeadLetterRow.id)
)


async def _locked(session: AsyncSession, letter_id: str, state: str) -> DeadLetterRow:
    letter = await session.get(DeadLetterRow, letter_id, with_for_update=True)
    if letter is None:
        raise NotFound()
    if letter.state != state:
        raise NotWaiting(expected=state, received=letter.state)
    return letter


async def _view(session: AsyncSession, letter_id: str) -> LetterView:
    await session.flush()
    return LetterView.model_validate((await session.execute(_VIEWS.where(DeadLetterRow.id == letter_id))).one())
