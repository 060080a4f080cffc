"""Dead letters of this office: listed, said anew, or discarded by two officials."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel

from shared.exchange.stream import letters
from shared.exchange.stream.letters import Discard, LetterView, State
from shared.institution.operations.exchange import redriving
from shared.institution.routes.deps import Admin, Auditor, DoWork, ReadDb
from shared.runtime.app import new_router

router = new_router("/v1/dead-letters", tags=["exchange"])

LetterId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


class Redriven(BaseModel):
    """A dead letter that was answered."""

    id: str
    state: str


@router.get("")
async def list_dead_letters(
    db: ReadDb,
    who: Auditor,
    state: Annotated[list[State] | None, Query(max_length=7, description="States; those that wait if none.")] = None,
    after: Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[LetterView]:
    """List SETs that were not taken, oldest first."""
    return list(await letters.listed(db, state or (), after, limit))


@router.post("/{letter_id}/redrive")
async def redrive_dead_letter(letter_id: LetterId, work: DoWork, who: Admin) -> Redriven:
    """Say anew what a refused SET of this office meant to say: the present state, under a new position and count."""
    letter = await redriving.redrive(work, letter_id)
    return Redriven(id=letter.id, state=letter.state)


@router.post("/{letter_id}/discard")
async def ask_to_discard_dead_letter(letter_id: LetterId, body: Discard, work: DoWork, who: Admin) -> LetterView:
    """Ask that an open letter be discarded; a second official confirms."""
    return await letters.ask_to_discard(work.session, letter_id, body.reason, by=who.subject, at=work.now)


@router.post("/{letter_id}/discard/confirm")
async def confirm_discarding_dead_letter(letter_id: LetterId, work: DoWork, who: Admin) -> LetterView:
    """Discard a letter, as a second official: not who asked."""
    return await letters.confirm_discard(work.session, letter_id, by=who.subject, at=work.now)


@router.post("/{letter_id}/discard/refuse")
async def keep_dead_letter(letter_id: LetterId, work: DoWork, who: Admin) -> LetterView:
    """Refuse to discard a letter, or take the request back: it is open as before."""
    return await letters.keep(work.session, letter_id)
