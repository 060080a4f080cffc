"""What an institution is to a person, and what that lets it say (WIRE.md, section 4, authority)."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import MembershipRow
from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER
from shared.exchange.sets import NotShared
from shared.exchange.stream.heads import STREAMS
from shared.exchange.stream.tables import AcknowledgementRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of

_ACKNOWLEDGEMENTS = table_of(AcknowledgementRow)
_MAILBOX = (
    select(func.max(STREAMS.c.id))
    .where(STREAMS.c.owner == BROKER, STREAMS.c.peer == bindparam("institution"))
    .scalar_subquery()
)
_ACKNOWLEDGED = select(func.max(_ACKNOWLEDGEMENTS.c.position)).where(_ACKNOWLEDGEMENTS.c.stream_id == _MAILBOX)


def require_shared(is_member: bool) -> None:
    """Refuse what is said about a person by someone who does not share that person.

    :raises NotShared: the institution is no present member.
    """
    if not is_member:
        raise NotShared()


async def is_parting_on_its_way(
    session: AsyncSession, failure: DomainError, institution: str, token: str | None
) -> bool:
    """Tell whether the sender could not know yet that it no longer shares the person: then nobody did wrong."""
    if not isinstance(failure, NotShared) or token is None:
        return False
    membership = await session.get(MembershipRow, (token, institution))
    if membership is None or membership.present:
        return membership is not None
    return membership.told_at is None or await acknowledged(session, institution) < membership.told_at


async def acknowledged(session: AsyncSession, institution: str) -> int:
    """Return the last position of its mailbox that an institution has acknowledged."""
    connection = await connection_of(session)
    return (await connection.scalar(_ACKNOWLEDGED, {"institution": institution})) or 0
