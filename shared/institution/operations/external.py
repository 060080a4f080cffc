"""External ids: another system of the office pushes what it has under its own names, as often as it likes."""

import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Invalid, NotFound
from shared.domain.pesel import holds_a_pesel
from shared.institution.kinds import RecordKind
from shared.institution.models.base import OurId
from shared.institution.models.clients import ChangedClient, NewClient
from shared.institution.models.employments import EmploymentState
from shared.institution.operations import clients, employments, records
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, ExternalIdRow, RecordRow
from shared.runtime.problems.handlers import invalid

CLIENTS = "clients"
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class ExternalIdRefused(Invalid):
    """An external id is 1 to 100 letters, digits, points, hyphens or colons, and never a PESEL."""


class _Whose(BaseModel):
    """The client whose record it is."""

    client_id: OurId


Row = ClientRow | RecordRow
EMPLOYMENTS = "employments"


async def put(work: Work, system: str, kind: str, external_id: str, body: Any) -> tuple[Row, bool]:
    """Make or replace a record by the name another system has for it; return it, and whether it is new.

    :raises ExternalIdRefused: the name cannot be one, or passes as a PESEL.
    :raises NotFound: there is no such kind of record.
    :raises DomainError: the record breaks a rule.
    """
    require_name(system, field="system")
    require_name(external_id)
    known = await work.session.get(ExternalIdRow, (system, kind, external_id), with_for_update=True)
    make = {CLIENTS: _client, EMPLOYMENTS: _employment}.get(kind, _record)
    row = await make(work, kind, known.record_id if known else None, body)
    if known is None:
        work.session.add(ExternalIdRow(system=system, kind=kind, external_id=external_id, record_id=row.id))
    return row, known is None


async def find(session: AsyncSession, system: str, kind: str, external_id: str) -> str:
    """Return the id of the record that another system knows by this name.

    :raises NotFound: there is none.
    """
    require_name(system, field="system")
    require_name(external_id)
    row = await session.get(ExternalIdRow, (system, kind, external_id))
    if row is None:
        raise NotFound()
    return row.record_id


def kind_of(kinds: Any, path: str) -> RecordKind:
    """Return the kind of record by its part of the URL.

    :raises NotFound: this institution keeps no such records, or they have no replaceable state.
    """
    found = next((kind for kind in kinds if kind.path == path), None)
    if found is None:
        raise NotFound(
            "This institution keeps no such records.", expected=[CLIENTS, EMPLOYMENTS, *(kind.path for kind in kinds)]
        )
    return found  # type: ignore[no-any-return]


def require_name(text: str, *, field: str = "external_id") -> None:
    """Refuse a name that cannot be one: a PESEL is never an id.

    :raises ExternalIdRefused: it cannot.
    """
    if not _NAME.fullmatch(text) or (len(text) > 10 and holds_a_pesel(text)):
        raise ExternalIdRefused(field=field, expected="a name as FW-2026-000123")


async def _client(work: Work, kind: str, known: str | None, body: Any) -> Row:
    new = _parsed(lambda: NewClient.model_validate(body))
    if known is None:
        present = await clients.known(work.session, work.node, [new.pesel])
        return await clients.register(work, new, present)
    row = await clients.get(work.session, known)
    given = {name: value for name, value in new.columns().items() if getattr(row, name) != value}
    return await clients.amend(work, known, ChangedClient(**given), None) if given else row


async def _employment(work: Work, kind: str, known: str | None, body: Any) -> Row:
    client_id, members = _of_client(body)
    state = _parsed(lambda: EmploymentState.model_validate(members))
    if known is not None:
        _require_same_client(await employments.get(work.session, known), client_id)
        return await employments.bring_to(work, known, state)
    client = await clients.lock_active(work.session, client_id)
    row = await employments.start(work, client, state)
    if state.last_day is not None:
        await work.session.flush()
        row = await employments.bring_to(work, row.id, state)
    return row


async def _record(work: Work, path: str, known: str | None, body: Any) -> Row:
    kind = kind_of(work.node.institution.kinds, path)
    client_id, members = _of_client(body)
    new = _parsed(lambda: kind.create.model_validate(members))
    if known is not None:
        _require_same_client(await records.get(work.session, kind, known), client_id)
        return await records.replace(work, kind, known, new)
    client = await clients.lock_active(work.session, client_id)
    return await records.open_record(work, kind, client, new)


def _of_client(body: Any) -> tuple[str, dict[str, Any]]:
    members = dict(body) if isinstance(body, dict) else {}
    client_id = members.pop("client_id", None)
    return _parsed(lambda: _Whose(client_id=client_id)).client_id, members


def _require_same_client(row: RecordRow, client_id: str) -> None:
    if row.client_id != client_id:
        raise Invalid("The record is of another client.", field="client_id")


def _parsed(parse: Callable[[], Any]) -> Any:
    try:
        return parse()
    except ValidationError as failure:
        raise invalid(failure) from None
