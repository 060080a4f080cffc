"""Renewing: the broker lets an enrolment lapse after 13 months, so the office says once a year whom it still has."""

from datetime import timedelta

from sqlalchemy import select

from shared.institution.node import Node
from shared.institution.operations.enrolling import enrol
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow

AT_ONCE = 200


async def renew_due(node: Node) -> int:
    """Enrol active clients anew whose enrolment is old, some at a time; return how many."""
    old = node.now - timedelta(days=node.settings.renew_days)
    query = select(ClientRow).where(ClientRow.state == "active", ClientRow.enrolled_at < old).order_by(ClientRow.id)
    async with node.db.read() as session:
        if await session.scalar(query.limit(1)) is None:
            return 0
    async with node.db.write() as session:
        work = Work(node, session, node.ids.uuid7(), node.now)
        due = list(await session.scalars(query.limit(AT_ONCE).with_for_update(skip_locked=True)))
        for row in due:
            enrol(work, row)
        await work.finish()
    return len(due)
