"""Lines of a file as the database sees them: their clients and records, looked up together, made or amended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shared.domain.errors import DomainError, Invalid
from shared.institution.imports.drafts import Draft, RecordDraft
from shared.institution.kinds import RecordKind
from shared.institution.operations import clients, employments, records
from shared.institution.operations.external import CLIENTS, EMPLOYMENTS
from shared.institution.operations.imports.manner import NAMED, Manner, Result
from shared.institution.operations.imports.parents import Key, named_by, naming
from shared.institution.operations.imports.whose import Clients, Held, LineContradicts
from shared.institution.operations.work import Work
from shared.institution.tables import EmploymentRow, ExternalIdRow
from shared.runtime.database.bulk import among, insert_many, table_of

_RANK = {"unchanged": 0, "amended": 1, "created": 2}


@dataclass(frozen=True, slots=True)
class Whose:
    """The client of a line, and what the line did to the client."""

    row: Held
    done: str


class Lines:
    """What some lines speak of, as the database has it, and what they add to it."""

    def __init__(self, work: Work, manner: Manner) -> None:
        self._work, self._manner = work, manner
        self._ids: dict[Key, str] = {}
        self._held: dict[str, Mapping[str, Any]] = {}
        self._named: list[dict[str, Any]] = []
        self._opened: dict[str, list[dict[str, Any]]] = {}
        self._clients = Clients(work, amend=manner.amend)
        self._kinds = {kind.path: kind for kind in work.node.institution.kinds}

    async def look_up(self, drafts: Sequence[Draft]) -> None:
        """Read names, the records under them, and the clients, which are locked."""
        wanted: dict[str, set[str]] = {}
        for draft in drafts:
            if draft.client.name is not None:
                wanted.setdefault(CLIENTS, set()).add(draft.client.name)
            for record in draft.records:
                wanted.setdefault(record.path, set()).add(record.name)
                for other, name in named_by(self._kinds, record).values():
                    wanted.setdefault(other, set()).add(name)
        for path, names in wanted.items():
            found = await self._known(path, names)
            self._ids.update({(path, name): record_id for name, record_id in found.items()})
            if path != CLIENTS and found:
                await self._load(path, found.values())
        named = {name: of_id for (path, name), of_id in self._ids.items() if path == CLIENTS}
        await self._clients.look_up(self._manner.system, [draft.client for draft in drafts], named)

    async def whose(self, draft: Draft) -> Whose:
        """Find, register or amend the client of a line.

        :raises DomainError: that cannot be.
        """
        key = (CLIENTS, draft.client.name or draft.client.pesel or "")
        row, done = await self._clients.of(draft.client, lambda: self._manner.before(key))
        if draft.client.name is not None and key not in self._ids:
            self._name(key, row.id)
            self._manner.used.add((NAMED, draft.client.name))
        if draft.client.new is not None:
            self._manner.used.add(key)
        return Whose(row, done)

    async def take(self, draft: Draft, whose: Whose | DomainError) -> Result:
        """Make or amend the records of a line.

        :raises DomainError: that cannot be.
        """
        if isinstance(whose, DomainError):
            raise whose
        what, outcome = {CLIENTS: whose.done}, whose.done
        for record in draft.records:
            done = what[f"{record.path} {record.name}"] = await self._record(whose.row, record)
            outcome = done if _RANK[done] > _RANK[outcome] else outcome
        for record in draft.records:
            self._manner.used.add((record.path, record.name))
        return Result(outcome, what)

    async def save(self) -> None:
        """Write what was made, and the external ids of it after it."""
        if self._manner.dry_run:
            return
        await self._work.session.flush()
        for path in list(self._opened):
            await self._insert(path)
        await insert_many(self._work.session, table_of(ExternalIdRow), self._named)

    async def _insert(self, path: str) -> None:
        """Write the rows of a kind that were made and are not written yet."""
        if rows := self._opened.pop(path, None):
            row = self._kinds[path].row
            names = [(name, attribute.columns[0].key) for name, attribute in row.__mapper__.column_attrs.items()]
            given = [(name, column) for name, column in names if name in rows[0]]
            made = [{column: one[name] for name, column in given} for one in rows]
            await insert_many(self._work.session, table_of(row), made)

    async def _record(self, client: Held, record: RecordDraft) -> str:
        key = (record.path, record.name)
        record_id = self._ids.get(key)
        if record_id is None:
            if self._manner.dry_run and self._manner.before(key) == "undone":
                return "unchanged"
            if self._clients.is_stand_in(client):
                return "created"
        whole = self._with_names(record)
        if whole is None:
            return "created" if record_id is None else "unchanged"
        if record_id is not None:
            return await self._bring(client, whole, record_id)
        self._name(key, await self._open(client, whole))
        return "created"

    def _with_names(self, record: RecordDraft) -> RecordDraft | None:
        """Return a record with the ids of those that it names, or ``None`` where a dry run undid one of them.

        :raises ParentUnknown: there is none.
        """
        keys = named_by(self._kinds, record)
        if any(key not in self._ids and self._is_undone(key) for key in keys.values()):
            return None
        return naming(record, {member: self._ids.get(key) for member, key in keys.items()})

    def _is_undone(self, key: Key) -> bool:
        names = [key, (NAMED, key[1])] if key[0] == CLIENTS else [key]
        return any(self._manner.before(one) == "undone" for one in names)

    async def _open(self, client: Held, record: RecordDraft) -> str:
        if record.path == EMPLOYMENTS:
            row = await _started(self._work, client.id, record.body)
            self._held[row.id] = {"client_id": client.id}
            return row.id
        kind = self._kinds[record.path]
        await self._write(record)
        if not self._work.node.institution.stands_alone(kind):
            whose = await clients.get(self._work.session, client.id)
            one = await records.open_record(self._work, kind, whose, record.body)
            self._held[one.id] = _values(kind, one)
            return one.id
        rows = self._opened.setdefault(record.path, [])
        record_id = records.open_many(self._work, kind, client, record.body, rows)
        self._held[record_id] = rows[-1]
        return record_id

    async def _write(self, record: RecordDraft) -> None:
        """Write what a record names, which may be of this very transaction."""
        for path, _ in named_by(self._kinds, record).values():
            if path == CLIENTS:
                await self._work.session.flush()
            else:
                await self._insert(path)

    async def _bring(self, client: Held, record: RecordDraft, record_id: str) -> str:
        held = self._held.get(record_id)
        if held is None:
            raise Invalid("The record of this external id is there no more.")
        if held["client_id"] != client.id:
            raise Invalid("The record of this external id is of another client.")
        if record.path == EMPLOYMENTS:
            return await self._bring_job(record, record_id)
        kind = self._kinds[record.path]
        columns = kind.columns(self._work.node.pii_keys, record.body, self._work.node.id)
        if all([held[name] == value for name, value in columns.items()]):
            return "unchanged"
        before = self._manner.before((record.path, record.name))
        if before == "undone":
            return "unchanged"
        if before == "done":
            raise LineContradicts()
        await self._write(record)
        await records.replace(self._work, kind, record_id, record.body)
        return "amended"

    async def _bring_job(self, record: RecordDraft, record_id: str) -> str:
        before = self._manner.before((record.path, record.name))
        version = (await employments.get(self._work.session, record_id)).version
        row = await employments.bring_to(self._work, record_id, record.body)  # type: ignore[arg-type]
        if row.version == version or before == "undone":
            return "unchanged"
        if before == "done":
            raise LineContradicts()
        return "amended"

    def _name(self, key: Key, record_id: str) -> None:
        self._ids[key] = record_id
        self._named.append(
            {"system": self._manner.system, "kind": key[0], "external_id": key[1], "record_id": record_id}
        )

    async def _known(self, path: str, names: Collection[str]) -> dict[str, str]:
        table = table_of(ExternalIdRow)
        query = select(table.c.external_id, table.c.record_id).where(
            table.c.system == self._manner.system,
            table.c.kind == path,
            among(table.c.external_id, names, sqlite=self._work.node.db.is_sqlite),
        )
        return {row.external_id: row.record_id for row in await self._work.session.execute(query)}

    async def _load(self, path: str, ids: Collection[str]) -> None:
        row = EmploymentRow if path == EMPLOYMENTS else self._kinds[path].row
        names = [column.key for column in row.__mapper__.column_attrs]
        query = select(*(getattr(row, name) for name in names))
        query = query.where(among(row.id, ids, sqlite=self._work.node.db.is_sqlite))
        for found in await self._work.session.execute(query):
            self._held[found.id] = dict(zip(names, found, strict=True))


async def _started(work: Work, client_id: str, state: Any) -> EmploymentRow:
    row = await employments.start(work, await clients.get(work.session, client_id), state)
    if state.last_day is not None:
        await work.session.flush()
        row = await employments.bring_to(work, row.id, state)
    return row


def _values(kind: RecordKind, row: Any) -> Mapping[str, Any]:
    return {column.key: getattr(row, column.key) for column in kind.row.__mapper__.column_attrs}
