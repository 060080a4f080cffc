"""Whose line it is: the client by the external id, else by PESEL; registered or amended where the line says so."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from sqlalchemy import or_, select

from shared.domain.errors import Conflict, NotFound
from shared.institution.imports.drafts import ClientDraft
from shared.institution.models.clients import ChangedClient
from shared.institution.operations import clients
from shared.institution.operations.external import CLIENTS
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, ExternalIdRow
from shared.runtime.database.bulk import table_of

Before = Literal["never", "done", "undone"]
"""What an earlier line of the file did with the same name: nothing, what can be seen, or what a dry run undid."""


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
        self._by_name: dict[str, ClientRow] = {}
        self._by_pesel: dict[str, ClientRow] = {}
        self._known: dict[bytes, str] = {}
        self._under_a_name: set[str] = set()
        self._stand_ins: dict[str, ClientRow] = {}

    async def look_up(self, system: str, drafts: Sequence[ClientDraft], ids: Mapping[str, str]) -> None:
        """Find and lock the clients of some lines; ``ids`` are those known under an external id."""
        keys, row = self._work.node.pii_keys, ClientRow
        indexes = {keys.index(one.pesel, clients.PESEL_CONTEXT): one.pesel for one in drafts if one.pesel is not None}
        either = or_(row.id.in_(sorted(set(ids.values()))), row.pesel_index.in_(sorted(indexes)))
        locked = select(row).where(either).order_by(row.id).with_for_update()
        found = {one.id: one for one in await self._work.session.scalars(locked)}
        self._by_name = {name: found[of_id] for name, of_id in ids.items() if of_id in found}
        self._by_pesel = {indexes[one.pesel_index]: one for one in found.values() if one.pesel_index in indexes}
        self._known = {one.pesel_index: one.id for one in found.values()}
        if found and any(one.name is not None and one.name not in self._by_name for one in drafts):
            self._under_a_name = await self._named(system, found)

    async def of(self, draft: ClientDraft, before: Before) -> tuple[ClientRow, str]:
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
            return row, "unchanged" if before == "undone" else max(done, brought, key=("unchanged", "amended").index)
        if draft.new is None:
            return self._stand_in(draft, before), "unchanged"
        row = await clients.register(self._work, draft.new, self._known)
        self._keep(draft, row)
        return row, "unchanged" if before == "undone" else "created"

    def is_stand_in(self, row: ClientRow) -> bool:
        """Tell whether the row stands for a client whom a dry run did not make."""
        return bool(self._stand_ins) and any(row is one for one in self._stand_ins.values())

    def _keep(self, draft: ClientDraft, row: ClientRow) -> None:
        if draft.pesel is not None:
            self._by_pesel[draft.pesel] = row
        if draft.name is not None:
            self._by_name[draft.name] = row
            self._under_a_name.add(row.id)

    async def _brought(self, row: ClientRow, draft: ClientDraft, before: Before) -> str:
        if draft.new is None or not self._amend:
            if draft.pesel is not None and draft.pesel != row.pesel:
                raise AnotherPesel(field="pesel")
            return "unchanged"
        given = {name: value for name, value in draft.new.columns().items() if getattr(row, name) != value}
        if not given or before == "undone":
            return "unchanged"
        if before == "done":
            raise LineContradicts()
        await clients.amend(self._work, row.id, ChangedClient(**given), None)
        return "amended"

    def _stand_in(self, draft: ClientDraft, before: Before) -> ClientRow:
        """Return a row for a client whom an earlier line would have made, were this no dry run."""
        if before != "undone":
            raise ClientUnknown()
        key = draft.name or draft.pesel or ""
        if key not in self._stand_ins:
            self._stand_ins[key] = ClientRow(id=self._work.node.ids.uuid7(), state="active", members=[])
        return self._stand_ins[key]

    async def _named(self, system: str, ids: Iterable[str]) -> set[str]:
        table = table_of(ExternalIdRow)
        query = select(table.c.record_id).where(
            table.c.record_id.in_(sorted(ids)), table.c.system == system, table.c.kind == CLIENTS
        )
        return set(await self._work.session.scalars(query))
