"""Erasing the bytes of SETs: their entries keep position, hash and chain, so that both ends still agree.

``state`` of an entry says by whom: ``erased`` by the author's word, ``purged`` because the time of keeping is over.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.stream.heads import ENTRIES, STREAMS
from shared.exchange.stream.tables import DeadLetterRow, SetRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of

AT_ONCE = 500
_SETS = table_of(SetRow)
_LETTERS = table_of(DeadLetterRow)
_WITH_BYTES = ("kept", "again", "aside")


async def erase_sets(
    session: AsyncSession, iss: str, hashes: Collection[bytes], *, state: Literal["erased", "purged"] = "erased"
) -> None:
    """Erase the bytes of an author's SETs in every stream of this node; what is gone already stays so."""
    await erase_all(session, {iss: hashes}, state=state)


async def erase_all(
    session: AsyncSession, named: Mapping[str, Collection[bytes]], *, state: Literal["erased", "purged"]
) -> None:
    """Erase the bytes of SETs of several authors, by author; who names another's SET changes nothing of it.

    Entries are found by the index of their hashes. It costs each entry a write at a random place, and without it each
    500 take a reading of all entries, on SQLite while every other writer waits.
    """
    connection = await connection_of(session)
    for iss, hashes in sorted(named.items()):
        for some in _parts(hashes):
            await connection.execute(delete(_SETS).where(_SETS.c.iss == iss, _SETS.c.hash.in_(some)))
            entries = (ENTRIES.c.iss == iss, ENTRIES.c.hash.in_(some), ENTRIES.c.state.in_(_WITH_BYTES))
            await connection.execute(update(ENTRIES).where(*entries).values(state=state))
            letters = update(_LETTERS).where(_LETTERS.c.iss == iss, _LETTERS.c.hash.in_(some))
            await connection.execute(letters.values(state=state, token=None))


async def peers_that_got(session: AsyncSession, owner: str, iss: str, hashes: Collection[bytes]) -> set[str]:
    """Return the peers of an owner's streams that hold an entry of one of an author's SETs."""
    connection = await connection_of(session)
    found: set[str] = set()
    for some in _parts(hashes):
        query = (
            select(STREAMS.c.peer)
            .join(ENTRIES, ENTRIES.c.stream_id == STREAMS.c.id)
            .where(STREAMS.c.owner == owner, ENTRIES.c.iss == iss, ENTRIES.c.hash.in_(some))
            .distinct()
        )
        found |= set((await connection.execute(query)).scalars())
    return found


def _parts(hashes: Collection[bytes]) -> Iterator[Sequence[bytes]]:
    wanted = sorted(hashes)
    for first in range(0, len(wanted), AT_ONCE):
        yield wanted[first : first + AT_ONCE]
