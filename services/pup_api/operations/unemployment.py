"""A client's standing as unemployed, by this office's own records and what other labour offices told."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.pup_api.models.status import TakenOff, UnemploymentStatus
from services.pup_api.records.registrations import REGISTRATIONS
from shared.domain.benefit.eligibility import DAYS_NEEDED, NOT_COUNTED
from shared.domain.events.payloads import support
from shared.domain.period import Period
from shared.domain.unemployment import Placement, unemployment
from shared.institution.kinds import SUPPORT_FORMS
from shared.institution.node import Node
from shared.institution.operations import client_records, clients
from shared.institution.operations.merged import told


async def status(session: AsyncSession, node: Node, client_id: str, on: date) -> UnemploymentStatus:
    """Return how a client stands on a day.

    :raises NotFound: no such client.
    """
    client = await clients.get(session, client_id)
    own = [REGISTRATIONS.disclosed(row) for row in await client_records.of_client(session, REGISTRATIONS, client_id)]
    own += [SUPPORT_FORMS.disclosed(row) for row in await client_records.of_client(session, SUPPORT_FORMS, client_id)]
    joint = clients.is_joint(client, node.id)
    others = [one.payload for one in await told(session, client) if one.iss != node.id] if joint else []
    counting = [one for one in others if isinstance(one, support.Registration) or _is_placement(one)]
    known = [*own, *counting]
    found = unemployment(
        on=on,
        registered=[Period(one.from_, one.until) for one in known if isinstance(one, support.Registration)],
        placements=[
            Placement(one.code, one.form_id, Period(one.from_, one.until)) for one in known if _is_placement(one)
        ],
    )
    return UnemploymentStatus(
        client_id=client_id,
        on=on,
        registered=found.is_registered,
        window_from=found.window.start,
        window_until=found.window.end or on,
        registered_days=found.registered_days,
        taken_off=[TakenOff.model_validate(one) for one in found.taken_off],
        counted_days=found.counted_days,
        days_needed=DAYS_NEEDED,
        long_term=found.is_long_term,
        long_term_since=found.long_term_since,
        from_other_offices=len(counting),
    )


def _is_placement(payload: object) -> bool:
    return isinstance(payload, support.SupportForm) and payload.code in NOT_COUNTED
