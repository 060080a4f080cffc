"""Records of clients: opened, amended, closed and voided by one machinery; those of joint clients are disclosed."""

from collections.abc import Mapping, Sequence, Set
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.institution.kinds import Proposed, RecordKind
from shared.institution.models.base import LocalModel, require_period
from shared.institution.operations.clients import is_joint, lock_active
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
    :raises DomainError: other records of the office do not allow it.
    """
    if kind.single:
        await _require_none_open(work.session, kind, client.id)
    columns = kind.columns(work.node.pii_keys, new, work.node.id)
    await _require_allowed(work, kind, client, columns, columns.keys())
    row = kind.row(
        id=work.node.ids.uuid7(),
        client_id=client.id,
        state="open",
        version=1,
        created_at=work.now,
        updated_at=work.now,
        **columns,
    )
    work.session.add(row)
    disclose(work, kind, client, row, kind.opened)
    work.changed(kind.name, row.id, client.id, "opened")
    return row


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
    return await _apply(work, kind, client, row, merged)


async def replace(work: Work, kind: RecordKind, record_id: str, new: LocalModel) -> RecordRow:
    """Bring a record to a given state; nothing happens where it is there already."""
    row, client = await locked(work, kind, record_id, None)
    return await _apply(work, kind, client, row, new)


async def close(work: Work, kind: RecordKind, record_id: str, until: Any, version: int | None) -> RecordRow:
    """Close a record: ``until`` is its last day in force.

    :raises PeriodReversed: it would end before it starts.
    :raises DomainError: other records of the office do not allow it so long.
    """
    row, client = await locked(work, kind, record_id, version)
    values: dict[str, Any] = {"until": until, **(kind.closing or {})}
    require_period(row.from_, until)  # type: ignore[attr-defined]  # every kind that closes has a period
    if row.until is not None and until > row.until:  # type: ignore[attr-defined]
        await _require_allowed(work, kind, client, _values(row) | values, values.keys())
    for name, value in values.items():
        setattr(row, name, value)
    row.state = "closed"
    _touch(work, kind, client, row, "closed", kind.closed)
    return row


def disclose(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow, event: str | None) -> None:
    """Tell the other members of a joint client what a record says, as far as it may leave.

    A local kind has no event to tell it by.
    """
    if event is not None and is_joint(client, work.node.id) and (payload := kind.disclosed(row)) is not None:
        work.tell(event, client.token, payload)


async def of_client(session: AsyncSession, kind: RecordKind, client_id: str) -> Sequence[RecordRow]:
    """Return the records of a client that were not voided, oldest first."""
    query = select(kind.row).where(kind.row.client_id == client_id, kind.row.state != "voided").order_by(kind.row.id)
    return list(await session.scalars(query))


async def _apply(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow, merged: LocalModel) -> RecordRow:
    columns = kind.columns(work.node.pii_keys, merged, work.node.id)
    changes = {name: value for name, value in columns.items() if getattr(row, name) != value}
    if changes:
        await _require_allowed(work, kind, client, _values(row) | columns, changes.keys())
        was_told = kind.disclosed(row) is not None
        for name, value in changes.items():
            setattr(row, name, value)
        _touch(work, kind, client, row, "amended", kind.amended)
        if was_told and kind.disclosed(row) is None:
            _void_elsewhere(work, kind, client, row)
    return row


async def _require_allowed(
    work: Work, kind: RecordKind, client: ClientRow, values: Mapping[str, Any], changed: Set[str]
) -> None:
    """Refuse a record that other records of the office do not allow; nothing of it is stored yet."""
    if guard := work.node.institution.guard:
        proposed = Proposed(row=kind.row, client_id=client.id, values=values, changed=changed)
        await guard(work.node, work.session, proposed)


def _values(row: RecordRow) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs}


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


def _touch(work: Work, kind: RecordKind, client: ClientRow, row: RecordRow, change: str, event: str | None) -> None:
    row.version += 1
    row.updated_at = work.now
    disclose(work, kind, client, row, event)
    work.changed(kind.name, row.id, client.id, change)


async def _require_none_open(session: AsyncSession, kind: RecordKind, client_id: str) -> None:
    query = select(kind.row.id).where(kind.row.client_id == client_id, kind.row.state == "open").limit(1)
    if await session.scalar(query) is not None:
        raise Conflict(f"The client has an open {kind.name.replace('_', ' ')} already; close it first.")
