"""Erasing one record at its owner: the row goes, and every SET that says it, wherever it went.

A restatement that says the record goes as well; while the client is shared the office restates what is left first, so
that nothing else is missed.
"""

from collections.abc import Sequence

from sqlalchemy import delete

from shared.domain.erasure import due_by
from shared.domain.errors import NotFound
from shared.exchange.history.forget import forget_records
from shared.institution.kinds import RecordKind
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.erasing.naming import sets_of_records, tell_erased, tokens_of
from shared.institution.operations.erasing.refusing import ends_of, ground_of, require_free, require_term_over
from shared.institution.operations.erasing.settling import Erasing, settle
from shared.institution.operations.families import every_child
from shared.institution.operations.leaving import forget_duplicates
from shared.institution.operations.restating import restate
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, EmploymentEventRow, EmploymentRow, ErasureRow, ExternalIdRow, RecordRow

EMPLOYMENT = "employment"
Family = Sequence[tuple[RecordKind | None, RecordRow]]


async def erase_record(
    work: Work, client: ClientRow, kind: RecordKind | None, record_id: str, ground: str, by: str
) -> ErasureRow:
    """Erase a record of a locked client with all that belongs to it; ``kind`` is ``None`` for a job.

    :raises NotFound: the client has no such record.
    :raises UnderLegalHold, CaseHolds, TermNotOver: it is still to be kept.
    """
    today, reason = office_day(work.now), ground_of(ground)
    family = await family_of(work, client, kind, record_id)
    await require_free(work.session, client, today)
    require_term_over(reason, [ends_of(name_of(one), row, today) for one, row in family], today)
    ids = [row.id for _, row in family]
    kinds = [one for one, _ in family if one is not None]
    apart = {name for one in kinds if one.leaves and not one.restated for name in (one.opened, one.amended, one.closed)}
    tokens = await tokens_of(work.session, client)
    named = await sets_of_records(work.session, work.node.id, tokens, ids, apart - {""})
    await remove_family(work, family, tokens)
    if named and tells(client, work.node.id, kind.record if kind else ""):
        await restate(work, client)
    told = tell_erased(work, record_id, named, ground, due_by(today))
    work.changed(name_of(kind), record_id, client.id, "erased")
    erasing = Erasing(client_id=client.id, kind=name_of(kind), record_id=record_id, ground=ground, by=by)
    row = await settle(work, erasing, named, told)
    for token in tokens:
        await forget_duplicates(work.session, token, ids)
    return row


async def family_of(work: Work, client: ClientRow, kind: RecordKind | None, record_id: str) -> Family:
    """Return, locked, a record and what belongs to it, parts before wholes.

    :raises NotFound: the client has no such record.
    """
    row = await work.session.get(kind.row if kind else EmploymentRow, record_id, with_for_update=True)
    if row is None or row.client_id != client.id:
        raise NotFound()
    parts = await every_child(work.session, work.node.institution, kind, row.id) if kind else []
    return [*parts, (kind, row)]


async def remove_family(work: Work, family: Family, tokens: Sequence[str]) -> None:
    """Delete records, their names in other systems, and what the office knows to have told of them."""
    session, ids = work.session, [row.id for _, row in family]
    await session.execute(delete(ExternalIdRow).where(ExternalIdRow.record_id.in_(ids)))
    for kind, row in family:
        if kind is None:
            await session.execute(delete(EmploymentEventRow).where(EmploymentEventRow.employment_id == row.id))
        await session.delete(row)
        await session.flush()
    for token in tokens:
        await forget_records(session, token, work.node.id, ids)


def name_of(kind: RecordKind | None) -> str:
    """Return what a kind is called in lists of what was done; a job is of none."""
    return kind.name if kind else EMPLOYMENT
