"""Requests of people about their data: rectification, restriction, objection (GDPR art. 16, 18, 21).

A rectification (*sprostowanie danych*) amends records by their own calls, with their versions and their lines in the
change feed; the answer names which. A restriction (*ograniczenie przetwarzania*) that is upheld stops every use until
it is lifted, and so does an objection (*sprzeciw*) that is upheld.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import due_by
from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.subject_requests import RESTRICTS, reason_said, require_reason
from shared.institution.models.notices import RecipientNotice
from shared.institution.models.subject_requests import Amended, NewSubjectRequest, SubjectAnswer, SubjectRequest
from shared.institution.node import Node
from shared.institution.operations import clients, notices
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.contests import REGISTRATION
from shared.institution.operations.restating import restate
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, EmploymentRow, SubjectRequestRow

MAX_OPEN = 50


class AlreadyAnswered(Conflict):
    """The request does not wait for this: it was answered or lifted before."""


class TooManyOpen(Conflict):
    """The client has as many requests without an answer as one may have; answer some first."""


class NothingAmended(Invalid):
    """A rectification that is upheld names what was amended, and nothing else does."""


class NotAmendedSince(Conflict):
    """The record does not stand so, or was not amended since the request; amend it first."""


async def record(work: Work, client_id: str, new: NewSubjectRequest, by: str) -> SubjectRequest:
    """Record what a person asked for.

    :raises NotFound: the office has no such client.
    :raises Invalid: it was received on a day still to come.
    :raises TooManyOpen: fifty wait already.
    """
    await _locked_client(work, client_id)
    if new.received_on > office_day(work.now):
        raise Invalid("A request is received today or before.", field="received_on")
    waiting = [one for one in await of_client(work.session, work.node, client_id) if one.state == "open"]
    if len(waiting) >= MAX_OPEN:
        raise TooManyOpen(expected=f"at most {MAX_OPEN}")
    row = SubjectRequestRow(
        id=work.node.ids.uuid7(),
        client_id=client_id,
        state="open",
        amended=[],
        recorded_by=by,
        recorded_at=work.now,
        **new.model_dump(),
    )
    work.session.add(row)
    work.changed("subject_request", row.id, client_id, "recorded")
    await work.session.flush()
    return view(row)


async def answer(work: Work, client_id: str, request_id: str, given: SubjectAnswer, by: str) -> SubjectRequest:
    """Answer a request; a restriction or an objection that is upheld restricts the client from now on.

    :raises NotFound: the client has no such request.
    :raises AlreadyAnswered: it was answered before.
    :raises ReasonDoesNotAnswer: the reason does not fit.
    :raises NothingAmended, NotAmendedSince: a rectification does not name what it put right.
    """
    client = await _locked_client(work, client_id)
    row = await _locked(work, client_id, request_id, "open")
    require_reason(row.kind, given.answer, given.reason_code)
    if (row.kind == "rectification" and given.answer == "upheld") is not bool(given.amended):
        raise NothingAmended(field="amended")
    for one in given.amended:
        await _require_amended(work, client, row, one)
    row.state, row.reason_code = given.answer, given.reason_code
    row.answered_on, row.answered_by = office_day(work.now), by
    row.amended = [one.model_dump() for one in given.amended]
    if row.kind in RESTRICTS and row.state == "upheld" and client.restricted_on is None:
        client.restricted_on = office_day(work.now)
        work.changed("client", client.id, client.id, "restricted")
        await notices.restricts(work, client, row)
    if given.amended:
        await notices.rectified(work, client, row)
    work.changed("subject_request", row.id, client_id, given.answer)
    await work.session.flush()
    return await _whole(work, row)


async def lift(work: Work, client_id: str, request_id: str, reason_code: str, by: str) -> SubjectRequest:
    """Lift what restricts a client; when nothing else does, what changed meanwhile is told to the other members.

    :raises NotFound: the client has no such request.
    :raises AlreadyAnswered: it restricts nothing.
    :raises ReasonDoesNotAnswer: the reason does not fit.
    """
    client = await _locked_client(work, client_id)
    row = await _locked(work, client_id, request_id, "upheld")
    require_reason(row.kind, "lifted", reason_code)
    row.state, row.reason_code = "lifted", reason_code
    row.lifted_on, row.lifted_by = office_day(work.now), by
    work.changed("subject_request", row.id, client_id, "lifted")
    await work.session.flush()
    if not await restricting(work.session, client_id):
        client.restricted_on = None
        work.changed("client", client.id, client.id, "unrestricted")
        if tells(client, work.node.id, REGISTRATION):
            await restate(work, client)
    return await _whole(work, row)


async def _whole(work: Work, row: SubjectRequestRow) -> SubjectRequest:
    told = await notices.of_requests(work.session, work.node, row.client_id)
    return view(row, told.get(row.id, ()))


async def of_client(session: AsyncSession, node: Node, client_id: str) -> Sequence[SubjectRequest]:
    """Return all requests of a client, oldest first.

    :raises NotFound: the office has no such client.
    """
    await clients.get(session, client_id)
    query = select(SubjectRequestRow).where(SubjectRequestRow.client_id == client_id).order_by(SubjectRequestRow.id)
    told = await notices.of_requests(session, node, client_id)
    return [view(row, told.get(row.id, ())) for row in await session.scalars(query)]


async def restricting(session: AsyncSession, client_id: str) -> Sequence[str]:
    """Return the kinds of requests that restrict a client now."""
    upheld = (SubjectRequestRow.state == "upheld", SubjectRequestRow.kind.in_(RESTRICTS))
    query = select(SubjectRequestRow.kind).where(SubjectRequestRow.client_id == client_id, *upheld)
    return list(await session.scalars(query.order_by(SubjectRequestRow.id)))


def view(row: SubjectRequestRow, told: Sequence[RecipientNotice] = ()) -> SubjectRequest:
    """Return a request as it is shown, with its reason in words, and who was told what became of it."""
    made = ("due_on", "reason_pl", "reason_en", "recipients")
    names = [name for name in SubjectRequest.model_fields if name not in made]
    said = (row.kind, row.state, row.reason_code) if row.reason_code else None
    return SubjectRequest(
        **{name: getattr(row, name) for name in names},
        due_on=due_by(row.received_on),
        recipients=list(told),
        reason_pl=reason_said(*said, "pl") if said else None,
        reason_en=reason_said(*said, "en") if said else None,
    )


async def _locked_client(work: Work, client_id: str) -> ClientRow:
    client = (await clients.locked(work.session, [client_id])).get(client_id)
    if client is None:
        raise NotFound("This office has no client of that id.")
    return client


async def _locked(work: Work, client_id: str, request_id: str, state: str) -> SubjectRequestRow:
    row = await work.session.get(SubjectRequestRow, request_id, with_for_update=True)
    if row is None or row.client_id != client_id:
        raise NotFound()
    if row.state != state:
        raise AlreadyAnswered(expected=state, received=row.state)
    return row


async def _require_amended(work: Work, client: ClientRow, request: SubjectRequestRow, one: Amended) -> None:
    """Refuse a rectification that names a record which was not put right since."""
    rows: dict[str, Any] = {kind.path: kind.row for kind in work.node.institution.kinds}
    rows |= {"client": ClientRow, "employments": EmploymentRow}
    if one.kind not in rows:
        raise Invalid("The office keeps no such kind of record.", field="kind", expected=f"one of {', '.join(rows)}")
    found = await work.session.get(rows[one.kind], one.record_id)
    owner = getattr(found, "client_id", getattr(found, "id", None))
    if found is None or owner != client.id:
        raise NotFound(field="record_id")
    if found.version < max(one.version, 2) or found.updated_at < request.recorded_at:
        raise NotAmendedSince(expected=f"a version from {one.version} on", received=found.version)
