"""Clients: registered, found, amended, withdrawn, taken back; the broker learns the token and a check alone."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.domain.events.payloads.people import Nothing
from shared.domain.institutions import kind_of
from shared.domain.pesel import Pesel
from shared.institution.models.clients import ChangedClient, Client, NewClient
from shared.institution.node import Node
from shared.institution.operations import contests, offices
from shared.institution.operations.enrolling import enrol, tell_moved, tell_surname, token_for
from shared.institution.operations.leaving import lapse_suspicions, leave
from shared.institution.operations.shared_client import Shared
from shared.institution.operations.versions import require_version
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, FormerTokenRow

Held = TypeVar("Held", bound=Shared)
PESEL_CONTEXT = "client.pesel"
_LOCKED = (
    select(ClientRow)
    .where(ClientRow.id == bindparam("of_id"))
    .with_for_update()
    .execution_options(populate_existing=True)  # what was read before the lock was had may be of yesterday
)


class ClientExists(Conflict):
    """There is a client with this PESEL; a withdrawn one can be taken back."""

    problem = "client-exists"


class ClientWithdrawn(Conflict):
    """The client is withdrawn; take the client back first."""


async def known(session: AsyncSession, node: Node, pesels: Iterable[str]) -> dict[bytes, str]:
    """Return which of these people the office has already, by blind index."""
    indexes = [node.pii_keys.index(pesel, PESEL_CONTEXT) for pesel in pesels]
    query = select(ClientRow.pesel_index, ClientRow.id).where(ClientRow.pesel_index.in_(indexes))
    return {row.pesel_index: row.id for row in await session.execute(query)}


async def register(work: Work, new: NewClient, known: dict[bytes, str]) -> ClientRow:
    """Register a client and enrol the token; ``known`` are people whom the office has, and learns of this one.

    :raises ClientExists: the office has a client with this PESEL.
    """
    index = work.node.pii_keys.index(new.pesel, PESEL_CONTEXT)
    if index in known:
        raise ClientExists(field="pesel", client_id=known[index])
    row = ClientRow(
        id=work.node.ids.uuid7(),
        pesel_index=index,
        token=token_for(work.node, new.pesel),
        state="active",
        generation=0,
        members=[],
        recorded=0,
        version=1,
        created_at=work.now,
        updated_at=work.now,
        **new.columns(),
    )
    known[index] = row.id
    work.session.add(row)
    enrol(work, row)
    work.changed("client", row.id, row.id, "created")
    return row


async def find(session: AsyncSession, node: Node, pesel: str) -> ClientRow:
    """Return the client with a PESEL.

    :raises NotFound: the office has none.
    """
    index = node.pii_keys.index(pesel, PESEL_CONTEXT)
    row = await session.scalar(select(ClientRow).where(ClientRow.pesel_index == index))
    if row is None:
        raise NotFound("This office has no client with that PESEL.")
    return row


async def get(session: AsyncSession, client_id: str) -> ClientRow:
    """Return a client.

    :raises NotFound: the office has none of that id.
    """
    row = await session.get(ClientRow, client_id)
    if row is None:
        raise NotFound("This office has no client of that id.")
    return row


async def locked(session: AsyncSession, client_ids: Iterable[str]) -> dict[str, ClientRow]:
    """Return clients, locked in the order of their ids: whether they are joint cannot change meanwhile."""
    query = select(ClientRow).where(ClientRow.id.in_(sorted(set(client_ids)))).order_by(ClientRow.id)
    return {row.id: row for row in await session.scalars(query.with_for_update())}


async def lock_active(session: AsyncSession, client_id: str) -> ClientRow:
    """Return a client of the office, locked.

    :raises NotFound: there is none.
    :raises ClientWithdrawn: the client was withdrawn.
    """
    return require_active(await session.scalar(_LOCKED, {"of_id": client_id}))


def require_active(row: Held | None) -> Held:
    """Refuse what is no active client.

    :raises NotFound: there is none.
    :raises ClientWithdrawn: the client was withdrawn.
    """
    if row is None:
        raise NotFound("This office has no client of that id.", field="client_id")
    if row.state != "active":
        raise ClientWithdrawn()
    return row


async def amend(work: Work, client_id: str, change: ChangedClient, version: int | None) -> ClientRow:
    """Amend a client; a new surname changes the check, a corrected PESEL moves the enrolment to another token.

    :raises PreconditionFailed: the client was changed meanwhile.
    :raises ClientExists: another client has the new PESEL.
    """
    row = await lock_active(work.session, client_id)
    sent = change.model_dump(mode="json", exclude_unset=True)
    require_version(row.version, version, record=lambda: Client(**view_of(row, work.node)), sent=sent)
    given = {name: value for name, value in change.model_dump(exclude_unset=True).items() if value is not None}
    before = (row.token, row.surname)
    if "pesel" in given and given["pesel"] != row.pesel:
        await _change_pesel(work, row, given["pesel"])
    for name, value in given.items():
        setattr(row, name, value)
    _touch(work, row, "amended")
    if row.token != before[0]:
        tell_moved(work, row, before[0])
        row.generation, row.members, row.enrolled_at = 0, [], work.now
        await leave(work, row)
        await work.session.merge(FormerTokenRow(token=before[0], client_id=row.id, alias=False))
        wrong = update(FormerTokenRow).where(FormerTokenRow.client_id == row.id)
        await work.session.execute(wrong.values(alias=False))  # by the wrong PESEL they may be somebody else's
    elif row.surname != before[1]:
        tell_surname(work, row)
        await lapse_suspicions(work, row)
    return row


async def withdraw(work: Work, client_id: str, version: int | None) -> ClientRow:
    """Withdraw a client: the office tells nothing more, and the broker parts the others from it.

    :raises PreconditionFailed: the client was changed meanwhile.
    """
    row = await lock_active(work.session, client_id)
    require_version(row.version, version)
    row.state, row.members = "withdrawn", []
    await leave(work, row)
    _touch(work, row, "withdrawn")
    work.tell("client.withdrawn.v1", row.token, Nothing())
    return row


async def take_back(work: Work, client_id: str, version: int | None) -> ClientRow:
    """Enrol a withdrawn client again.

    :raises Conflict: the client is active.
    """
    row = (await locked(work.session, [client_id])).get(client_id)
    if row is None:
        raise NotFound("This office has no client of that id.")
    require_version(row.version, version)
    if row.state != "withdrawn":
        raise Conflict("The client is active.")
    row.state = "active"
    _touch(work, row, "taken_back")
    enrol(work, row)
    return row


def is_joint(row: Shared, own_id: str) -> bool:
    """Tell whether a labour office and a welfare centre, this office among them, share the client."""
    members: Sequence[str] = row.members
    kinds = {kind_of(member) == "pup" for member in members}
    return row.state == "active" and own_id in members and kinds == {True, False}


def view_of(row: ClientRow, node: Node) -> dict[str, Any]:
    """Return the values of a client's view."""
    values = {name: getattr(row, name) for name in ("id", "pesel", "surname", "given_names", "basis", "case_number")}
    values |= {name: getattr(row, name) for name in ("state", "members", "generation", "version", "restricted_on")}
    joint = is_joint(row, node.id)
    return values | {
        "birth_date": Pesel(row.pesel).birth_date(synthetic=node.settings.synthetic_people),
        "joint": joint,
        "contest": contests.place_in_contest(row, node.id),
        "offices": offices.others(row.members if joint else (), node),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


async def _change_pesel(work: Work, row: ClientRow, pesel: str) -> None:
    index = work.node.pii_keys.index(pesel, PESEL_CONTEXT)
    other = await work.session.scalar(select(ClientRow.id).where(ClientRow.pesel_index == index))
    if other is not None:
        raise ClientExists(field="pesel", client_id=other)
    row.pesel_index, row.token = index, token_for(work.node, pesel)


def _touch(work: Work, row: ClientRow, change: str) -> None:
    row.version += 1
    row.updated_at = work.now
    work.changed("client", row.id, row.id, change)
