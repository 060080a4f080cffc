"""Whose line it is: the client by the external id, else by PESEL; registered or amended where the line says so."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select

from shared.domain.errors import Conflict, NotFound
from shared.institution.imports.drafts import ClientDraft
from shared.institution.models.clients import ChangedClient, NewClient
from shared.institution.operations import clients
from shared.institution.operations.external import CLIENTS
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, ExternalIdRow
from shared.runtime.database.bulk import among, table_of

Before = Literal["never", "done", "undone"]
"""What an earlier line of the file did with the same name: nothing, what can be seen, or what a dry run undid."""


_CLIENTS = table_of(ClientRow)
_BRIEF = (
    _CLIENTS.c.id,
    _CLIENTS.c.token,
    _CLIENTS.c.state,
    _CLIENTS.c.members,
    _CLIENTS.c.restricted_on,
    _CLIENTS.c.contested_since,
    _CLIENTS.c.pesel_index,
)
_WHOLE = (*_BRIEF, *(_CLIENTS.c[name] for name in NewClient.model_fields))


@dataclass(slots=True)
class Held:
    """A client as the office has it; ``values`` are what a line may amend, read only where one may."""

    id: str
    token: str
    state: str
    members: Any
    restricted_on: date | None
    contested_since: datetime | None
    pesel_index: bytes
    values: dict[str, Any] = field(default_factory=dict)


class ClientUnknown(NotFound):
    """The office has no client of that external id or PESEL; import the clients first."""


class AnotherPesel(Conflict):
    """The client of this external id has another PESEL; correct it by hand, or by a map that amends clients."""


class AnotherName(Conflict):
    """The client with this PESEL stands under another external id of the same system."""


class LineContradicts(Conflict):
    """The line says something else of the same external id or client than an earlier line of the file."""

    problem = "line-contradicts"


class Clients:
    """The clients of whom some lines speak, locked."""

    def __init__(self, work: Work, *, amend: bool) -> None:
        self._work, self._amend = work, amend
        self._by_name: dict[str, Held] = {}
        self._by_pesel: dict[str, Held] = {}
        self._known: dict[bytes, str] = {}
        self._under_a_name: set[str] = set()
        self._stand_ins: dict[str, Held] = {}

    async def look_up(self, system: str, drafts: Sequence[ClientDraft], ids: Mapping[str, str]) -> None:
        """Find and lock the clients of some lines; ``ids`` are those known under an external id."""
        indexes = {self._index(one.pesel): one.pesel for one in drafts if one.pesel is not None}
        found = await self._locked(set(ids.values()), indexes, whole=self._amend and any(one.new for one in drafts))
        self._by_name = {name: found[of_id] for name, of_id in ids.items() if of_id in found}
        self._by_pesel = {indexes[one.pesel_index]: one for one in found.values() if one.pesel_index in indexes}
        self._known = {one.pesel_index: one.id for one in found.values()}
        if found and any(one.name is not None and one.name not in self._by_name for one in drafts):
            self._under_a_name = await self._named(system, found)

    async def of(self, draft: ClientDraft, before: Callable[[], Before]) -> tuple[Held, str]:
        """Return the client of a line, and whether it was created, amended or is unchanged.

        :raises ClientUnknown: there is none, and the line does not register one.
        :raises AnotherPesel: external id and PESEL are of two people, and clients are not amended.
        :raises AnotherName: the client has another external id of this system.
        :raises LineContradicts: an earlier line said something else of the client.
        :raises DomainError: the client is withdrawn, or may not be changed so.
        """
        row = self._by_name.get(draft.name) if draft.name is not None else None
        if row is not None:
            return row, await self._brought(clients.require_active(row), draft, before)
        row = self._by_pesel.get(draft.pesel) if draft.pesel is not None else None
        if row is not None:
            done = "unchanged"
            if draft.name is not None:
                if row.id in self._under_a_name:
                    raise AnotherName()
                done = "amended"
            brought = await self._brought(clients.require_active(row), draft, before)
            self._keep(draft, row)
            return row, "unchanged" if before() == "undone" else max(done, brought, key=("unchanged", "amended").index)
        if draft.new is None:
            return self._stand_in(draft, before), "unchanged"
        made = await clients.register(self._work, draft.new, self._known)
        row = Held(made.id, made.token, made.state, made.members, None, None, made.pesel_index, draft.new.columns())
        self._keep(draft, row)
        return row, "unchanged" if before() == "undone" else "created"

    def is_stand_in(self, row: Held) -> bool:
        """Tell whether the row stands for a client whom a dry run did not make."""
        return bool(self._stand_ins) and any(row is one for one in self._stand_ins.values())

    def _keep(self, draft: ClientDraft, row: Held) -> None:
        if draft.pesel is not None:
            self._by_pesel[draft.pesel] = row
        if draft.name is not None:
            self._by_name[draft.name] = row
            self._under_a_name.add(row.id)

    async def _brought(self, row: Held, draft: ClientDraft, before: Callable[[], Before]) -> str:
        if draft.new is None or not self._amend:
            if draft.pesel is not None and self._index(draft.pesel) != row.pesel_index:
                raise AnotherPesel(field="pesel")
            return "unchanged"
        given = {name: value for name, value in draft.new.columns().items() if row.values[name] != value}
        if not given or (earlier := before()) == "undone":
            return "unchanged"
        if earlier == "done":
            raise LineContradicts()
        amended = await clients.amend(self._work, row.id, ChangedClient(**given), None)
        row.values |= given
        row.token, row.members, row.pesel_index = amended.token, amended.members, amended.pesel_index
        return "amended"

    def _stand_in(self, draft: ClientDraft, before: Callable[[], Before]) -> Held:
        """Return a row for a client whom an earlier line would have made, were this no dry run."""
        if before() != "undone":
            raise ClientUnknown()
        key = draft.name or draft.pesel or ""
        if key not in self._stand_ins:
            self._stand_ins[key] = Held(self._work.node.ids.uuid7(), "", "active", [], None, None, b"")
        return self._stand_ins[key]

    def _index(self, pesel: str) -> bytes:
        return self._work.node.pii_keys.index(pesel, clients.PESEL_CONTEXT)

    async def _locked(self, ids: Iterable[str], indexes: Collection[bytes], *, whole: bool) -> dict[str, Held]:
        """Return clients, locked in the order of their ids; what is not asked for need not be decrypted."""
        wanted = set(ids)
        if indexes:  # apart from the lock: one condition on two columns would read the whole table
            by_pesel = select(_CLIENTS.c.id).where(_CLIENTS.c.pesel_index.in_(indexes))
            wanted.update(await self._work.session.scalars(by_pesel))
        if not wanted:
            return {}
        query = select(*(_WHOLE if whole else _BRIEF)).where(
            among(_CLIENTS.c.id, wanted, sqlite=self._work.node.db.is_sqlite)
        )
        query = query.order_by(_CLIENTS.c.id).with_for_update()
        rows = await self._work.session.execute(query)
        if whole:
            names, brief = tuple(NewClient.model_fields), len(_BRIEF)
            return {row[0]: _held(row[:brief], dict(zip(names, row[brief:], strict=True))) for row in rows}
        return {row[0]: _held(row, {}) for row in rows}

    async def _named(self, system: str, ids: Iterable[str]) -> set[str]:
        table = table_of(ExternalIdRow)
        query = select(table.c.record_id).where(
            table.c.record_id.in_(sorted(ids)), table.c.system == system, table.c.kind == CLIENTS
        )
        return set(await self._work.session.scalars(query))


def _held(row: Any, values: dict[str, Any]) -> Held:
    of_id, token, state, members, restricted_on, contested_since, index = row
    return Held(of_id, token, state, members, restricted_on, contested_since, index, values)
