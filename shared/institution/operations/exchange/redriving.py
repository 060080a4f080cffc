"""Redriving a dead letter: the office says it again, as it stands now, under a new position and count.

What was refused is never sent once more as it was: newer news may have passed it, and a record only moves forward. So
the office tells the present state of the client, by the event of repair (WIRE.md, sections 5 and 6).
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.exchange.stream.tables import DeadLetterRow
from shared.institution.operations.contests import REGISTRATION
from shared.institution.operations.enrolling import enrol
from shared.institution.operations.restating import restate
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow


class NothingToRedrive(Conflict):
    """There is nothing left to say: the client was withdrawn, moved to another token, or is no longer shared."""


class NotOurs(Conflict):
    """The letter was answered already, or its author is another office; only the author says it again."""


async def redrive(work: Work, letter_id: str) -> DeadLetterRow:
    """Say anew what a dead letter of this office meant to say.

    :raises NotFound: there is no such letter.
    :raises NotOurs: another office wrote it, or it is no longer open.
    :raises NothingToRedrive: what it was about is no longer to be said.
    """
    letter = await work.session.get(DeadLetterRow, letter_id, with_for_update=True)
    if letter is None:
        raise NotFound()
    if letter.iss != work.node.id or letter.state != "open":
        raise NotOurs(received=letter.state)
    client = await _client_of(work.session, letter)
    if tells(client, work.node.id, REGISTRATION):
        await restate(work, client)
    elif letter.n is None:
        enrol(work, client)
    else:
        raise NothingToRedrive()
    letter.state = "redriven"
    return letter


async def _client_of(session: AsyncSession, letter: DeadLetterRow) -> ClientRow:
    query = select(ClientRow).where(ClientRow.token == letter.token, ClientRow.state == "active")
    client = await session.scalar(query.with_for_update())
    if client is None:
        raise NothingToRedrive()
    return client
