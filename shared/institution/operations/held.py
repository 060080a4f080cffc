"""Which SETs are held already: a broker that mails again, or was restored, changes nothing."""

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
