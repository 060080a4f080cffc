"""What an institution is to a person, and what that lets it say (WIRE.md, section 4, authority)."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.tables import MembershipRow
from shared.domain.errors import DomainError
from shared.domain.institutions import BROKER
from shared.exchange.sets import NotShared
from shared.exchange.stream.heads import STREAMS, Head
from shared.exchange.stream.tables import AcknowledgementRow
from shared.runtime.database.bulk import table_of
from shared.runtime.database.engine import connection_of

_ACKNOWLEDGEMENTS = table_of(AcknowledgementRow)
_MAILBOX = (
    select(func.max(STREAMS.c.id))
    .where(STREAMS.c.owner == BROKER, STREAMS.c.peer == bindparam("institution"))
    .scalar_subquery()
)
_SIGNED_BY_THEN = (
    select(_ACKNOWLEDGEMENTS.c.own_incarnation, _ACKNOWLEDGEMENTS.c.own_position)
    .where(_ACKNOWLEDGEMENTS.c.stream_id == _MAILBOX, _ACKNOWLEDGEMENTS.c.position >= bindparam("told_at"))
    .order_by(_ACKNOWLEDGEMENTS.c.position)
    .limit(1)
)
_ACKNOWLEDGED = select(func.max(_ACKNOWLEDGEMENTS.c.position)).where(_ACKNOWLEDGEMENTS.c.stream_id == _MAILBOX)


class NothingSuspected(NotShared):
    """What was answered is suspected no more: somebody withdrew the client, or the broker was restored meanwhile."""


def require_shared(is_member: bool) -> None:
    """Refuse what is said about a person by someone who does not share that person.

    :raises NotShared: the institution is no present member.
    """
    if not is_member:
        raise NotShared()


async def is_parting_on_its_way(
    session: AsyncSession, failure: DomainError, head: Head, position: int, tokens: Iterable[str | None]
) -> bool:
    """Tell whether a SET was signed before its author knew that it no longer shares the person: nobody did wrong.

    Nor did who answered a suspicion that the other side had ended: no word of that goes to who did not end it.

    The author knows once it acknowledges the parting, and says then how far it has signed: mail may overtake a push.
    ``tokens`` are that by which the person goes and that which was signed: who left before a move is known by the old.
    """
    if isinstance(failure, NothingSuspected):
        return True
    if not isinstance(failure, NotShared):
        return False
    for token in sorted({token for token in tokens if token is not None}):
        membership = await session.get(MembershipRow, (token, head.owner))
        if membership is not None and await _is_excused(session, membership, head, position):
            return True
    return False


async def _is_excused(session: AsyncSession, membership: MembershipRow, head: Head, position: int) -> bool:
    if membership.present or membership.told_at is None:
        return True
    asked = {"institution": head.owner, "told_at": membership.told_at}
    row = (await (await connection_of(session)).execute(_SIGNED_BY_THEN, asked)).first()
    if row is None:
        return True
    return row.own_position is not None and row.own_incarnation == head.incarnation and position <= row.own_position


async def acknowledged(session: AsyncSession, institution: str) -> int:
    """Return the last position of its mailbox that an institution has acknowledged."""
    connection = await connection_of(session)
    return (await connection.scalar(_ACKNOWLEDGED, {"institution": institution})) or 0
