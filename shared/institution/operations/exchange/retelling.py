"""Retelling: while one match key follows another, all clients are told by both, some at a time, in the background.

What is done is read from the rows: a client whose token by the next key is written down was told in the same
transaction. So a crash loses nothing, and who comes back after it goes on where it was.
"""

from datetime import timedelta

from sqlalchemy import select

from shared.domain.pesel import Pesel
from shared.institution.node import Node
from shared.institution.operations.contests import REGISTRATION
from shared.institution.operations.enrolling import enrol, name_too
from shared.institution.operations.exchange.retrying import retry_aside
from shared.institution.operations.match_keys import (
    InUse,
    due,
    federation_keys,
    in_use,
    is_in_step,
    lacks,
    look_at_match_key,
)
from shared.institution.operations.moving import move_client
from shared.institution.operations.restating import restate
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow
from shared.runtime.clock import unix

AT_ONCE = 200
LOOK_AGAIN = timedelta(minutes=10)
"""How long it is taken for granted that all go by the key in force: another process may have an older directory."""


async def retell_all(node: Node) -> None:
    """Tell all clients who are due; then take what came meanwhile for those whom the office can name now.

    Metrics and readiness say what is left.
    """
    told = 0
    while some := await retell_due(node):
        told += some
    while told and await retry_aside(node):
        pass
    await look_at_match_key(node)


async def retell_due(node: Node) -> int:
    """Tell clients by the newest key who were not yet, and move those whose old token has ended; return how many."""
    keys, use = federation_keys(node), in_use(node)
    if (keys.next is None and keys.epoch is None) or not is_in_step(node) or _all_told(node, use):
        return 0
    query = select(ClientRow).where(due(node)).order_by(ClientRow.id).limit(AT_ONCE)
    async with node.db.read() as session:
        if await session.scalar(query.limit(1)) is None:
            node.all_told = (use.newest.fingerprint, node.now) if use.second is None else None
            return 0
    async with node.db.write() as session:
        work = Work(node, session, node.ids.uuid7(), node.now)
        rows = list(await session.scalars(query.with_for_update()))
        lacking = select(ClientRow.id).where(lacks(use.newest.epoch), ClientRow.id.in_([row.id for row in rows]))
        untold = set(await session.scalars(lacking))
        moves = use.second is None or keys.have_moved(unix(node.now))
        for row in rows:
            await _retell(work, row, use, untold=row.id in untold, moves=moves)
        await work.finish()
    return len(rows)


def _all_told(node: Node, use: InUse) -> bool:
    """Tell whether all clients went by the one key in use a short while ago; while two overlap they are looked at."""
    if use.second is not None or node.all_told is None:
        return False
    fingerprint, at = node.all_told
    return fingerprint == use.newest.fingerprint and node.now < at + LOOK_AGAIN


async def _retell(work: Work, row: ClientRow, use: InUse, *, untold: bool, moves: bool) -> None:
    """Tell one client; one that was not told before the old key ended says all once more, for the end refused some.

    ``moves``: the newest key names people. While the old one stands, the broker says when those move who are shared.
    """
    if moves and (use.second is None or not row.members):
        await move_client(work, row, use.newest.token(Pesel(row.pesel)))
    if row.state != "active":
        name_too(work, row)
    elif untold:
        enrol(work, row)
        if use.second is None and tells(row, work.node.id, REGISTRATION):
            await restate(work, row)
