"""Registrations of a person at several labour offices: what each says of its own, and when that is looked at anew.

What an office that is held says is taken here and goes to nobody: the broker must learn that a registration was
closed, and nobody else may learn that there was one (docs/decisions/0050).
"""

from collections import defaultdict
from datetime import date

from sqlalchemy import select

from services.broker.operations.relay.batch import Batch, Person
from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.payloads.people import Restated
from shared.domain.events.payloads.support import Registration
from shared.domain.institutions import kind_of
from shared.exchange.history.tables import AuthorRow, SharedRecordRow
from shared.exchange.sets import SecurityEvent


def note(batch: Batch, person: Person, event: SecurityEvent) -> None:
    """Remember that who leads is to be looked at anew, once what a labour office said or erased here is written."""
    if isinstance(event.payload, Registration | Restated | Erased):
        note_gone(batch, person)


def note_gone(batch: Batch, person: Person) -> None:
    """Remember that who leads is to be looked at anew, for what a labour office had said may be gone."""
    if len(_labour_offices(person)) > 1:
        batch.registered_anew.add(person.token)


async def registered(batch: Batch, person: Person) -> dict[str, date | None]:
    """Return the first day of the newest open registration at each labour office that has said what it has.

    Of a single one nothing is asked: it contests with nobody.
    """
    offices = _labour_offices(person)
    if len(offices) < 2:
        return {}
    asked = {name: row.asked for name, row in person.memberships.items() if row.present or row.held}
    told = select(AuthorRow.iss, AuthorRow.baseline_generation).where(
        AuthorRow.token == person.token,
        AuthorRow.iss.in_(asked.keys() & offices),
        AuthorRow.baseline_generation.is_not(None),
    )
    have = {row.iss for row in await batch.session.execute(told) if row.baseline_generation >= asked[row.iss]}
    query = select(SharedRecordRow.iss, SharedRecordRow.payload).where(
        SharedRecordRow.token == person.token,
        SharedRecordRow.iss.in_(have),
        SharedRecordRow.record == "registration",
        SharedRecordRow.dropped.is_(False),
    )
    opened: dict[str, list[date]] = defaultdict(list)
    for iss, payload in await batch.session.execute(query):
        if "until" not in payload:
            opened[iss].append(date.fromisoformat(payload["from"]))
    return {name: max(opened[name], default=None) for name in have}


def _labour_offices(person: Person) -> set[str]:
    return {name for name, row in person.enrolments.items() if row.active and kind_of(name) == "pup"}
