"""Running imports: chunk by chunk, each with its progress in one transaction; who is cut short goes on exactly there.

A dry run does the very same and undoes it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import structlog

from shared.domain.errors import DomainError
from shared.exchange.lease import MayGoOn
from shared.institution.imports.column_map import ColumnMap
from shared.institution.imports.converters import Cell, written
from shared.institution.imports.drafts import Draft, Drafter, Naming
from shared.institution.imports.readers import LineRefused
from shared.institution.imports.repeats import Repeats
from shared.institution.imports.tables import MAX_LINES, Row, Table
from shared.institution.node import Node
from shared.institution.operations.external import CLIENTS, require_name
from shared.institution.operations.imports import jobs, reporting
from shared.institution.operations.imports.applying import ImportWork, StartAnew, apply, apply_one_by_one
from shared.institution.operations.imports.manner import NAMED, Manner, Result
from shared.institution.operations.imports.receiving import kept_of, open_table, stored_file
from shared.institution.operations.match_keys import require_in_use
from shared.institution.tables import ImportRow
from shared.runtime.problems.handlers import Named
from shared.runtime.problems.render import problem

CHUNK_LINES = 500
MAX_FAILURES = 5
"""So many failures at one place, none of them the file's, and an import is given up."""

HASH_CONTEXT = "import.line"

_STEP_LINES = 10
"""So many lines are drafted before another task has its turn."""


class Stopped(Exception):
    """The import was deleted, or another process works on it."""


class _Undone(Exception):
    """A dry run is undone."""


async def work_once(node: Node, may_go_on: MayGoOn) -> bool:
    """Work on the oldest unfinished import to its end; return whether there was one.

    ``may_go_on`` is asked before each chunk: whether this process still has the lease.
    """
    async with node.db.read() as session:
        job = await jobs.next_one(session)
    if job is None:
        return False
    log = structlog.get_logger().bind(import_id=job.id, dry_run=job.dry_run)
    try:
        async with stored_file(node, job.id) as file:
            column_map = ColumnMap.model_validate_json(job.map_text)
            table = open_table(file, job.format, column_map)
            await _Run(node, job, column_map, table).to_the_end(may_go_on)
    except Stopped:
        return True
    except DomainError as failure:
        await _finish(node, job, "failed", problem(failure))
        log.warning("import failed", problem=failure.problem)
    except Exception:
        await _count_failure(node, job)
        raise
    else:
        await _finish(node, job, "done", None)
        log.info("import done", created=job.created, amended=job.amended, refused=job.refused)
    return True


class _Chunk(NamedTuple):
    """Some hundred lines, their drafts, and why the others have none."""

    rows: Sequence[Row]
    drafts: Sequence[Draft]
    refusals: Mapping[int, LineRefused]


