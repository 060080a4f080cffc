"""How many records of a kind a client may have: one open one, or none on the same day as another."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict
from shared.institution.kinds import RecordKind


class AnotherOpen(Conflict):
    """The client has an open record of this kind already; close it first."""


class PeriodsOverlap(Conflict):
    """Another record of this kind is in force on some of the same days; mend the one that is wrong."""


async def require_room(
    session: AsyncSession, kind: RecordKind, client_id: str, columns: Mapping[str, Any], *, opens: bool, record_id: str
) -> None:
    """Refuse a record beside which there is another one too many; it ``opens`` now, or was there before.

    :raises AnotherOpen: there may be one open record of this kind, and there is one.
    :raises PeriodsOverlap: another one is in force on some of the same days.
    """
    if not kind.single and not kind.apart:
        return
    row: Any = kind.row
    others = select(row.id).where(row.client_id == client_id, row.state != "voided", row.id != record_id)
    is_open = others.where(row.state == "open").limit(1)
    if kind.single and opens and (found := await session.scalar(is_open)):
        name = kind.name.replace("_", " ")
        raise AnotherOpen(f"The client has an open {name} already; close it first.", record_id=found)
    if kind.apart:
        overlapping = others.where(row.until.is_(None) | (row.until >= columns["from_"]))
        if columns["until"] is not None:
            overlapping = overlapping.where(row.from_ <= columns["until"])
        if found := await session.scalar(overlapping.order_by(row.id).limit(1)):
            raise PeriodsOverlap(field="from", record_id=found)
