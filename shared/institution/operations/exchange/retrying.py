"""What lies aside is tried again: after a newer directory, and after each start (an upgrade may understand it)."""

from sqlalchemy import Row, select, update

from shared.domain.errors import DomainError
from shared.exchange.sets import SecurityEvent, set_hash
from shared.exchange.stream.receive import Item
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow
from shared.institution.node import Node
from shared.institution.operations.benefit.papers import place_of
from shared.institution.operations.exchange.applying import Arrival
from shared.institution.operations.exchange.receiving import judged
from shared.institution.operations.held import already_held
from shared.institution.operations.work import Work

MAX_RETRIED = 500
_WAITING = (
    select(DeadLetterRow.id, DeadLetterRow.position, EntryRow.stream_id, SetRow.text, SetRow.received_at)
    .join(EntryRow, (EntryRow.stream_id == DeadLetterRow.stream_id) & (EntryRow.position == DeadLetterRow.position))
    .join(SetRow, (SetRow.iss == EntryRow.iss) & (SetRow.hash == EntryRow.hash))
    .where(DeadLetterRow.state == "open", EntryRow.state == "aside")
    .order_by(DeadLetterRow.position)
    .limit(MAX_RETRIED)
)


async def retry_aside(node: Node) -> int:
    """Judge what lies aside anew and apply what now holds; return how many were taken.

    What came once more meanwhile, because it was missed and asked for, is taken already and no longer lies aside.
    """
    async with node.db.read() as session:
        waiting = (await session.execute(_WAITING)).all()
    if not waiting:
        return 0
    items = [Item(set_hash(row.text), row.text, row.received_at) for row in waiting]
    verdicts = {verdict.text: verdict for verdict in (await judged(node, items)).values()}
    taken = 0
    for row in waiting:
        event = verdicts[row.text].event
        if event is not None:
            taken += await _take(node, row, event)
    return taken


async def _take(node: Node, row: Row[str, int, int, str, int | None], event: SecurityEvent) -> bool:
    """Apply what lay aside, unless it came another way or was erased; return whether it lies aside no longer."""
    at = (EntryRow.stream_id == row.stream_id, EntryRow.position == row.position)
    async with node.db.write() as session:
        if await session.scalar(select(EntryRow.state).where(*at)) != "aside":
            return False
        work = Work(node, session, node.ids.uuid7(), node.now)
        arrival = await Arrival.of(work, [event])
        event = arrival.named(event)
        came_again = bool(await already_held(session, [(event.iss, event.hash)]))
        try:
            if not came_again:
                await arrival.apply(event, place_of(row.stream_id, row.position))
        except DomainError:
            return False
        stored = update(SetRow).where(SetRow.iss == event.iss, SetRow.hash == event.hash)
        await session.execute(stored.values(token=event.token))
        await session.execute(update(EntryRow).where(*at).values(state="again" if came_again else "kept"))
        await session.execute(update(DeadLetterRow).where(DeadLetterRow.id == row.id).values(state="redriven"))
        await arrival.finish()
        await work.finish()
    return True
