"""Who has erased: the broker knows by the poll with which each holder acknowledged the word, and is asked."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.institutions import BROKER
from shared.institution.models.protection import Erasure, Holder
from shared.institution.node import Node
from shared.institution.operations.access.access_log import name_of_member, office_day
from shared.institution.tables import ErasureRow

AT_ONCE = 50
MAX_ASKED = 100
"""How many words one call asks for; the broker takes no more."""


async def ask_holders(node: Node, after: str = "") -> str:
    """Ask the broker how far the erasures are that somebody has not followed yet; return where to go on, or nothing.

    :raises Refused: the broker refused the question.
    :raises Unreachable: it did not answer.
    """
    query = select(ErasureRow).where(ErasureRow.done.is_(False), ErasureRow.id > after).order_by(ErasureRow.id)
    async with node.db.read() as session:
        rows = list(await session.scalars(query.limit(AT_ONCE)))
    for row in rows:
        holders = await _asked(node, row.words)
        async with node.db.write() as session:
            mine = await session.get(ErasureRow, row.id, with_for_update=True)
            if mine is not None:
                mine.holders, mine.checked_at = holders, node.now
                mine.done = bool(holders) and all(one["erased"] for one in holders)
    return rows[-1].id if len(rows) == AT_ONCE else ""


async def ask_again(session: AsyncSession, client_id: str) -> None:
    """Ask once more who has followed a client's erasures: who begins to share it may hold what they name.

    So it is after a broker's loss, which had forgotten that the office shared the client before.
    """
    told = (ErasureRow.client_id == client_id, ErasureRow.checked_at.is_not(None))
    await session.execute(update(ErasureRow).where(*told).values(done=False))


async def erasures(session: AsyncSession, node: Node, client_id: str) -> Sequence[Erasure]:
    """Return the erasures of a client and of its records, newest first; the client may be gone itself."""
    query = select(ErasureRow).where(ErasureRow.client_id == client_id).order_by(ErasureRow.id.desc())
    today = office_day(node.now)
    return [view(node, row, today) for row in await session.scalars(query)]


def view(node: Node, row: ErasureRow, today: date) -> Erasure:
    """Return an erasure as it is shown: every holder by name, and those that have not followed once more."""
    holders = [Holder(id=one["id"], name=name_of_member(node, one["id"]), erased=one["erased"]) for one in row.holders]
    untold = [] if row.done or holders else [BROKER]  # nobody was asked yet, and the broker has it first
    missing = [*untold, *(one.id for one in holders if not one.erased)]
    names = ("id", "client_id", "kind", "record_id", "ground", "term", "erased_by", "erased_at", "sets", "checked_at")
    return Erasure(
        **{name: getattr(row, name) for name in names},
        complete=row.done,
        holders=holders,
        waiting=missing,
        late=bool(not row.done and today > row.term),
    )


async def _asked(node: Node, words: Sequence[str]) -> list[dict[str, Any]]:
    """Return every holder of one of the words; it has erased when it has followed all that it got."""
    standing: dict[str, bool] = {}
    untold = False
    for first in range(0, len(words), MAX_ASKED):
        answer = await node.client.call("POST", "/v1/erasures/standing", {"words": words[first : first + MAX_ASKED]})
        for word in answer["words"]:
            untold = untold or not word["holders"]
            for holder in word["holders"]:
                name = str(holder["id"])
                standing[name] = standing.get(name, True) and holder["erased"] is True
    if untold:
        standing[BROKER] = False
    return [{"id": name, "erased": erased} for name, erased in sorted(standing.items())]
