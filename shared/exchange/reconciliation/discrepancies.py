"""The work list of reconciliation: what was found, why, and whether it is mended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.reconciliation.tables import DiscrepancyRow
from shared.exchange.stream.damage import Damage
from shared.exchange.stream.heads import Head
from shared.runtime.database.bulk import insert_many, table_of
from shared.runtime.ids import Ids

MAX_NOTED = 10_000
"""Damaged positions of one stream that one run notes; more wait for the next."""

_TABLE = table_of(DiscrepancyRow)


class DiscrepancyView(BaseModel):
    """A discrepancy: ``position`` where it is about an entry of the stream from owner to peer."""

    id: str
    run: str | None
    cause: str
    owner: str
    peer: str
    position: int | None
    state: str
    found_at: datetime
    mended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Book:
    """Where a run notes what it finds."""

    session: AsyncSession
    run: str | None
    ids: Ids
    at: datetime

    async def note_damage(self, head: Head, damage: Damage) -> None:
        """Note damaged positions, each once; those noted before that are whole by now count as mended."""
        found = dict.fromkeys(damage.altered, "altered") | dict.fromkeys(damage.lost, "missing")
        open_ = select(DiscrepancyRow.position).where(*_of_stream(head), DiscrepancyRow.state != "mended")
        known = {position for position in await self.session.scalars(open_) if position is not None}
        await self.settle(head, sorted(known - found.keys()), "mended")
        await self.settle(head, sorted(known & found.keys()), "open", run=self.run)
        new = sorted(found.keys() - known)[:MAX_NOTED]
        rows = [self._row(found[one], head.owner, head.peer, position=one) for one in new]
        await insert_many(self.session, _TABLE, rows)

    async def note(self, cause: str, owner: str, peer: str, tokens: Iterable[str], state: str) -> None:
        """Note clients that stand otherwise than they should."""
        rows = [self._row(cause, owner, peer, token=token, state=state) for token in tokens]
        await insert_many(self.session, _TABLE, rows)

    async def settle(self, head: Head, positions: Sequence[int], state: str, **found: str | None) -> None:
        """Say what became of damaged positions."""
        for start in range(0, len(positions), 500):
            at = (*_of_stream(head), DiscrepancyRow.position.in_(positions[start : start + 500]))
            ended = self.at if state == "mended" else None
            changed = update(DiscrepancyRow).where(*at, DiscrepancyRow.state != "mended")
            await self.session.execute(changed.values(state=state, mended_at=ended, **found))

    def _row(
        self,
        cause: str,
        owner: str,
        peer: str,
        *,
        position: int | None = None,
        token: str | None = None,
        state: str = "open",
    ) -> dict[str, object]:
        return {
            "id": self.ids.uuid7(),
            "run": self.run,
            "cause": cause,
            "owner": owner,
            "peer": peer,
            "position": position,
            "token": token,
            "state": state,
            "found_at": self.at,
            "mended_at": self.at if state == "mended" else None,
        }


async def damaged(session: AsyncSession, head: Head, limit: int = 500) -> list[int]:
    """Return damaged positions of a stream that are still to be mended."""
    query = select(DiscrepancyRow.position).where(*_of_stream(head), DiscrepancyRow.state == "open")
    rows = await session.scalars(query.order_by(DiscrepancyRow.position).limit(limit))
    return [position for position in rows if position is not None]


async def counts_of(session: AsyncSession, run: str) -> dict[str, int]:
    """Return how many discrepancies of each cause a run found, how many clients it restated, what is not mended."""
    causes = select(DiscrepancyRow.cause, func.count()).where(DiscrepancyRow.run == run).group_by(DiscrepancyRow.cause)
    found = {row[0]: row[1] for row in await session.execute(causes)}
    of_run = select(func.count()).where(DiscrepancyRow.run == run)
    told = of_run.where(DiscrepancyRow.cause.in_(("behind", "differs")), DiscrepancyRow.state == "mended")
    left = of_run.where(DiscrepancyRow.state != "mended")
    return found | {"restated": await session.scalar(told) or 0, "unmended": await session.scalar(left) or 0}


async def discrepancies(session: AsyncSession, after: str, limit: int, state: str | None) -> list[DiscrepancyView]:
    """Return discrepancies in the order of their ids; no client is named."""
    query = select(DiscrepancyRow).where(DiscrepancyRow.id > after).order_by(DiscrepancyRow.id).limit(limit)
    if state is not None:
        query = query.where(DiscrepancyRow.state == state)
    names = DiscrepancyView.model_fields
    return [DiscrepancyView(**{name: getattr(row, name) for name in names}) for row in await session.scalars(query)]


def _of_stream(head: Head) -> tuple[ColumnElement[bool], ...]:
    return (
        DiscrepancyRow.owner == head.owner,
        DiscrepancyRow.peer == head.peer,
        DiscrepancyRow.position.is_not(None),
    )
