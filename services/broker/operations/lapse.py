"""Enrolments lapse after 13 months unless the office renews them (WIRE.md, section 5)."""

from datetime import timedelta

from sqlalchemy import select

from services.broker.node import Broker
from services.broker.operations.relay.batch import Batch
from services.broker.operations.relay.finishing import finish, ring
from services.broker.operations.relay.matching import end
from services.broker.tables import EnrolmentRow

AT_ONCE = 100


async def lapse_once(broker: Broker) -> int:
    """End enrolments that nobody renewed, some at a time; whoever shared the client is told. Return how many."""
    born = broker.now - timedelta(days=broker.settings.enrolment_days)
    old = (EnrolmentRow.active.is_(True), EnrolmentRow.enrolled_at < born)
    async with broker.db.read() as session:
        tokens = set(await session.scalars(select(EnrolmentRow.token).where(*old).limit(AT_ONCE)))
    if not tokens:
        return 0
    ended = 0
    async with broker.db.write() as session:
        batch = Batch(broker, session, broker.now)
        await batch.load(tokens)
        for token in sorted(tokens):
            person = batch.people[token]
            lapsed = [name for name, row in person.enrolments.items() if row.active and row.enrolled_at < born]
            for institution in sorted(lapsed):
                await end(batch, person, institution)
            ended += len(lapsed)
        await finish(batch)
    ring(batch)
    return ended
