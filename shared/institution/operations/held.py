"""Which SETs were here already, held or gone: a broker that mails again, or was restored, changes nothing."""

from collections.abc import Iterable

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.stream.heads import ENTRIES
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of

_SETS = table_of(SetRow)
_STORED = select(_SETS.c.hash).where(
    _SETS.c.iss == bindparam("of_iss"), _SETS.c.hash.in_(bindparam("hashes", expanding=True))
)
_TAKEN = select(ENTRIES.c.hash).where(
    ENTRIES.c.hash.in_(bindparam("hashes", expanding=True)), ENTRIES.c.state == "kept"
)
_GONE = select(ENTRIES.c.hash).where(
    ENTRIES.c.hash.in_(bindparam("hashes", expanding=True)), ENTRIES.c.state.in_(("erased", "purged"))
)


async def already_held(session: AsyncSession, arriving: Iterable[tuple[str, bytes]]) -> set[bytes]:
    """Return the hashes of SETs that were taken before; what lies aside does not count.

    ``arriving`` is issuers and hashes: by the hash alone each poll would read through all that was ever stored.
    """
    wanted: dict[str, set[bytes]] = {}
    for iss, digest in arriving:
        wanted.setdefault(iss, set()).add(digest)
    connection = await connection_of(session)
    stored: list[bytes] = []
    for iss, hashes in sorted(wanted.items()):
        stored += (await connection.execute(_STORED, {"of_iss": iss, "hashes": sorted(hashes)})).scalars()
    if not stored:
        return set()
    return set((await connection.execute(_TAKEN, {"hashes": stored})).scalars())


async def already_gone(session: AsyncSession, arriving: Iterable[bytes]) -> set[bytes]:
    """Return the hashes of SETs that are gone, by their author's word or because their time was over.

    They are not stored a second time: the word that erased them is held already, and would not erase them again.
    """
    connection = await connection_of(session)
    return set((await connection.execute(_GONE, {"hashes": sorted(set(arriving))})).scalars())
