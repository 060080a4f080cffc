"""What ends here when offices do not share a client any more, or one leaves."""

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.exchange.history.pairs import forget_pairs
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, DuplicateRow, SuspicionRow


async def resolve_pairs(work: Work, client: ClientRow) -> None:
    """Resolve the duplicates of a client whose two offices do not both share it now."""
    query = select(DuplicateRow).where(DuplicateRow.client_id == client.id, DuplicateRow.state != "resolved")
    for row in await work.session.scalars(query.order_by(DuplicateRow.id)):
        if not {row.first_iss, row.second_iss} <= set(client.members):
            row.state, row.told_at = "resolved", work.now
            work.changed("duplicate", row.id, client.id, "resolved")


async def lapse_suspicions(work: Work, client: ClientRow) -> None:
    """Let what was suspected of a client lapse: the broker forgets it, and suspects anew what it finds then."""
    standing = (SuspicionRow.client_id == client.id, SuspicionRow.state.in_(("open", "confirmed")))
    for row in await work.session.scalars(select(SuspicionRow).where(*standing).order_by(SuspicionRow.id)):
        row.state = "lapsed"
        work.changed("suspicion", row.id, client.id, "lapsed")


async def forget_duplicates(session: AsyncSession, token: str, gone: Collection[str] = ()) -> None:
    """Forget pairs of a person of which a form was erased or purged, and what the broker said of them."""
    pairs = await forget_pairs(session, token, gone)
    await session.execute(delete(DuplicateRow).where(DuplicateRow.pair.in_(sorted(pairs))))
