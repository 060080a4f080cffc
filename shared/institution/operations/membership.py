"""Who takes part in the programme (*uczestnictwo w programie*), as the labour office that holds that knows it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.institution.kinds import RecordKind
from shared.institution.node import Node


async def arm_of(session: AsyncSession, node: Node, client_id: str) -> str | None:
    """Return the arm of the programme membership that this office holds, or ``None`` where it holds none."""
    kind = membership_kind(node)
    if kind is None:
        return None
    query = select(kind.row).where(kind.row.client_id == client_id, kind.row.state == "open").limit(1)
    return getattr(await session.scalar(query), "arm", None)


def membership_kind(node: Node) -> RecordKind | None:
    """Return the kind of record that says who takes part in the programme; only a labour office keeps it."""
    return next((kind for kind in node.institution.kinds if kind.name == "programme_membership"), None)
