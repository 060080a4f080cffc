"""Who takes part in the programme (*uczestnictwo w programie*), as the labour office that holds that knows it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.assemble import Told
from shared.domain.institutions import kind_of
from shared.domain.leading import leading_first
from shared.institution.kinds import RecordKind
from shared.institution.node import Node
from shared.institution.tables import ClientRow


async def arm_of(session: AsyncSession, node: Node, client_id: str) -> str | None:
    """Return the arm of the programme membership that this office holds, or ``None`` where it holds none."""
    kind = membership_kind(node)
    if kind is None:
        return None
    query = select(kind.row).where(kind.row.client_id == client_id, kind.row.state == "open").limit(1)
    return getattr(await session.scalar(query), "arm", None)


async def labour_offices(session: AsyncSession, node: Node, client: ClientRow, told: Sequence[Told]) -> Sequence[str]:
    """Return the labour offices that share a client, first the one by whose word a case is made.

    That is who holds the programme membership. An office knows that of itself alone; of others it takes the one that
    leads by its registration, and so all agree but where officials let in the holder beside it.
    """
    found = leading_first([name for name in client.members if kind_of(name) == "pup"], told)
    if await arm_of(session, node, client.id) is not None:
        return sorted(found, key=lambda name: name != node.id)
    return found


def membership_kind(node: Node) -> RecordKind | None:
    """Return the kind of record that says who takes part in the programme; only a labour office keeps it."""
    return next((kind for kind in node.institution.kinds if kind.name == "programme_membership"), None)
