"""Voiding a record: it was never right. It stays here as a mark and vanishes at the other offices."""

from shared.institution.kinds import RecordKind
from shared.institution.operations.clients import is_joint
from shared.institution.operations.records import locked
from shared.institution.operations.restating import restate
from shared.institution.operations.work import Work
from shared.institution.tables import RecordRow


async def void(work: Work, kind: RecordKind, record_id: str, version: int | None) -> RecordRow:
    """Void a record; where its kind has no event for that, the office restates all it has on the client.

    :raises PreconditionFailed: the record was changed meanwhile.
    :raises RecordClosed: it was voided before.
    """
    row, client = await locked(work, kind, record_id, version, allow_closed=True)
    disclosed = kind.disclosed(row) is not None
    row.state = "voided"
    row.version += 1
    row.updated_at = work.now
    work.changed(kind.name, row.id, client.id, "voided")
    if not disclosed or not is_joint(client, work.node.id):
        return row
    if kind.voided and kind.void_payload:
        work.tell(kind.voided, client.token, kind.void_payload(row.id))
    elif kind.restated:
        await work.session.flush()
        await restate(work, client)
    elif kind.closed is not None and (left := kind.disclosed(row)) is not None:
        work.tell(kind.closed, client.token, left)
    return row
