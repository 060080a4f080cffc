"""Applying drafts: the same operations as the API's, for some hundred lines in one transaction.

What these lines need is read before in a few statements. A line is taken whole or not at all: one that is refused after
it wrote something makes the transaction start anew, and then each line has a savepoint of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from shared.domain.errors import DomainError, Invalid
from shared.institution.imports.drafts import Draft, RecordDraft
from shared.institution.imports.repeats import Repeats
from shared.institution.operations import employments, records
from shared.institution.operations.external import CLIENTS, EMPLOYMENTS, kind_of
from shared.institution.operations.imports.whose import Before, Clients, LineContradicts
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow, EmploymentRow, ExternalIdRow, RecordRow
from shared.runtime.database.bulk import insert_many, table_of

Key = tuple[str, str]


class StartAnew(Exception):
    """A line was refused after it had written something: all is undone, and goes line by line."""


class ImportWork(Work):
    """A unit of work that can forget what a refused line wanted to tell."""

    def mark(self) -> tuple[int, int]:
        """Return how much is to be told so far."""
        return len(self._drafts), len(self._changes)

    def forget_since(self, mark: tuple[int, int]) -> None:
        """Forget what was to be told since a mark."""
        del self._drafts[mark[0] :], self._changes[mark[1] :]


@dataclass(frozen=True, slots=True)
class Result:
    """What a line did: created, amended, unchanged or refused; ``what`` says it of each part."""

    outcome: str
    what: Mapping[str, str] = field(default_factory=dict)
    failure: DomainError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How an import is done; ``seen`` are the names of committed lines, ``used`` those of this transaction."""

    system: str
    amend: bool
    dry_run: bool
    seen: Repeats
    used: set[Key] = field(default_factory=set)

    def before(self, key: Key) -> Before:
        """Return whether an earlier line of the file spoke of this, and whether what it did is there to see."""
        if key in self.used:
            return "done"
        if key not in self.seen:
            return "never"
        return "undone" if self.dry_run else "done"


async def apply(work: ImportWork, manner: Manner, drafts: Sequence[Draft]) -> Sequence[Result]:
    """Apply drafts.

    :raises StartAnew: see above.
    """
    lines = _Lines(work, manner)
    await lines.look_up(drafts)
    found: list[_Whose | DomainError] = []
    for draft in drafts:
        mark = work.mark()
        try:
            found.append(await lines.whose(draft))
        except DomainError as failure:
            if work.mark() != mark:
                raise StartAnew() from None
            found.append(failure)
    await work.session.flush()  # records go after their clients
    results = []
    for draft, whose in zip(drafts, found, strict=True):
        mark = work.mark()
        try:
            results.append(await lines.take(draft, whose))
        except DomainError as failure:
            if work.mark() != mark or (isinstance(whose, _Whose) and whose.done != "unchanged"):
                raise StartAnew() from None
            results.append(Result("refused", failure=failure))
    await lines.save_names()
    return results


async def apply_one_by_one(work: ImportWork, manner: Manner, drafts: Sequence[Draft]) -> Sequence[Result]:
    """Apply drafts, each within a savepoint."""
    results = []
    for draft in drafts:
        mark, lines = work.mark(), _Lines(work, manner)
        try:
            async with work.session.begin_nested():
                await lines.look_up([draft])
                whose = await lines.whose(draft)
                await work.session.flush()
                results.append(await lines.take(draft, whose))
                await lines.save_names()
        except DomainError as failure:
            work.forget_since(mark)
            results.append(Result("refused", failure=failure))
    return results


@dataclass(frozen=True, slots=True)
class _Whose:
    """The client of a line, and what the line did to the client."""

    row: ClientRow
    done: str


