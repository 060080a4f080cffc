"""Erasing one record at its owner: the row goes, and every SET that says it, wherever it went.

A restatement that says the record goes as well; while the client is shared the office restates what is left first, so
that nothing else is missed, and of a contested client that waits its registrations. While the use of the data is
restricted it restates nothing, and only repeats its registrations as they were told: to erase another record must end
no contest, and let nobody in (docs/decisions/0050).
"""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select

from shared.domain.erasure import due_by
from shared.domain.errors import NotFound
from shared.domain.events import schema
from shared.domain.events.types import event_type
from shared.exchange.history.forget import forget_records
from shared.exchange.history.tables import SharedRecordRow
from shared.institution.kinds import RecordKind
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.clients import is_joint
from shared.institution.operations.contests import REGISTRATION, place_in_contest
from shared.institution.operations.erasing.naming import Named, sets_of_records, tell_erased, tokens_of
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
    if named:
        await _say_what_stays(work, client, named)
    told = tell_erased(work, record_id, named, ground, due_by(today))
    work.changed(name_of(kind), record_id, client.id, "erased")
    erasing = Erasing(client_id=client.id, kind=name_of(kind), record_id=record_id, ground=ground, by=by)
    row = await settle(work, erasing, named, told)
    for token in tokens:
        await forget_duplicates(work.session, token, ids)
    return row


async def _say_what_stays(work: Work, client: ClientRow, named: Sequence[Named]) -> None:
    """Say once more what these SETs said beside what is erased, before the word takes them."""
    own = work.node.id
    if tells(client, own, REGISTRATION):
        await restate(work, client)
    elif is_joint(client, own) or place_in_contest(client, own) == "waits":
        await _repeat_registrations(work, client, [one.hash for one in named])


async def _repeat_registrations(work: Work, client: ClientRow, hashes: Collection[bytes]) -> None:
    """Tell the registrations that rest on these SETs as they were told; what was changed since is told to nobody."""
    told = (SharedRecordRow.token == client.token, SharedRecordRow.iss == work.node.id)
    said = (SharedRecordRow.record == REGISTRATION, SharedRecordRow.dropped.is_(False))
    for row in await work.session.scalars(select(SharedRecordRow).where(*told, *said).order_by(SharedRecordRow.key)):
        if row.hash in hashes:
            work.tell(row.type, client.token, schema.read(event_type(row.type).shape, row.payload))


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
