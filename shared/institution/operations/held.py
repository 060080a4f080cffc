"""Which SETs are held already: a broker that mails again, or was restored, changes nothing."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.stream.tables import EntryRow, SetRow


async def already_held(session: AsyncSession, arriving: Iterable[tuple[str, bytes]]) -> set[bytes]:
    """Return the hashes of SETs that were taken before; what lies aside does not count.

    ``arriving`` is issuers and hashes: by the hash alone each poll would read through all that was ever stored.
    """
    wanted: dict[str, set[bytes]] = {}
    for iss, digest in arriving:
        wanted.setdefault(iss, set()).add(digest)
    stored: set[bytes] = set()
    for iss, hashes in sorted(wanted.items()):
        stored.update(await session.scalars(select(SetRow.hash).where(SetRow.iss == iss, SetRow.hash.in_(hashes))))
    if not stored:
        return set()
    taken = select(EntryRow.hash).where(EntryRow.hash.in_(stored), EntryRow.state == "kept")
    return set(await session.scalars(taken))
