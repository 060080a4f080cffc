"""Whether the data of a client may be used at all: told to others, looked ahead with, decided on (GDPR, art. 18)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict
from shared.exchange.history.tables import SharedRecordRow
from shared.institution.operations.clients import is_joint
from shared.institution.operations.contests import REGISTRATION, states
from shared.institution.operations.shared_client import Shared
from shared.institution.tables import ClientRow

RESTRICTION = "restriction"
"""The record under which an office tells the others that the use of what it told is restricted."""


class DataRestricted(Conflict):
    """The data of this client are only kept, and used for nothing, until the restriction is lifted (GDPR, art. 18)."""

    problem = "data-restricted"


def tells(row: Shared, own_id: str, record: str = "") -> bool:
    """Tell whether the office tells the other members of a client now: it is joint, and its use is not restricted.

    ``record``: what it would tell; of a contested client that waits, registrations are told, to the broker alone.
    """
    joint = row.restricted_on is None and is_joint(row, own_id)
    return joint or (record == REGISTRATION and states(row, own_id))


def require_unrestricted(row: ClientRow) -> ClientRow:
    """Refuse a use of data that are only kept.

    :raises DataRestricted: they are.
    """
    if row.restricted_on is not None:
        raise DataRestricted(received=f"restricted since {row.restricted_on.isoformat()}")
    return row


async def restricted_elsewhere(session: AsyncSession, token: str) -> dict[str, date]:
    """Return which offices restrict the use of what they told of a person, and since when."""
    told = (SharedRecordRow.token == token, SharedRecordRow.record == RESTRICTION, SharedRecordRow.dropped.is_(False))
    rows = await session.execute(select(SharedRecordRow.iss, SharedRecordRow.payload).where(*told))
    return {row.iss: date.fromisoformat(row.payload["from"]) for row in rows}
