"""What a node makes once: its stream's first incarnation, the head of its change feed, books that it lost."""

from sqlalchemy import select

from shared.domain.institutions import BROKER
from shared.exchange.stream.heads import create_head, find_head
from shared.exchange.stream.tables import LeaseRow
from shared.institution.node import Node
from shared.institution.operations.benefit import books
from shared.institution.tables import ChangeHeadRow
from shared.runtime.database.bulk import insert_many, table_of


async def start(node: Node) -> None:
    """Make what is missing, one replica at a time, and take up the last directory."""
    async with node.db.write() as session:
        leases = table_of(LeaseRow)
        row = {"name": "start", "holder": "", "fence": 0, "expires_at": node.now}
        await insert_many(session, leases, [row], conflict="ON CONFLICT DO NOTHING")
        await session.execute(select(LeaseRow).where(LeaseRow.name == "start").with_for_update())
        if await find_head(session, node.id, BROKER) is None:
            await create_head(session, node.id, BROKER, node.ids.secret(), node.now)
        changes = await session.get(ChangeHeadRow, 1)
        if changes is None:
            session.add(ChangeHeadRow(id=1, number=0, uncompared=0))
        elif changes.uncompared is None:
            changes.uncompared = changes.number
        await books.write_anew(session, node.now)
    await node.trust.load()
