"""Who read a client's data at every member: asked by an event, answered by each of itself, shown as one.

An answer is made in the transaction that takes the question in, from the member's own log; it tells days, roles,
reasons and counts. A member that has not answered is named: silence is no answer.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import NotFound
from shared.domain.events.fields import MAX_READS
from shared.domain.events.payloads.access import AccessAnswered, AccessRequested
from shared.domain.period import Period
from shared.exchange.history.tables import AuthorRow
from shared.institution.models.access import AccessRequest, MemberAccess, TimesRead
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.access import accesses
from shared.institution.operations.access.access_log import name_of_member, office_day, times_read
from shared.institution.operations.access.accesses import Access
from shared.institution.operations.work import Work
from shared.institution.tables import AccessAnswerRow, AccessRequestRow, ClientRow


async def ask(work: Work, client_id: str, since: date | None, until: date | None, access: Access) -> AccessRequest:
    """Ask all members of a client; the office's own answer stands there at once.

    :raises NotFound: the office has no such client.
    :raises ClientWithdrawn: the client was withdrawn.
    :raises PeriodReversed: the days end before they start.
    """
    if since is not None:
        Period(since, until)
    client = await clients.lock_active(work.session, client_id)
    own, joint = work.node.id, clients.is_joint(client, work.node.id)
    row = AccessRequestRow(
        id=work.node.ids.uuid7(),
        client_id=client.id,
        members=sorted(client.members) if joint else [own],
        from_=since,
        until=until,
        asked_by=access.subject,
        asked_at=work.now,
    )
    work.session.add(row)
    if joint:
        question = AccessRequested(
            request_id=row.id,
            day=office_day(work.now),
            role=access.role,
            purpose=access.purpose,
            legal_basis=access.basis or client.basis,
            from_=since,
            until=until,
        )
        work.tell("access_log.requested.v1", client.token, question)
    await work.session.flush()
    for part in await _parts(work, client, row.id, since, until):
        _keep(work, own, part)
    await work.session.flush()
    return await answers(work.session, work.node, client_id, row.id)


async def answer(work: Work, client: ClientRow, iss: str, question: AccessRequested) -> None:
    """Answer another member's question of itself, and log that the log was read for it."""
    for part in await _parts(work, client, question.request_id, question.from_, question.until):
        work.tell("access_log.answered.v1", client.token, part)
    read = Access(
        id=work.node.ids.uuid7(),
        at=work.now,
        subject=iss,
        role="system",
        purpose=question.purpose,
        operation="answer_access_request",
        basis=question.legal_basis,
        persons={client.id},
    )
    await accesses.write(work.session, read)


async def note_answer(work: Work, client: ClientRow, iss: str, part: AccessAnswered) -> None:
    """Keep a member's answer to a question of this office; answers to others' questions are passed over."""
    request = await work.session.get(AccessRequestRow, part.request_id)
    if request is None or request.client_id != client.id or iss not in request.members:
        return
    if await work.session.get(AccessAnswerRow, (part.request_id, iss, part.part)) is None:
        _keep(work, iss, part)
        work.changed("access_request", request.id, client.id, "answered")


async def answers(session: AsyncSession, node: Node, client_id: str, request_id: str) -> AccessRequest:
    """Return a question with all answers so far.

    :raises NotFound: there is no such question about this client.
    """
    client = await clients.get(session, client_id)
    row = await session.get(AccessRequestRow, request_id)
    if row is None or row.client_id != client.id:
        raise NotFound()
    query = select(AccessAnswerRow).where(AccessAnswerRow.request_id == row.id)
    told = list(await session.scalars(query.order_by(AccessAnswerRow.iss, AccessAnswerRow.part)))
    members = [_member(node, client, name, [part for part in told if part.iss == name]) for name in row.members]
    waiting = [member.id for member in members if member.state != "answered"]
    authors = await session.scalars(select(AuthorRow.iss).where(AuthorRow.token == client.token))
    return AccessRequest(
        id=row.id,
        client_id=client.id,
        asked_at=row.asked_at,
        since=row.from_,
        until=row.until,
        complete=not waiting,
        waiting=waiting,
        not_asked=sorted(set(authors) - set(row.members) - {node.id}),
        members=members,
    )


async def _parts(
    work: Work, client: ClientRow, request_id: str, since: date | None, until: date | None
) -> Sequence[AccessAnswered]:
    counted = [one.model_dump(mode="json") for one in await times_read(work.session, client.id, since, until)]
    parts = [counted[at : at + MAX_READS] for at in range(0, len(counted), MAX_READS)] or [[]]
    return [
        AccessAnswered(request_id=request_id, part=number, parts=len(parts), reads=tuple(part))
        for number, part in enumerate(parts, 1)
    ]


def _keep(work: Work, iss: str, part: AccessAnswered) -> None:
    work.session.add(
        AccessAnswerRow(
            request_id=part.request_id,
            iss=iss,
            part=part.part,
            parts=part.parts,
            reads=list(part.reads),
            answered_at=work.now,
        )
    )


def _member(node: Node, client: ClientRow, name: str, parts: Sequence[AccessAnswerRow]) -> MemberAccess:
    whole = bool(parts) and len(parts) == parts[0].parts
    shares = name in client.members or name == node.id
    return MemberAccess(
        id=name,
        name=name_of_member(node, name),
        state="answered" if whole else "waiting" if shares else "parted",
        answered_at=max(part.answered_at for part in parts) if whole else None,
        reads=[TimesRead.model_validate(read) for part in parts for read in part.reads],
    )