class _Run:
    """One import on its way."""

    def __init__(self, node: Node, job: ImportRow, column_map: ColumnMap, table: Table) -> None:
        self.node, self.job, self.table = node, job, table
        key = node.pii_keys.index(column_map.system, HASH_CONTEXT)
        naming = Naming(require_name, lambda said: blake2b(said.encode(), key=key, digest_size=20).hexdigest())
        self.drafter = Drafter(column_map, table.header, kept_of(node), naming)
        names = (job.lines or MAX_LINES) * (2 + len(column_map.records))
        self.seen = Repeats(names)
        self.system, self.amend = column_map.system, column_map.client.when_known == "amend"

    async def to_the_end(self, may_go_on: MayGoOn) -> None:
        """Go through all lines that are not done.

        :raises Stopped: the import was deleted, or the lease was lost.
        """
        require_in_use(self.node)
        refused = await reporting.refused_lines(self.node, self.job.id) if self.job.done_line > 1 else frozenset()
        chunks = self._chunks(refused)
        chunk = await self._drafted(chunks)
        while chunk is not None:
            # The next lines are drafted while the database is busy with these.
            following = asyncio.ensure_future(self._drafted(chunks))
            try:
                await self._chunk(chunk, may_go_on)
            except BaseException:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
                raise
            chunk = await following

    def _chunks(self, refused: frozenset[int]) -> Iterator[Sequence[Row]]:
        """Yield the lines that are not done, some hundred at a time; remember those that are."""
        rows: list[Row] = []
        for row in self.table.rows:
            if row[0] <= self.job.done_line:
                self._recall(row, refused)
                continue
            rows.append(row)
            if len(rows) == CHUNK_LINES:
                yield rows
                rows = []
        if rows:
            yield rows

    async def _drafted(self, chunks: Iterator[Sequence[Row]]) -> _Chunk | None:
        """Return the drafts of the next lines, in steps between which others may go on."""
        rows = next(chunks, None)
        if rows is None:
            return None
        drafts, refusals = [], {}
        for number, (line, cells) in enumerate(rows, start=1):
            try:
                drafts.append(self.drafter.draft(line, cells))
            except LineRefused as refusal:
                refusals[line] = refusal
            if number % _STEP_LINES == 0:
                await asyncio.sleep(0)
        return _Chunk(rows, drafts, refusals)

    async def _chunk(self, chunk: _Chunk, may_go_on: MayGoOn) -> None:
        if not await may_go_on():
            raise Stopped()
        manner = Manner(system=self.system, amend=self.amend, dry_run=self.job.dry_run, seen=self.seen)
        try:
            await self._transaction(chunk, manner, apply)
        except StartAnew:
            manner.used.clear()
            await self._transaction(chunk, manner, apply_one_by_one)
        for key in manner.used:
            self.seen.add(key)

    async def _transaction(
        self,
        chunk: _Chunk,
        manner: Manner,
        applied: Callable[[ImportWork, Manner, Sequence[Draft]], Awaitable[Sequence[Result]]],
    ) -> None:
        outcomes: list[dict[str, Any]] = []
        last = chunk.rows[-1][0]
        try:
            async with self.node.db.write() as session:
                work = ImportWork(self.node, session, self.node.ids.uuid7(), self.node.now)
                results = await applied(work, manner, chunk.drafts)
                by_line = {draft.line: result for draft, result in zip(chunk.drafts, results, strict=True)}
                outcomes = [
                    _outcome(line, cells, by_line.get(line), chunk.refusals.get(line)) for line, cells in chunk.rows
                ]
                if self.job.dry_run:
                    raise _Undone()
                await work.finish()
                await self._note(session, last, outcomes)
        except _Undone:
            async with self.node.db.write() as session:
                await self._note(session, last, outcomes)

    async def _note(self, session: Any, line: int, outcomes: Sequence[dict[str, Any]]) -> None:
        job = self.job
        values: dict[str, Any] = {
            name: getattr(job, name) + sum(one["outcome"] == name for one in outcomes)
            for name in ("created", "amended", "unchanged", "refused")
        }
        values |= {"done_line": line, "state": "running", "failures": 0, "updated_at": self.node.now}
        if not await jobs.move(session, job.id, job.done_line, values):
            raise Stopped()
        await reporting.save_page(session, job.id, line, json.dumps(outcomes, ensure_ascii=False))
        for name, value in values.items():
            setattr(job, name, value)

    def _recall(self, row: Row, refused: frozenset[int]) -> None:
        """Remember the names of a line that was done before this process began."""
        if row[0] in refused:
            return
        draft = self.drafter.draft(*row)
        if draft.client.name is not None:
            self.seen.add((NAMED, draft.client.name))
        if draft.client.new is not None:
            self.seen.add((CLIENTS, draft.client.name or draft.client.pesel or ""))
        for record in draft.records:
            self.seen.add((record.path, record.name))


def _outcome(line: int, cells: Sequence[Cell], result: Result | None, refusal: LineRefused | None) -> dict[str, Any]:
    if result is not None and result.failure is None:
        return {"line": line, "outcome": result.outcome, "what": dict(result.what)}
    failure = refusal.failure if refusal else result.failure if result else None
    told = problem(failure or Named("internal", "The line was lost."))
    names = ("detail", "field", "expected")
    return {
        "line": line,
        "outcome": "refused",
        "problem": told["type"].rpartition(":")[2],
        "column": refusal.column if refusal else None,
        **{name: told[name] for name in names if name in told},
        "cells": [written(cell) for cell in cells],
    }


async def _finish(node: Node, job: ImportRow, state: str, told: Mapping[str, Any] | None) -> None:
    values: dict[str, Any] = {"state": state, "problem": told, "finished_at": node.now, "updated_at": node.now}
    if state == "done":
        values["lines"] = job.done_line
    async with node.db.write() as session:
        await jobs.finish(session, job.id, values)


async def _count_failure(node: Node, job: ImportRow) -> None:
    """Note a failure that is not the file's; after some at one place the import is given up."""
    if job.failures + 1 >= MAX_FAILURES:
        detail = "The import failed here again and again; lines before are done. The operator finds why in the log."
        await _finish(node, job, "failed", problem(Named("internal", detail)))
        return
    async with node.db.write() as session:
        await jobs.move(session, job.id, job.done_line, {"failures": job.failures + 1, "updated_at": node.now})
