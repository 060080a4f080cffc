"""Records of clients: opened, amended, closed and voided by one machinery; those of joint clients are disclosed."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.institution.kinds import RecordKind
from shared.institution.models.base import LocalModel, require_period
from shared.institution.operations.clients import is_joint, lock_active
from shared.institution.operations.shared_client import Shared
from shared.institution.operations.versions import require_version
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, RecordRow
from shared.runtime.problems.handlers import invalid


class RecordClosed(Conflict):
    """The record is closed or voided and takes no further change."""


async def open_record(work: Work, kind: RecordKind, client: ClientRow, new: LocalModel) -> RecordRow:
    """Open a record for a locked client and, if the client is joint, disclose it.

    :raises Conflict: there may be one open record of this kind and there is one.
    :raises NotGivenHere: the code is of a form that this kind of institution does not give.
    """
    if kind.single:
        await _require_none_open(work.session, kind, client.id)
    row = kind.row(**new_values(work, kind, client, new))
    work.session.add(row)
    disclose(work, kind, client, row, kind.opened)
    return row


def new_values(work: Work, kind: RecordKind, client: Shared, new: LocalModel) -> dict[str, Any]:
    """Return the values of the row of a new record, and put it into the change feed.

    :raises NotGivenHere: the code is of a form that this kind of institution does not give.
    """
    values = kind.columns(work.node.pii_keys, new, work.node.id)
    values |= {"id": work.node.ids.uuid7(), "client_id": client.id, "state": "open", "version": 1}
    values |= {"created_at": work.now, "updated_at": work.now}
    work.changed(kind.name, values["id"], client.id, "opened")
    return values


def open_many(work: Work, kind: RecordKind, client: Shared, new: LocalModel, rows: list[dict[str, Any]]) -> str:
    """Open a record whose row the caller inserts with others, and disclose it; return its id.

    For kinds of which a client may have several: what ``open_record`` asks the database is not asked here.
    """
    values = new_values(work, kind, client, new)
    rows.append(values)
    if is_joint(client, work.node.id):
        disclose(work, kind, client, kind.row(**values), kind.opened)
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
    row, client = await locked(work, kind, record_id, version)
    given = kind.create.members_of(row) | change.model_dump(exclude_unset=True)
    members = {kind.create.model_fields[name].alias or name: value for name, value in given.items()}
    try:
        merged = kind.create.model_validate(members)
    except ValidationError as failure:
        raise invalid(failure) from None
    return _apply(work, kind, client, row, merged)


async def replace(work: Work, kind: RecordKind, record_id: str, new: LocalModel) -> RecordRow:
    """Bring a record to a given state; nothing happens where it is there already."""
    row, client = await locked(work, kind, record_id, None)
    return _apply(work, kind, client, row, new)


async def close(work: Work, kind: RecordKind, record_id: str, until: Any, version: int | None) -> RecordRow:
    """Close a record: ``until`` is its last day in force.

    :raises PeriodReversed: it would end before it starts.
    """
    row, client = await locked(work, kind, record_id, version)
    values: dict[str, Any] = {"until": until, **(kind.closing or {})}
    require_period(row.from_, until)  # type: ignore[attr-defined]  # every kind that closes has a period
    for name, value in values.items():
        setattr(row, name, value)
    row.state = "closed"
    _touch(work, kind, client, row, "closed", kind.closed)
    return row


def disclose(work: Work, kind: RecordKind, client: Shared, row: RecordRow, event: str) -> None:
    """Tell the other members of a joint client what a record says, as far as it may leave."""
    if is_joint(client, work.node.id) and (payload := kind.disclosed(row)) is not None:
        work.tell(event, client.token, payload)


async def of_client(session: AsyncSession, kind: RecordKind, client_id: str) -> Sequence[RecordRow]:
    """Return the records of a client that were not voided, oldest first."""
    query = select(kind.row).where(kind.row.client_id == client_id, kind.row.state != "voided").order_by(kind.row.id)
    return list(await session.scalars(query))


def _apply(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow, merged: LocalModel) -> RecordRow:
    columns = kind.columns(work.node.pii_keys, merged, work.node.id)
    changes = {name: value for name, value in columns.items() if getattr(row, name) != value}
    if changes:
        was_told = kind.disclosed(row) is not None
        for name, value in changes.items():
            setattr(row, name, value)
        _touch(work, kind, client, row, "amended", kind.amended)
        if was_told and kind.disclosed(row) is None:
            _void_elsewhere(work, kind, client, row)
    return row


def _void_elsewhere(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow) -> None:
    """Make a record vanish at the other offices whose new code never leaves: what they have is no longer true."""
    if is_joint(client, work.node.id) and kind.voided and kind.void_payload:
        work.tell(kind.voided, client.token, kind.void_payload(row.id))


async def locked(
    work: Work, kind: RecordKind, record_id: str, version: int | None, *, allow_closed: bool = False
) -> tuple[RecordRow, ClientRow]:
    """Lock the client, then the record, and return both."""
    found = await get(work.session, kind, record_id)
    client = await lock_active(work.session, found.client_id)
    row = await work.session.get_one(kind.row, record_id, with_for_update=True, populate_existing=True)
    require_version(row.version, version)
    if row.state == "voided" or (row.state == "closed" and not allow_closed):
        raise RecordClosed(received=row.state)
    return row, client


def _touch(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow, change: str, event: str) -> None:
    row.version += 1
    row.updated_at = work.now
    disclose(work, kind, client, row, event)
    work.changed(kind.name, row.id, client.id, change)


async def _require_none_open(session: AsyncSession, kind: RecordKind, client_id: str) -> None:
    query = select(kind.row.id).where(kind.row.client_id == client_id, kind.row.state == "open").limit(1)
    if await session.scalar(query) is not None:
        raise Conflict(f"The client has an open {kind.name.replace('_', ' ')} already; close it first.")
