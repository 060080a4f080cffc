"""Erasing a whole client: every row that names the client, every SET about the person, here and wherever ours went.

What stays names nobody: that there was an erasure, who looked at the data before (without the case's number), lines of
the change feed, the books by the case's own number, and how far the office's count of the token had come, for a count
that began anew would contradict what was signed (docs/decisions/0028).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import due_by, term
from shared.domain.errors import NotFound
from shared.domain.events.payloads.people import Nothing
from shared.exchange.history.forget import forget_author
from shared.exchange.history.tables import AuthorRow
from shared.exchange.stream.erase import erase_all
from shared.exchange.stream.tables import SetRow
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.erasing.naming import all_sets, tell_erased, tokens_of
from shared.institution.operations.erasing.refusing import ends_of, ground_of, require_free, require_term_over
from shared.institution.operations.erasing.settling import Erasing, settle
from shared.institution.operations.work import Work
from shared.institution.tables import (
    AccessAnswerRow,
    AccessPersonRow,
    AccessRequestRow,
    ChangeRow,
    ClientRow,
    EmploymentEventRow,
    EmploymentRow,
    ErasureRow,
    ExternalIdRow,
    InstitutionBase,
    ToldBeforeRow,
)

CLIENT = "client"
_STAYS = {row.__tablename__ for row in (AccessPersonRow, ChangeRow, ErasureRow)}


async def erase_client(work: Work, client_id: str, ground: str, by: str) -> ErasureRow:
    """Erase a client; one that is still active is withdrawn with it.

    :raises NotFound: the office has no such client.
    :raises UnderLegalHold, CaseHolds, TermNotOver: something of the client is still to be kept.
    """
    client = (await clients.locked(work.session, [client_id])).get(client_id)
    if client is None:
        raise NotFound("This office has no client of that id.")
    today, reason = office_day(work.now), ground_of(ground)
    await require_free(work.session, client, today)
    require_term_over(reason, await terms_of_client(work.session, work.node, client, today), today)
    if client.state == "active":
        work.tell("client.withdrawn.v1", client.token, Nothing())
    tokens = await tokens_of(work.session, client)
    named = await all_sets(work.session, work.node.id, tokens)
    told = tell_erased(work, client.id, named, ground, due_by(today))
    work.changed(CLIENT, client.id, client.id, "erased")
    erasing = Erasing(client_id=client.id, kind=CLIENT, record_id=client.id, ground=ground, by=by)
    row = await settle(work, erasing, named, told)
    await remove_client(work, client, tokens)
    return row


async def remove_client(work: Work, client: ClientRow, tokens: Sequence[str]) -> None:
    """Delete all rows of a locked client, and what others said of the person."""
    await forget_others(work.session, work.node.id, tokens)
    await _remove(work.session, work.node, client)


async def terms_of_client(session: AsyncSession, node: Node, client: ClientRow, today: date) -> list[date | None]:
    """Return until when each record of a client must be kept, and the client's own row after them."""
    kinds: list[tuple[str, Any]] = [(kind.name, kind.row) for kind in node.institution.kinds]
    ends: list[date | None] = []
    for name, row in [*kinds, ("employment", EmploymentRow)]:
        query = select(row).where(row.client_id == client.id)
        ends += [ends_of(name, one, today) for one in await session.scalars(query)]
    withdrawn = term(CLIENT, today).ends(office_day(client.updated_at)) if client.state == "withdrawn" else None
    return [*ends, withdrawn]


async def forget_others(session: AsyncSession, own: str, tokens: Sequence[str]) -> int:
    """Erase what others, the broker too, said of a person here; return how many SETs that were."""
    sets = select(SetRow.iss, SetRow.hash).where(SetRow.token.in_(tokens), SetRow.iss != own)
    held: dict[str, list[bytes]] = {}
    for row in await session.execute(sets):
        held.setdefault(row.iss, []).append(row.hash)
    await erase_all(session, held, state="purged")
    authors = select(AuthorRow.token, AuthorRow.iss).where(AuthorRow.token.in_(tokens))
    for author in (await session.execute(authors)).all():
        await forget_author(session, author.token, author.iss, count_too=author.iss != own)
    return sum(len(hashes) for hashes in held.values())


async def _remove(session: AsyncSession, node: Node, client: ClientRow) -> None:
    """Delete every row that names the client, those that refer to others first."""
    of_client = _tables(node)
    jobs = select(EmploymentRow.id).where(EmploymentRow.client_id == client.id)
    questions = select(AccessRequestRow.id).where(AccessRequestRow.client_id == client.id)
    await session.execute(delete(EmploymentEventRow).where(EmploymentEventRow.employment_id.in_(jobs)))
    await session.execute(delete(AccessAnswerRow).where(AccessAnswerRow.request_id.in_(questions)))
    for table in of_client:
        if "id" in table.c:
            records = select(table.c.id).where(table.c.client_id == client.id)
            await session.execute(delete(ExternalIdRow).where(ExternalIdRow.record_id.in_(records)))
        await session.execute(delete(table).where(table.c.client_id == client.id))
    await session.execute(delete(ExternalIdRow).where(ExternalIdRow.record_id == client.id))
    await session.execute(delete(ToldBeforeRow).where(ToldBeforeRow.token == client.token))
    await session.execute(delete(ClientRow).where(ClientRow.id == client.id))
    logged = update(AccessPersonRow).where(AccessPersonRow.client_id == client.id)
    await session.execute(logged.values(case_number=""))


def _tables(node: Node) -> list[Table]:
    """Return the tables of this institution that name a client and go with it, in the order of deleting."""
    known = reversed(InstitutionBase.metadata.sorted_tables)
    kept = node.institution.tables - _STAYS
    return [table for table in known if table.name in kept and "client_id" in table.c]
