"""Clients of a restored office stand as it last told: what it withdrew stays withdrawn, what it took back is back.

Without this an office would take for active whom the broker no longer shares, or enrol anew whom it had withdrawn.
"""

from collections.abc import Iterable

from sqlalchemy import select

from shared.domain.events.payloads.people import Enrolled
from shared.exchange.sets import SecurityEvent
from shared.institution.operations.leaving import leave
from shared.institution.operations.suspicions import stand_as_answered
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow

_WITHDRAWN = "client.withdrawn.v1"


async def stand_as_told(work: Work, events: Iterable[SecurityEvent], *, may_be_active: bool = True) -> None:
    """Set each client to what the office's own last word among the events said of it, in their order.

    ``may_be_active``: whether a withdrawn one becomes active. After a fork it does not: the office wrote on, and may
    have withdrawn the client since.
    """
    events = list(events)
    await stand_as_answered(work, events)
    last = {event.token: event for event in events if says_who_is_enrolled(event)}
    rows = select(ClientRow).where(ClientRow.token.in_(last)).order_by(ClientRow.id).with_for_update()
    for row in list(await work.session.scalars(rows)):
        left = last[row.token].type.name == _WITHDRAWN
        if left == (row.state == "withdrawn") or not (left or may_be_active):
            continue
        row.state, row.version, row.updated_at = "withdrawn" if left else "active", row.version + 1, work.now
        if left:
            row.members = []
            await leave(work, row)
        work.changed("client", row.id, row.id, "withdrawn" if left else "taken_back")


def says_who_is_enrolled(event: SecurityEvent) -> bool:
    """Tell whether an event enrols a client or ends that."""
    return event.type.name == _WITHDRAWN or isinstance(event.payload, Enrolled)
