"""Jobs (*zatrudnienie*): a history of dated events that are never edited; a later record of a day outweighs it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.events.payloads.support import Employed, EmploymentEnded
from shared.institution.models.base import LocalModel
from shared.institution.models.employments import (
    Employment,
    EmploymentEnd,
    EmploymentEvent,
    EmploymentState,
    NewEmployment,
    WageChange,
)
from shared.institution.operations.clients import lock_active
from shared.institution.operations.listing import Listed
from shared.institution.operations.restricted import tells
from shared.institution.operations.versions import require_version
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, EmploymentEventRow, EmploymentRow, RecordRow

JOBS = Listed(row=EmploymentRow, filters=("contract_kind",))
_EVENTS = {"start": "employment.started.v1", "wage": "employment.wage_changed.v1", "stop": "employment.ended.v1"}


class BeforeTheJob(Invalid):
    """The day lies before the first day of the job."""


async def start(work: Work, client: ClientRow, new: NewEmployment) -> EmploymentRow:
    """Record a job that starts."""
    row = EmploymentRow(
        id=work.node.ids.uuid7(),
        client_id=client.id,
        state="open",
        version=1,
        contract_kind=new.contract_kind,
        employer=new.employer,
        note=new.note,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(row)
    await _record(work, client, row, "start", new)
    work.changed("employment", row.id, client.id, "opened")
    return row


async def change_wage(work: Work, employment_id: str, change: WageChange, version: int | None) -> EmploymentRow:
    """Record a wage from a day on; on the day of an earlier record it outweighs that one.

    :raises BeforeTheJob: the day lies before the job.
    """
    row, client = await _locked(work, employment_id, version, change)
    await _require_begun(work.session, row, change.effective, "effective")
    await _record(work, client, row, "wage", change)
    row.state = "open" if await _is_held(work.session, row) else "closed"
    _touch(work, row, client, "amended")
    return row


async def end(work: Work, employment_id: str, last: EmploymentEnd, version: int | None) -> EmploymentRow:
    """Record the end of a job by its last day worked; the day before its first says that it never began.

    :raises BeforeTheJob: the day lies before that.
    """
    row, client = await _locked(work, employment_id, version, last)
    await _require_begun(work.session, row, last.last_day + timedelta(days=1), "last_day")
    await _record(work, client, row, "stop", None, effective=last.last_day + timedelta(days=1))
    row.state = "open" if await _is_held(work.session, row) else "closed"
    _touch(work, row, client, "closed")
    return row


async def bring_to(work: Work, employment_id: str, state: EmploymentState) -> EmploymentRow:
    """Bring a job to a given state: a wage that differs from the last one is a change, a last day ends it.

    What stands beside the wages is replaced; another kind of contract is told with the wage, which it travels with.

    :raises BeforeTheJob: a day lies before the job.
    """
    row, client = await _locked(work, employment_id, None)
    beside = {name: getattr(state, name) for name in ("contract_kind", "employer", "note")}
    changed = {name for name, value in beside.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, beside[name])
    if changed:
        _touch(work, row, client, "amended")
    events = (await events_of(work.session, [employment_id]))[employment_id]
    wages = [event for event in events if event.kind != "stop"]
    names = ("effective", "net_gr", "gross_gr", "working_time_bp")
    if "contract_kind" in changed or any(getattr(wages[-1], name) != getattr(state, name) for name in names):
        change = WageChange(**{name: getattr(state, name) for name in names})
        row = await change_wage(work, employment_id, change, None)
    if state.last_day is not None and not _has_ended(events[-1], state.last_day):
        row = await end(work, employment_id, EmploymentEnd(last_day=state.last_day), None)
    return row


async def get(session: AsyncSession, employment_id: str) -> EmploymentRow:
    """Return a job.

    :raises NotFound: there is none of that id.
    """
    row = await session.get(EmploymentRow, employment_id)
    if row is None:
        raise NotFound()
    return row


async def of_client(session: AsyncSession, client_id: str) -> Sequence[EmploymentRow]:
    """Return the jobs of a client, oldest first."""
    query = select(EmploymentRow).where(EmploymentRow.client_id == client_id).order_by(EmploymentRow.id)
    return list(await session.scalars(query))


async def events_of(session: AsyncSession, employment_ids: Iterable[str]) -> dict[str, list[EmploymentEventRow]]:
    """Return the events of jobs in the order they were recorded."""
    events: dict[str, list[EmploymentEventRow]] = defaultdict(list)
    if not (wanted := sorted(employment_ids)):
        return events
    query = select(EmploymentEventRow).where(EmploymentEventRow.employment_id.in_(wanted))
    for row in await session.scalars(query.order_by(EmploymentEventRow.recorded)):
        events[row.employment_id].append(row)
    return events


async def view(session: AsyncSession, row: EmploymentRow) -> Employment:
    """Return a job with its history."""
    await session.flush()
    return (await views(session, [row]))[0]


async def views(session: AsyncSession, rows: Sequence[RecordRow]) -> list[Employment]:
    """Return jobs with their histories."""
    events = await events_of(session, [row.id for row in rows])
    return [_view(row, events[row.id]) for row in rows]


def _view(row: RecordRow, events: Iterable[EmploymentEventRow]) -> Employment:
    values = {name: getattr(row, name) for name in Employment.model_fields if name != "events"}
    return Employment(**values, events=[EmploymentEvent.model_validate(event) for event in events])


def wire_event(row: EmploymentRow, event: EmploymentEventRow) -> tuple[str, Any]:
    """Return an event of a job as it leaves the office."""
    if event.kind == "stop":
        payload: Any = EmploymentEnded(employment_id=row.id, recorded=event.recorded, effective=event.effective)
    else:
        payload = Employed(
            employment_id=row.id,
            recorded=event.recorded,
            effective=event.effective,
            net=event.net_gr or 0,
            gross=event.gross_gr,
            working_time=event.working_time_bp,
            contract_kind=row.contract_kind,
        )
    return _EVENTS[event.kind], payload


async def _record(
    work: Work, client: ClientRow, row: EmploymentRow, kind: str, wage: NewEmployment | WageChange | None, **values: Any
) -> None:
    client.recorded += 1
    if wage is not None:
        values = {name: getattr(wage, name) for name in ("effective", "net_gr", "gross_gr", "working_time_bp")}
    event = EmploymentEventRow(
        employment_id=row.id, recorded=client.recorded, kind=kind, recorded_at=work.now, **values
    )
    await work.session.flush()
    work.session.add(event)
    if tells(client, work.node.id):
        name, payload = wire_event(row, event)
        work.tell(name, client.token, payload)


async def _locked(
    work: Work, employment_id: str, version: int | None, sent: LocalModel | None = None
) -> tuple[EmploymentRow, ClientRow]:
    found = await get(work.session, employment_id)
    client = await lock_active(work.session, found.client_id)
    row = await work.session.get_one(EmploymentRow, employment_id, with_for_update=True, populate_existing=True)
    shown = await view(work.session, row) if version not in (None, row.version) else None
    wanted = sent.model_dump(mode="json", exclude_unset=True) if sent else {}
    require_version(row.version, version, record=lambda: shown, sent=wanted)
    if row.state == "voided":
        raise Conflict("The job was voided.")
    return row, client


async def _require_begun(session: AsyncSession, row: EmploymentRow, effective: date, field: str) -> None:
    first = min(event.effective for event in (await events_of(session, [row.id]))[row.id])
    if effective < first:
        raise BeforeTheJob(field=field, expected=f"a job that begins on {first.isoformat()}")


async def _is_held(session: AsyncSession, row: EmploymentRow) -> bool:
    """Tell whether the job goes on after the last day that its events speak of."""
    await session.flush()
    events = (await events_of(session, [row.id]))[row.id]
    return max(events, key=lambda event: (event.effective, event.recorded)).kind != "stop"


def _has_ended(last: EmploymentEventRow, last_day: date) -> bool:
    return last.kind == "stop" and last.effective == last_day + timedelta(days=1)


def _touch(work: Work, row: EmploymentRow, client: ClientRow, change: str) -> None:
    row.version += 1
    row.updated_at = work.now
    work.changed("employment", row.id, client.id, change)
