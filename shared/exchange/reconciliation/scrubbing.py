"""Scrubbing: a node reads its own end of a stream from the first entry to the last and says what is damaged.

A head alone cannot say it: it stays what it was when a row below it is lost.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, bindparam, select

from shared.exchange.lease import MayGoOn, go_on
from shared.exchange.sets import set_hash
from shared.exchange.stream.chain import chain_start
from shared.exchange.stream.damage import Damage, Held, Scrub
from shared.exchange.stream.heads import ENTRIES, Head
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import Database, connection_of

PAGE = 2000
"""Entries read in one short transaction."""

_SETS = table_of(SetRow)
_HELD = and_(_SETS.c.iss == ENTRIES.c.iss, _SETS.c.hash == ENTRIES.c.hash)
_PAGE = (
    select(ENTRIES.c.position, ENTRIES.c.hash, ENTRIES.c.chain, ENTRIES.c.state, _SETS.c.text)
    .outerjoin(_SETS, _HELD)
    .where(
        ENTRIES.c.stream_id == bindparam("stream_id"),
        ENTRIES.c.position > bindparam("after"),
        ENTRIES.c.position <= bindparam("last"),
    )
    .order_by(ENTRIES.c.position)
    .limit(PAGE)
)


async def scrub(db: Database, head: Head, may_go_on: MayGoOn) -> Damage:
    """Return what is damaged in this node's end of a stream, up to a head that was read before.

    :raises TurnLost: another process does it now.
    """
    scrubbing = Scrub(chain_start(head.owner, head.peer, head.incarnation))
    await go_on(may_go_on)
    while rows := await _page(db, head, scrubbing.position):
        scrubbing.see([Held(row.position, row.hash, row.chain, _is_whole(row)) for row in rows])
        await go_on(may_go_on)
    return scrubbing.finish(head.position, head.chain)


async def _page(db: Database, head: Head, after: int) -> Sequence[Row[*tuple[Any, ...]]]:
    async with db.read() as session:
        connection = await connection_of(session)
        bounds = {"stream_id": head.id, "after": after, "last": head.position}
        return (await connection.execute(_PAGE, bounds)).all()


def _is_whole(row: Row[*tuple[Any, ...]]) -> bool:
    """Tell whether an entry has its bytes, or needs none: those of one that came again stand at its first position."""
    if row.text is not None:
        return bool(set_hash(row.text) == row.hash)
    return row.state not in ("kept", "aside")
