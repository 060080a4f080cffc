"""What an official asks to be erased: a record of a client, or the client."""

from shared.domain.errors import Invalid
from shared.institution.kinds import RecordKind
from shared.institution.models.protection import Erasure, NewErasure
from shared.institution.node import Institution
from shared.institution.operations import clients
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.erasing.client import erase_client
from shared.institution.operations.erasing.record import erase_record
from shared.institution.operations.erasing.standing import view
from shared.institution.operations.work import Work

EMPLOYMENTS = "employments"


class NoSuchKind(Invalid):
    """The office keeps no such kind of record."""


async def erase(work: Work, client_id: str, new: NewErasure, by: str) -> Erasure:
    """Erase what is asked for and say what was done.

    :raises NotFound: the office has no such client, or the client no such record.
    :raises NoSuchKind: the office keeps no such records.
    :raises UnderLegalHold, CaseHolds, TermNotOver: it is still to be kept.
    """
    if new.record_id is None or new.kind is None:
        row = await erase_client(work, client_id, new.ground, by)
    else:
        kind = _kind(work.node.institution, new.kind)
        client = (await clients.locked(work.session, [client_id])).get(client_id)
        client = client or await clients.get(work.session, client_id)
        row = await erase_record(work, client, kind, new.record_id, new.ground, by)
    return view(work.node, row, office_day(work.now))


def _kind(institution: Institution, path: str) -> RecordKind | None:
    """Return the kind of a path; jobs have a machinery of their own and none."""
    kinds = {kind.path: kind for kind in institution.kinds}
    if path == EMPLOYMENTS:
        return None
    if path not in kinds:
        raise NoSuchKind(field="kind", expected=f"one of {', '.join(sorted([*kinds, EMPLOYMENTS]))}")
    return kinds[path]
