"""Who is to be told of a rectification, a restriction or an objection (GDPR, art. 19): every office that got the data.

Who shares the client now is told by events, of a rectification those of the amended records, of what restricts one of
its own (docs/decisions/0030). Who shared the client once is told by nobody: that is a line for an official.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.domain.events.payloads.erasing import Restriction
from shared.institution.models.disclosures import Recipient
from shared.institution.models.notices import NoticeQuery, RecipientNotice
from shared.institution.node import Node
from shared.institution.operations import clients, offices
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.clients import is_joint
from shared.institution.operations.work import Work
from shared.institution.tables import ClientMembersRow, ClientRow, RecipientNoticeRow, SubjectRequestRow


class AlreadyInformed(Conflict):
    """The office was told before; nothing is left to do."""


async def restricts(work: Work, client: ClientRow, request: SubjectRequestRow) -> None:
    """Tell who shares a client that the use of the data is restricted from today on; note who else is to be told."""
    if is_joint(client, work.node.id):
        work.tell(
            "data.restricted.v1", client.token, Restriction(restriction_id=request.id, from_=office_day(work.now))
        )
    await _note(work, client, request, told=set(client.members))


async def rectified(work: Work, client: ClientRow, request: SubjectRequestRow) -> None:
    """Note who is to be told that records were put right; who shares the client was told with each of them."""
    kinds = {kind.path for kind in work.node.institution.kinds_told} | {"employments"}
    if kinds & {str(one["kind"]) for one in request.amended}:
        tells = client.restricted_on is None and is_joint(client, work.node.id)
        await _note(work, client, request, told=set(client.members) if tells else set())


async def _note(work: Work, client: ClientRow, request: SubjectRequestRow, *, told: set[str]) -> None:
    for office in await recipients(work.session, work.node, client):
        row = RecipientNoticeRow(
            id=work.node.ids.uuid7(), client_id=client.id, request_id=request.id, kind=request.kind, office=office
        )
        row.state, row.told_at = ("told", work.now) if office in told else ("open", None)
        work.session.add(row)
        if row.state == "open":
            work.changed("recipient_notice", row.id, client.id, "opened")


async def recipients(session: AsyncSession, node: Node, client: ClientRow) -> Sequence[str]:
    """Return every office that ever shared a client with this one: each got what was told meanwhile."""
    members = await session.scalars(select(ClientMembersRow.members).where(ClientMembersRow.client_id == client.id))
    ever = {office for shared in members for office in shared} | set(client.members)
    return sorted(ever - {node.id})


async def who_got(session: AsyncSession, node: Node, client_id: str) -> Sequence[Recipient]:
    """Return every office that got data of a client, and what each is still to be told.

    :raises NotFound: the office has no such client.
    """
    client = await clients.get(session, client_id)
    of_client = (RecipientNoticeRow.client_id == client.id, RecipientNoticeRow.state == "open")
    waiting = list(await session.scalars(select(RecipientNoticeRow.office).where(*of_client)))
    return [
        Recipient(office=office, shares=office.id in client.members, open_notices=waiting.count(office.id))
        for office in offices.others(await recipients(session, node, client), node)
    ]


async def page(session: AsyncSession, node: Node, wanted: NoticeQuery) -> tuple[Sequence[RecipientNotice], str | None]:
    """Return a page of notices by id, and where the next one begins."""
    query = select(RecipientNoticeRow).where(RecipientNoticeRow.id > wanted.after)
    for name in ("state", "kind", "office"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(RecipientNoticeRow, name) == value)
    rows = list(await session.scalars(query.order_by(RecipientNoticeRow.id).limit(wanted.limit + 1)))
    more = len(rows) > wanted.limit
    shown = [view(node, row) for row in rows[: wanted.limit]]
    return shown, shown[-1].id if more else None


async def of_requests(session: AsyncSession, node: Node, client_id: str) -> dict[str, list[RecipientNotice]]:
    """Return the notices of a client by the request that they are about."""
    query = select(RecipientNoticeRow).where(RecipientNoticeRow.client_id == client_id)
    found: dict[str, list[RecipientNotice]] = {}
    for row in await session.scalars(query.order_by(RecipientNoticeRow.id)):
        found.setdefault(row.request_id, []).append(view(node, row))
    return found


async def inform(work: Work, notice_id: str, by: str) -> RecipientNotice:
    """Note that an official informed an office.

    :raises NotFound: there is no such notice.
    :raises AlreadyInformed: it was told before.
    """
    row = await work.session.get(RecipientNoticeRow, notice_id, with_for_update=True)
    if row is None:
        raise NotFound()
    if row.state != "open":
        raise AlreadyInformed(expected="open", received=row.state)
    row.state, row.told_at, row.told_by = "informed", work.now, by
    work.changed("recipient_notice", row.id, row.client_id, "informed")
    await work.session.flush()
    return view(work.node, row)


def view(node: Node, row: RecipientNoticeRow) -> RecipientNotice:
    """Return a notice as it is shown, with how to reach the office."""
    (office,) = offices.others([row.office], node)
    names = ("id", "client_id", "request_id", "kind", "state", "told_at", "told_by")
    return RecipientNotice(office=office, **{name: getattr(row, name) for name in names})
