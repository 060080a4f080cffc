"""Records that belong to another record of the same client: a plan's reviews, a contract's goals.

What belongs to a record is opened while that is open, holds it open, and is voided with it: who closes a plan says
first what became of its parts, and what hangs on something that was never right was never right
(docs/decisions/0020).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, Invalid
from shared.institution.kinds import RecordKind
from shared.institution.node import Institution
from shared.institution.tables import RecordRow

NAMED = 20


class NoSuchParent(Invalid):
    """The client has no such record to which this could belong."""


class ParentClosed(Conflict):
    """The record to which this belongs is closed; what is open cannot belong to it."""


class ChildrenOpen(Conflict):
    """Parts of the record are still open; close or void each of them first."""


async def require_parent(
    session: AsyncSession, kind: RecordKind, client_id: str, columns: dict[str, Any], state: str
) -> None:
    """Refuse a record whose parent it cannot belong to; where its kind lets the parent be missing, it may be.

    :raises NoSuchParent: there is none of that id, it is another client's, or it was voided.
    :raises ParentClosed: it is closed and this record is open.
    """
    if kind.parent is None or kind.parent_id is None or columns[kind.parent_id] is None:
        return
    parent = await session.get(kind.parent.row, columns[kind.parent_id])
    if parent is None or parent.client_id != client_id or parent.state == "voided":
        raise NoSuchParent(field=kind.parent_id, expected=f"the id of one of the client's {kind.parent.path}")
    if parent.state == "closed" and state == "open":
        raise ParentClosed(field=kind.parent_id, received=parent.state)


async def load_parents(session: AsyncSession, kind: RecordKind, items: Iterable[Any]) -> None:
    """Read the parents of many records at once; the session holds them, so that none is read again."""
    if kind.parent is not None and kind.parent_id is not None:
        ids = {str(one) for item in items if (one := getattr(item, kind.parent_id)) is not None}
        rows = await session.scalars(select(kind.parent.row).where(kind.parent.row.id.in_(sorted(ids))))
        session.info["parents"] = list(rows)


async def require_no_open_children(
    session: AsyncSession, institution: Institution, kind: RecordKind, record_id: str
) -> None:
    """Refuse to close what has open parts.

    :raises ChildrenOpen: and says how many there are, and names the first of them.
    """
    for child in institution.children_of(kind):
        is_open = (_parent_of(child) == record_id, child.row.state == "open")
        found = list(await session.scalars(select(child.row.id).where(*is_open).order_by(child.row.id).limit(NAMED)))
        if found:
            count = await session.scalar(select(func.count()).select_from(child.row).where(*is_open))
            raise ChildrenOpen(
                f"{count} of its {child.path} still open; close or void each of them first.", open={child.path: found}
            )


async def children(session: AsyncSession, kind: RecordKind, parent_id: str) -> Sequence[RecordRow]:
    """Return, locked, what of a kind belongs to a record and was not voided."""
    query = select(kind.row).where(_parent_of(kind) == parent_id, kind.row.state != "voided")
    return list(await session.scalars(query.order_by(kind.row.id).with_for_update()))


async def every_child(
    session: AsyncSession, institution: Institution, kind: RecordKind, parent_id: str
) -> list[tuple[RecordKind, RecordRow]]:
    """Return, locked, all that belongs to a record, voided or not, parts of parts before their wholes."""
    found: list[tuple[RecordKind, RecordRow]] = []
    for child in institution.children_of(kind):
        query = select(child.row).where(_parent_of(child) == parent_id).order_by(child.row.id)
        for row in list(await session.scalars(query.with_for_update())):
            found += [*await every_child(session, institution, child, row.id), (child, row)]
    return found


def _parent_of(kind: RecordKind) -> Any:
    return getattr(kind.row, kind.parent_id or "")
