"""Records of clients: opened, amended, closed and voided by one machinery; those of joint clients are disclosed."""

from collections.abc import Mapping, Set
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.institution.kinds import Proposed, RecordKind
from shared.institution.models.base import LocalModel
from shared.institution.operations.clients import lock_active
from shared.institution.operations.families import require_no_open_children, require_parent
from shared.institution.operations.limits import require_room
from shared.institution.operations.restricted import tells
from shared.institution.operations.shared_client import Shared
from shared.institution.operations.versions import require_version
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, RecordRow
from shared.runtime.problems.handlers import invalid


class RecordClosed(Conflict):
    """The record is closed or voided and takes no further change."""


async def open_record(work: Work, kind: RecordKind, client: ClientRow, new: LocalModel) -> RecordRow:
    """Open a record for a locked client and, if the client is joint, disclose it.

    :raises AnotherOpen, PeriodsOverlap: there is another one too many of this kind.
    :raises NotGivenHere: the code is of a form that this kind of institution does not give.
    :raises NoSuchParent, ParentClosed: the record to which it is to belong does not take it.
    :raises DomainError: other records of the office do not allow it.
    """
    values = _new_values(work, kind, client, new)
    opens = values["state"] == "open"
    await require_room(work.session, kind, client.id, values, opens=opens, record_id=values["id"])
    await require_parent(work.session, kind, client.id, values, values["state"])
    await _require_allowed(work, kind, client, values, values.keys())
    row = kind.row(**values)
    work.session.add(row)
    disclose(work, kind, client, row, kind.opened)
    work.changed(kind.name, row.id, client.id, "opened")
    return row


def open_many(work: Work, kind: RecordKind, client: Shared, new: LocalModel, rows: list[dict[str, Any]]) -> str:
    """Open a record whose row the caller inserts with others, and disclose it; return its id.

    For kinds whose records stand alone (``Institution.stands_alone``): what ``open_record`` asks the database of other
    records is not asked here.

    :raises NotGivenHere: the code is of a form that this kind of institution does not give.
    """
    values = _new_values(work, kind, client, new)
    rows.append(values)
    if tells(client, work.node.id, kind.record):
        disclose(work, kind, client, kind.row(**values), kind.opened)
    work.changed(kind.name, values["id"], client.id, "opened")
    return str(values["id"])


async def get(session: AsyncSession, kind: RecordKind, record_id: str) -> RecordRow:
    """Return a record.

    :raises NotFound: there is none of that id.
    """
    row = await session.get(kind.row, record_id)
    if row is None:
        raise NotFound()
    return row


async def amend(work: Work, kind: RecordKind, record_id: str, change: LocalModel, version: int | None) -> RecordRow:
    """Amend a record: what is given replaces, the rules hold for the merged whole.

    :raises PreconditionFailed: the record was changed meanwhile.
    :raises DomainError: the merged record breaks a rule.
    """
    row, client = await locked(work, kind, record_id, version, sent=change)
    return await _apply(work, kind, client, row, _merged(kind, row, change.model_dump(exclude_unset=True)))


async def replace(work: Work, kind: RecordKind, record_id: str, new: LocalModel) -> RecordRow:
    """Bring a record to a given state; nothing happens where it is there already, be it closed meanwhile.

    :raises RecordClosed: it is closed, and would have to change.
    """
    row, client = await locked(work, kind, record_id, None, allow_closed=True)
    return await _apply(work, kind, client, row, new)


async def close(work: Work, kind: RecordKind, record_id: str, last: LocalModel, version: int | None) -> RecordRow:
    """Close a record: ``last`` says how it ended, and the rules hold for the whole that comes of it.

    :raises PeriodReversed: it would end before it starts.
    :raises ChildrenOpen: parts of it are open.
    :raises DomainError: other records of the office do not allow it so long.
    """
    row, client = await locked(work, kind, record_id, version, sent=last)
    await require_no_open_children(work.session, work.node.institution, kind, row.id)
    merged = _merged(kind, row, last.model_dump(exclude_unset=True) | dict(kind.closing or {}))
    columns = kind.columns(work.node.pii_keys, merged, work.node.id)
    await require_room(work.session, kind, client.id, columns, opens=False, record_id=row.id)
    if _is_longer(row, columns):
        await _require_allowed(work, kind, client, _values(row) | columns, columns.keys())
    for name, value in columns.items():
        setattr(row, name, value)
    row.state = "closed"
    _touch(work, kind, client, row, "closed", kind.closed)
    return row


