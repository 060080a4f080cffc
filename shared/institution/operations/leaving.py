"""What ends here when offices do not share a client any more, or one leaves."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, select
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
    await _lapse(work, client, SuspicionRow.state.in_(("open", "confirmed")))


async def end_contest(work: Work, client: ClientRow) -> None:
    """Note that nobody contests a client any more: what was asked because of it lapses."""
    if client.contested_since is None:
        return
    client.contested_since = None
    await _lapse(work, client, SuspicionRow.contest.is_(True), SuspicionRow.state == "open")


async def leave(work: Work, client: ClientRow) -> None:
    """End all that stands only while an office has a client in common: a contest, duplicates, suspicions."""
    await end_contest(work, client)
    await resolve_pairs(work, client)
    await lapse_suspicions(work, client)


async def _lapse(work: Work, client: ClientRow, *which: ColumnElement[bool]) -> None:
    rows = select(SuspicionRow).where(SuspicionRow.client_id == client.id, *which).order_by(SuspicionRow.id)
    for row in await work.session.scalars(rows):
        row.state = "lapsed"
        work.changed("suspicion", row.id, client.id, "lapsed")


async def forget_duplicates(session: AsyncSession, token: str, gone: Collection[str] = ()) -> None:
    """Forget pairs of a person of which a form was erased or purged, and what the broker said of them."""
    pairs = await forget_pairs(session, token, gone)
    await session.execute(delete(DuplicateRow).where(DuplicateRow.pair.in_(sorted(pairs))))
