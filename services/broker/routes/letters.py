"""Dead letters at the broker: listed, or discarded by two of the operator's people; only an author redrives one."""

from typing import Annotated

from fastapi import Path, Query

from services.broker.routes.deps import CanRead, CanRedrive, Node, ReadDb, WriteDb
from shared.exchange.stream import letters
from shared.exchange.stream.letters import Discard, LetterView, State
from shared.runtime.app import new_router

router = new_router("/v1/dead-letters", tags=["operator"])

LetterId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("")
async def list_dead_letters(
    db: ReadDb,
    who: CanRead,
    state: Annotated[list[State] | None, Query(max_length=7, description="States; those that wait if none.")] = None,
    after: Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[LetterView]:
    """List SETs that were not taken, oldest first; those that a parting on its way explains are ``counted``."""
    return list(await letters.listed(db, state or (), after, limit))


@router.post("/{letter_id}/discard")
async def ask_to_discard_dead_letter(
    letter_id: LetterId, body: Discard, db: WriteDb, broker: Node, who: CanRedrive
) -> LetterView:
    """Ask that an open letter be discarded; a second person confirms."""
    return await letters.ask_to_discard(db, letter_id, body.reason, by=who.subject, at=broker.now)


@router.post("/{letter_id}/discard/confirm")
async def confirm_discarding_dead_letter(letter_id: LetterId, db: WriteDb, broker: Node, who: CanRedrive) -> LetterView:
    """Discard a letter, as a second person: not who asked."""
    return await letters.confirm_discard(db, letter_id, by=who.subject, at=broker.now)


@router.post("/{letter_id}/discard/refuse")
async def keep_dead_letter(letter_id: LetterId, db: WriteDb, who: CanRedrive) -> LetterView:
    """Refuse to discard a letter, or take the request back: it is open as before."""
    return await letters.keep(db, letter_id)
