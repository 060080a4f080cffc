"""Voiding a record: it was never right. It stays here as a mark and vanishes at the other offices."""

from shared.institution.kinds import RecordKind
from shared.institution.operations.families import children
from shared.institution.operations.records import locked
from shared.institution.operations.restating import restate
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, RecordRow


async def void(work: Work, kind: RecordKind, record_id: str, version: int | None) -> RecordRow:
    """Void a record and what belongs to it; where a kind has no event for that, the office restates the client.

    :raises PreconditionFailed: the record was changed meanwhile.
    :raises RecordClosed: it was voided before.
    """
    row, client = await locked(work, kind, record_id, version, allow_closed=True)
    if await _void(work, kind, client, row):
        await work.session.flush()
        await restate(work, client)
    return row


async def _void(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow) -> bool:
    """Void a record and what belongs to it; return whether the other offices learn of it by a restatement alone."""
    restates = [
        await _void(work, child, client, part)
        for child in work.node.institution.children_of(kind)
        for part in await children(work.session, child, row.id)
    ]
    disclosed = kind.leaving(work.node.disclosure, row) is not None
    row.state = "voided"
    row.version += 1
    row.updated_at = work.now
    work.changed(kind.name, row.id, client.id, "voided")
    if not disclosed or not tells(client, work.node.id, kind.record):
        return any(restates)
    if kind.voided and kind.void_payload:
        work.tell(kind.voided, client.token, kind.void_payload(row.id))
    elif kind.restated:
        return True
    elif (left := kind.leaving(work.node.disclosure, row)) is not None:
        work.tell(kind.closed, client.token, left)
    return any(restates)
