"""Another office's word that SETs of its own are erased: their bytes go here, and every record that rests on them.

It is taken whether the author still shares the client or not, and whether this office still has the client or not.
"""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.types import SetNotPermitted
from shared.exchange import jose
from shared.exchange.history.forget import forget_events
from shared.exchange.history.take import Histories
from shared.exchange.sets import SecurityEvent
from shared.exchange.stream.erase import erase_sets
from shared.institution.operations.leaving import forget_duplicates


def count_erased(histories: Histories, event: SecurityEvent, payload: Erased, *, shares: bool) -> None:
    """Count the word, and what it names as accounted for, where its author shares the client with this office.

    :raises SetNotPermitted: it names SETs of another author.
    :raises SetEquivocation: the author counted or chained it wrong.
    """
    if payload.issuers != {event.iss}:
        raise SetNotPermitted("An author erases SETs of its own alone.", field="sets", expected=f"iss {event.iss}")
    if not shares:
        return
    histories.take(event)
    for _, n, digest in payload.sets:
        if n is not None:
            histories.count(event.token, event.iss, n, jose.decode(digest))


async def follow(session: AsyncSession, events: Sequence[SecurityEvent]) -> None:
    """Erase what these words name; all that came with them is written already."""
    for event in events:
        hashes = [jose.decode(digest) for digest in event.payload.hashes]
        await erase_sets(session, event.iss, hashes)
        await forget_events(session, event.token, event.iss, hashes)
        await forget_duplicates(session, event.token)
