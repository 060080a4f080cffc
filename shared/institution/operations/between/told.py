"""What the other members of a joint client told, record by record; of a client that is not joint, nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events import schema
from shared.domain.events.types import event_type
from shared.exchange.history.tables import SharedRecordRow
from shared.institution.node import Node
from shared.institution.operations.clients import is_joint
from shared.institution.tables import ClientRow

MOST = 500
"""Records of one kind that are read of the other offices at once; the newest."""


async def of_others(session: AsyncSession, node: Node, client: ClientRow, record: str) -> Sequence[SharedRecordRow]:
    """Return the records of a kind that the other present members told of a client, by author and key."""
    if not is_joint(client, node.id):
        return []
    others = [member for member in client.members if member != node.id]
    query = select(SharedRecordRow).where(
        SharedRecordRow.token == client.token,
        SharedRecordRow.iss.in_(others),
        SharedRecordRow.record == record,
        SharedRecordRow.dropped.is_(False),
    )
    newest = query.order_by(SharedRecordRow.n.desc(), SharedRecordRow.iss, SharedRecordRow.key).limit(MOST)
    return sorted(await session.scalars(newest), key=lambda row: (row.iss, row.key))


async def one(session: AsyncSession, node: Node, client: ClientRow, iss: str, record: str, key: str) -> Any:
    """Return what another present member last told of one record of a joint client, or ``None``."""
    if not is_joint(client, node.id) or iss == node.id or iss not in client.members:
        return None
    row = await session.get(SharedRecordRow, (client.token, iss, record, key))
    return None if row is None or row.dropped else payload_of(row)


def payload_of(row: SharedRecordRow) -> Any:
    """Return what a record of another office says."""
    return schema.read(event_type(row.type).shape, row.payload)
