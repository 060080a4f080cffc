"""What ends here when offices do not share a client any more."""

from sqlalchemy import select

from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, DuplicateRow


async def resolve_pairs(work: Work, client: ClientRow) -> None:
    """Resolve the duplicates of a client whose two offices do not both share it now."""
    query = select(DuplicateRow).where(DuplicateRow.client_id == client.id, DuplicateRow.state != "resolved")
    for row in await work.session.scalars(query.order_by(DuplicateRow.id)):
        if not {row.first_iss, row.second_iss} <= set(client.members):
            row.state, row.told_at = "resolved", work.now
            work.changed("duplicate", row.id, client.id, "resolved")
