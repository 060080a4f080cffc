"""The life of a dead letter (*martwy list*): listed with its state, answered by its author, or discarded by two people.

Open letters wait for an answer. Their author says the same anew (redriven), or an official discards them with a reason
and a second official confirms: until then the letter is ``discarding`` and still waits.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BindParameter, ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, Forbidden, NotFound
from shared.domain.events.payloads.people import Enrolled, Restated
from shared.domain.events.types import URN
from shared.exchange.match_keys import MatchKeyMismatch
from shared.exchange.sets import SecurityEvent, parse_set, read_event
from shared.exchange.stream.heads import Head
from shared.exchange.stream.tables import DeadLetterRow, DiscardRow, EntryRow, ReceiptRow, SetRow, StreamRow

WAITING = ("open", "discarding")
"""States in which a letter waits for an answer."""

_Letter = Row[str, int, int | None, str, str | None, str]
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

    A whole restatement replaces everything earlier of its author about the person. An enrolment answers one that was
    refused: whoever did not take a SET keeps no text to tell what it was, so the problem must say so. ``refused`` are
    the tokens and counts of what came with the events and is no letter yet.
    """
    which: tuple[ColumnElement[bool], ...]
    for event in events:
        if isinstance(event.payload, Enrolled):
            which = (_count == 0, DeadLetterRow.problem == MatchKeyMismatch.problem)
        elif (last := await _restated_up_to(session, event, refused)) is not None:
            which = (_count <= last,)
        else:
            continue
        about = (*_of(event), DeadLetterRow.state.in_(WAITING), *which)
        await session.execute(update(DeadLetterRow).where(*about).values(state="redriven"))


async def answer_since(session: AsyncSession, head: Head, federation: str) -> None:
    """Take letters off an author's list that it has answered since, by what the other end has a receipt for.

    What the other end did not take may be told to the author when it has long said the same anew. The author has the
    texts, and sees of which letters an enrolment is the answer.
    """
    letters: dict[tuple[str, str | None], list[_Letter]] = defaultdict(list)
    for letter in await session.execute(_LETTERS_OF, {"of_stream": head.id}):
        letters[letter.iss, letter.token].append(letter)
    if not letters:
        return
    answered = set()
    for row in list(await session.execute(_SAID_SINCE, {"of_stream": head.id})):
        event = replace(read_event(parse_set(row.text), row.hash, federation), token=row.token)
        enrols, last = isinstance(event.payload, Enrolled), await _restated_up_to(session, event)
        for letter in letters[event.iss, event.token]:
            is_answer = _is_of_enrolment(letter) if enrols else last is not None and (letter.n or 0) <= last
            if letter.position < row.position and is_answer:
                answered.add(letter.id)
    if answered:
        about = DeadLetterRow.id.in_(sorted(answered))
        await session.execute(update(DeadLetterRow).where(about).values(state="redriven"))


async def _restated_up_to(
    session: AsyncSession, event: SecurityEvent, refused: Collection[tuple[str, int]] = ()
) -> int | None:
    """Return up to which count a restatement answers what its author said of the person; 0: what carries none.

    A restatement of which a part was not taken answers nothing, and no part answers another.
    """
    if not isinstance(event.payload, Restated) or event.payload.part != event.payload.parts:
        return None
    last = event.n or 0
    first = last - event.payload.parts
    if any(token == event.token and first < n < last for token, n in refused):
        return None
    if event.payload.parts > 1:
        lacking = select(DeadLetterRow.id).where(*_of(event), _count > first, _count < last).limit(1)
        if await session.scalar(lacking) is not None:
            return None
    return last


def _is_of_enrolment(letter: _Letter) -> bool:
    """Tell whether what was not taken was of a client's enrolment, and no record of the client."""
    if letter.n is not None or letter.text is None:
        return False
    return any(name.startswith(f"{URN}client.") for name in parse_set(letter.text).claims["events"])


def _of(event: SecurityEvent) -> tuple[ColumnElement[bool], ...]:
    return DeadLetterRow.iss == event.iss, DeadLetterRow.token == event.token


_count = func.coalesce(DeadLetterRow.n, 0)
_STREAM: BindParameter[Any] = bindparam("of_stream")
_RECEIVED = select(func.max(ReceiptRow.position)).where(ReceiptRow.stream_id == _STREAM).scalar_subquery()
_REFUSED = select(DeadLetterRow.hash).where(DeadLetterRow.stream_id == _STREAM)
_WAIT = (DeadLetterRow.stream_id == _STREAM, DeadLetterRow.state.in_(WAITING))
_LETTERS_OF = (
    select(
        DeadLetterRow.id, DeadLetterRow.position, DeadLetterRow.n, DeadLetterRow.iss, DeadLetterRow.token, SetRow.text
    )
    .outerjoin(SetRow, (SetRow.iss == DeadLetterRow.iss) & (SetRow.hash == DeadLetterRow.hash))
    .where(*_WAIT)
)
_SAID_SINCE = (
    select(SetRow.token, SetRow.text, SetRow.hash, func.max(EntryRow.position).label("position"))
    .join(EntryRow, (EntryRow.iss == SetRow.iss) & (EntryRow.hash == SetRow.hash))
    .where(SetRow.token.in_(select(DeadLetterRow.token).where(*_WAIT)))
    .where(EntryRow.stream_id == _STREAM, EntryRow.position <= _RECEIVED, EntryRow.hash.not_in(_REFUSED))
    .where(EntryRow.position > select(func.min(DeadLetterRow.position)).where(*_WAIT).scalar_subquery())
    .group_by(SetRow.iss, SetRow.hash)
    .order_by(func.max(EntryRow.position))
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