def disclose(work: Work, kind: RecordKind, client: Shared, row: RecordRow, event: str) -> None:
    """Tell the other members of a joint client what a record says, as far as it may leave."""
    if tells(client, work.node.id, kind.record) and (payload := kind.leaving(work.node.disclosure, row)) is not None:
        work.tell(event, client.token, payload)


def _new_values(work: Work, kind: RecordKind, client: Shared, new: LocalModel) -> dict[str, Any]:
    """Return the values of the row of a new record.

    :raises NotGivenHere: the code is of a form that this kind of institution does not give.
    """
    values = kind.columns(work.node.pii_keys, new, work.node.id)
    values |= {"id": work.node.ids.uuid7(), "client_id": client.id, "version": 1}
    values |= {"state": "closed" if _is_ended(kind, values) else "open"}
    return values | {"created_at": work.now, "updated_at": work.now}


def _merged(kind: RecordKind, row: RecordRow, given: dict[str, Any]) -> LocalModel:
    """Return the whole that comes of a row and what is given.

    :raises DomainError: it breaks a rule.
    """
    whole = kind.create.members_of(row) | given
    try:
        return kind.create.model_validate({kind.create.model_fields[name].alias or name: whole[name] for name in whole})
    except ValidationError as failure:
        raise invalid(failure) from None


async def _apply(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow, merged: LocalModel) -> RecordRow:
    columns = kind.columns(work.node.pii_keys, merged, work.node.id)
    changes = {name: value for name, value in columns.items() if getattr(row, name) != value}
    if not changes:
        return row
    _require_open(row)
    await require_room(work.session, kind, client.id, columns, opens=False, record_id=row.id)
    ended = _is_ended(kind, columns)
    if ended:
        await require_no_open_children(work.session, work.node.institution, kind, row.id)
    if kind.parent_id in changes:
        await require_parent(work.session, kind, client.id, columns, "closed" if ended else "open")
    await _require_allowed(work, kind, client, _values(row) | columns, changes.keys())
    was_told = kind.leaving(work.node.disclosure, row) is not None
    for name, value in changes.items():
        setattr(row, name, value)
    if ended:
        row.state = "closed"
    _touch(work, kind, client, row, *(("closed", kind.closed) if ended else ("amended", kind.amended)))
    if was_told and kind.leaving(work.node.disclosure, row) is None:
        _void_elsewhere(work, kind, client, row)
    return row


async def _require_allowed(
    work: Work, kind: RecordKind, client: ClientRow, values: Mapping[str, Any], changed: Set[str]
) -> None:
    """Refuse a record that other records of the office do not allow; nothing of it is stored yet."""
    if guard := work.node.institution.guards.get(kind.row):
        proposed = Proposed(row=kind.row, client_id=client.id, values=values, changed=changed)
        await guard(work.node, work.session, proposed)


def _values(row: RecordRow) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs}


def _is_longer(row: RecordRow, columns: Mapping[str, Any]) -> bool:
    """Tell whether a record that had a last day would get a later one."""
    last = getattr(row, "until", None)
    return last is not None and columns["until"] > last


def _is_ended(kind: RecordKind, columns: Mapping[str, Any]) -> bool:
    return kind.ends_with is not None and columns[kind.ends_with] is not None


def _void_elsewhere(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow) -> None:
    """Make a record vanish at the other offices whose new code never leaves: what they have is no longer true."""
    if tells(client, work.node.id) and kind.voided and kind.void_payload:
        work.tell(kind.voided, client.token, kind.void_payload(row.id))


async def locked(
    work: Work,
    kind: RecordKind,
    record_id: str,
    version: int | None,
    *,
    sent: LocalModel | None = None,
    allow_closed: bool = False,
) -> tuple[RecordRow, ClientRow]:
    """Lock the client, then the record, and return both; ``sent`` is what the caller wants of it.

    :raises PreconditionFailed: the record has another version than the caller read.
    :raises RecordClosed: it takes no further change.
    """
    found = await get(work.session, kind, record_id)
    client = await lock_active(work.session, found.client_id)
    row = await work.session.get_one(kind.row, record_id, with_for_update=True, populate_existing=True)
    wanted = sent.model_dump(mode="json", by_alias=True, exclude_unset=True) if sent else {}
    require_version(row.version, version, record=lambda: kind.view.model_validate(row), sent=wanted)
    if row.state != "closed" or not allow_closed:
        _require_open(row)
    return row, client


def _require_open(row: RecordRow) -> None:
    if row.state != "open":
        raise RecordClosed(received=row.state)


def _touch(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow, change: str, event: str) -> None:
    row.version += 1
    row.updated_at = work.now
    disclose(work, kind, client, row, event)
    work.changed(kind.name, row.id, client.id, change)