class _Lines:
    """What some lines speak of, as the database has it."""

    def __init__(self, work: ImportWork, manner: Manner) -> None:
        self._work, self._manner = work, manner
        self._ids: dict[Key, str] = {}
        self._rows: dict[str, RecordRow] = {}
        self._named: list[dict[str, Any]] = []
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
        for path, names in wanted.items():
            found = await self._known(path, names)
            self._ids.update({(path, name): record_id for name, record_id in found.items()})
            if path != CLIENTS and found:
                await self._load(path, found.values())
        named = {name: of_id for (path, name), of_id in self._ids.items() if path == CLIENTS}
        await self._clients.look_up(self._manner.system, [draft.client for draft in drafts], named)

    async def whose(self, draft: Draft) -> "_Whose":
        """Find, register or amend the client of a line.

        :raises DomainError: that cannot be.
        """
        key = (CLIENTS, draft.client.name or draft.client.pesel or "")
        row, done = await self._clients.of(draft.client, self._manner.before(key))
        if draft.client.name is not None and key not in self._ids:
            self._name(key, row.id)
        self._manner.used.add(key)
        return _Whose(row, done)

    async def take(self, draft: Draft, whose: "_Whose | DomainError") -> Result:
        """Make or amend the records of a line.

        :raises DomainError: that cannot be.
        """
        if isinstance(whose, DomainError):
            raise whose
        what = {CLIENTS: whose.done}
        for record in draft.records:
            what[f"{record.path} {record.name}"] = await self._record(whose.row, record)
        self._manner.used.update((record.path, record.name) for record in draft.records)
        outcomes = set(what.values())
        outcome = next((one for one in ("created", "amended") if one in outcomes), "unchanged")
        return Result(outcome, what)

    async def save_names(self) -> None:
        """Write the external ids of what was made; their rows go before them."""
        if not self._manner.dry_run:
            await self._work.session.flush()
            await insert_many(self._work.session, table_of(ExternalIdRow), self._named)

    async def _record(self, client: ClientRow, record: RecordDraft) -> str:
        key = (record.path, record.name)
        record_id, before = self._ids.get(key), self._manner.before(key)
        if record_id is not None:
            return await self._bring(client, record, record_id, before)
        if before == "undone":
            return "unchanged"
        row = None if self._clients.is_stand_in(client) else await self._open(client, record)
        if row is not None:
            self._rows[row.id] = row
            self._name(key, row.id)
        return "created"

    async def _open(self, client: ClientRow, record: RecordDraft) -> RecordRow:
        if record.path == EMPLOYMENTS:
            return await _started(self._work, client, record.body)
        return await records.open_record(self._work, self._kinds[record.path], client, record.body)

    async def _bring(self, client: ClientRow, record: RecordDraft, record_id: str, before: Before) -> str:
        row = self._rows.get(record_id)
        if row is None:
            raise Invalid("The record of this external id is there no more.")
        if row.client_id != client.id:
            raise Invalid("The record of this external id is of another client.")
        if record.path == EMPLOYMENTS:
            version = row.version
            await employments.bring_to(self._work, record_id, record.body)  # type: ignore[arg-type]
            changed = row.version != version
        else:
            kind = self._kinds[record.path]
            columns = kind.columns(self._work.node.pii_keys, record.body, self._work.node.id)
            changed = any(getattr(row, name) != value for name, value in columns.items())
        if not changed or before == "undone":
            return "unchanged"
        if before == "done":
            raise LineContradicts()
        if record.path != EMPLOYMENTS:
            await records.replace(self._work, kind, record_id, record.body)
        return "amended"

    def _name(self, key: Key, record_id: str) -> None:
        self._ids[key] = record_id
        self._named.append(
            {"system": self._manner.system, "kind": key[0], "external_id": key[1], "record_id": record_id}
        )

    async def _known(self, path: str, names: Iterable[str]) -> dict[str, str]:
        table = table_of(ExternalIdRow)
        query = select(table.c.external_id, table.c.record_id).where(
            table.c.system == self._manner.system, table.c.kind == path, table.c.external_id.in_(sorted(names))
        )
        return {row.external_id: row.record_id for row in await self._work.session.execute(query)}

    async def _load(self, path: str, ids: Iterable[str]) -> None:
        row = EmploymentRow if path == EMPLOYMENTS else kind_of(self._work.node.institution.kinds, path).row
        found = await self._work.session.scalars(select(row).where(row.id.in_(sorted(ids))))
        self._rows.update({one.id: one for one in found})


async def _started(work: Work, client: ClientRow, state: Any) -> EmploymentRow:
    row = await employments.start(work, client, state)
    if state.last_day is not None:
        await work.session.flush()
        row = await employments.bring_to(work, row.id, state)
    return row
