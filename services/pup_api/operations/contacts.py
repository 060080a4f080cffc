"""The duty to keep in contact: when the next contact is due, and whose registration an official may close for it.

Source of the figure: ``CONTACT_DUTY`` in the table of law; before its first day the dates were set one by one, and
there is nothing to work out. A registration of before that day begins to count with it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.pup_api.models.status import ContactStanding, Figure, ProposedClosure
from services.pup_api.tables import ContactRow, RegistrationRow
from shared.domain.benefit.law import LawValue, law_value
from shared.domain.errors import NotFound
from shared.institution.operations import clients

_FIGURE = "CONTACT_DUTY"
_NO_CONTACT = "no_contact"
_COUNTS = ContactRow.result.in_(("kept", "excused"))


async def standing(session: AsyncSession, client_id: str, on: date) -> ContactStanding:
    """Return how a client with an open registration stands in the duty.

    :raises NotFound: no such client, or no open registration that had begun.
    :raises NoValue: the table of law has no figure for the day.
    """
    await clients.get(session, client_id)
    of_client = (RegistrationRow.client_id == client_id, RegistrationRow.from_ <= on, *_goes_on(on))
    newest = select(RegistrationRow).where(*of_client).order_by(RegistrationRow.from_.desc(), RegistrationRow.id.desc())
    row = await session.scalar(newest.limit(1))
    if row is None:
        raise NotFound("The client has no open registration that had begun by then.")
    [found] = await _standings(session, [row], on, law_value(param=_FIGURE, on=on))
    return found


async def without_contact(session: AsyncSession, on: date, after: str, limit: int) -> Sequence[ContactStanding]:
    """Return the open registrations whose last day for a contact has passed, by id, each with its proposed closure.

    :raises NoValue: the table of law has no figure for the day.
    """
    figure = law_value(param=_FIGURE, on=on)
    needed = on - timedelta(days=figure.days())
    if figure.valid_from >= needed:
        return []
    contacted = select(ContactRow.id).where(
        ContactRow.registration_id == RegistrationRow.id, _COUNTS, *_by(on), ContactRow.ended_on >= needed
    )
    query = select(RegistrationRow).where(
        *_goes_on(on), RegistrationRow.from_ < needed, RegistrationRow.id > after, ~contacted.exists()
    )
    rows = list(await session.scalars(query.order_by(RegistrationRow.id).limit(limit)))
    return await _standings(session, rows, on, figure)


def _goes_on(on: date) -> tuple[ColumnElement[bool], ...]:
    until = RegistrationRow.until
    return (RegistrationRow.state == "open", until.is_(None) | (until >= on))


def _by(on: date) -> tuple[ColumnElement[bool], ...]:
    return (ContactRow.state != "voided", ContactRow.ended_on <= on)


async def _standings(
    session: AsyncSession, rows: Sequence[RegistrationRow], on: date, figure: LawValue
) -> Sequence[ContactStanding]:
    ids = [row.id for row in rows]
    of_these = ContactRow.registration_id.in_(ids)
    kept = select(ContactRow.registration_id, func.max(ContactRow.ended_on)).where(of_these, _COUNTS, *_by(on))
    agreed = select(ContactRow.registration_id, func.min(ContactRow.due)).where(of_these, ContactRow.state == "open")
    last = await _days(session, kept.group_by(ContactRow.registration_id))
    following = await _days(session, agreed.group_by(ContactRow.registration_id))
    return [_standing(row, on, last.get(row.id), following.get(row.id), figure) for row in rows]


async def _days(session: AsyncSession, query: Any) -> dict[str, date]:
    return {row[0]: row[1] for row in await session.execute(query)}


def _standing(
    row: RegistrationRow, on: date, last: date | None, agreed: date | None, figure: LawValue
) -> ContactStanding:
    due_by = max(last or row.from_, figure.valid_from) + timedelta(days=figure.days())
    overdue = max(0, (on - due_by).days)
    return ContactStanding(
        client_id=row.client_id,
        registration_id=row.id,
        on=on,
        last_contact=last,
        due_by=due_by,
        overdue_days=overdue,
        next_agreed=agreed,
        proposed=ProposedClosure(until=due_by, reason=_NO_CONTACT) if overdue else None,
        figure=Figure.model_validate(figure),
    )
