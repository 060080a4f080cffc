"""What the office disclosed of a client and no longer has: its file was lost, and the copy that came back is older.

The broker gave back what the office had signed (WIRE.md, section 6), the records themselves were lost. What was
disclosed stands until the office says otherwise, and to have lost it is not to say so.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.types import event_type
from shared.exchange.history.tables import SharedRecordRow
from shared.institution.node import Node
from shared.institution.operations import employments
from shared.institution.tables import ClientRow, EmploymentRow


async def disclosed(
    session: AsyncSession, node: Node, client: ClientRow, known: Collection[str] = ()
) -> Sequence[SharedRecordRow]:
    """Return the office's own disclosed records of a client that it holds in no state any more, voided ones neither.

    ``known``: keys of records that the caller found here already.
    """
    query = (
        select(SharedRecordRow)
        .where(
            SharedRecordRow.token == client.token,
            SharedRecordRow.iss == node.id,
            SharedRecordRow.record.in_(_kept_as_rows(node)),
            SharedRecordRow.dropped.is_(False),
        )
        .order_by(SharedRecordRow.record, SharedRecordRow.key)
    )
    told = [row for row in await session.scalars(query) if row.key not in known]
    if not told:
        return []
    held = await _held(session, node, client.id)
    return [row for row in told if row.key not in held]


def _kept_as_rows(node: Node) -> list[str]:
    """Return which records of the wire the office makes from rows of its own; others stand in the exchange alone."""
    told = {event_type(kind.opened).record for kind in node.institution.kinds_told if kind.restated}
    return sorted(told | {"employment"})


async def _held(session: AsyncSession, node: Node, client_id: str) -> set[str]:
    held: set[str] = set()
    for kind in node.institution.kinds_told:
        held |= set(await session.scalars(select(kind.row.id).where(kind.row.client_id == client_id)))
    jobs = list(await session.scalars(select(EmploymentRow.id).where(EmploymentRow.client_id == client_id)))
    for job, events in (await employments.events_of(session, jobs)).items():
        held |= {f"{job}:{event.recorded}" for event in events}
    return held
