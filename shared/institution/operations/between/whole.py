"""All that goes between the offices about one client, in one answer."""

from sqlalchemy.ext.asyncio import AsyncSession

from shared.institution.models.exchanged import Between
from shared.institution.node import Node
from shared.institution.operations import clients, offices
from shared.institution.operations.between import costs, duplicates, referrals


async def between(session: AsyncSession, node: Node, client_id: str) -> Between:
    """Return whom to call, who is in charge here, referrals, duplicates and shared costs of a client.

    :raises NotFound: the office has no such client.
    """
    client = await clients.get(session, client_id)
    joint = clients.is_joint(client, node.id)
    shared = list(await costs.of_client(session, node, client))
    return Between(
        client_id=client.id,
        joint=joint,
        in_charge=await offices.in_charge(session, client.id, node.now.date()),
        offices=offices.others(client.members if joint else (), node),
        referrals=list(await referrals.of_client(session, node, client)),
        duplicates=list(await duplicates.of_client(session, client, shared)),
        costs=shared,
    )
