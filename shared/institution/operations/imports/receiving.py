"""Taking a file in: bounded, looked over before anything is promised, then stored in encrypted parts."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Literal

from sqlalchemy import select, update

from shared.institution.imports.column_map import ColumnMap, load_map
from shared.institution.imports.csv_file import checked_lines, open_csv
from shared.institution.imports.drafts import Kept, require_fits, wanted_columns
from shared.institution.imports.tables import FileTooLarge, Table, require_columns
from shared.institution.imports.xlsx_file import open_xlsx
from shared.institution.models.employments import EmploymentState
from shared.institution.node import IMPORT, Node
from shared.institution.operations.external import EMPLOYMENTS
from shared.institution.operations.imports import jobs
from shared.institution.tables import ImportPartRow, ImportRow
from shared.runtime.database.bulk import insert_many, table_of

MAX_FILE_BYTES = 128 * 1024 * 1024
PART_BYTES = 512 * 1024
_LINES_AT_ONCE = 2000
Format = Literal["csv", "xlsx"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for with a file."""

    map_name: str
    dry_run: bool
    format: Format
    by: str


def kept_of(node: Node) -> Mapping[str, Kept]:
    """Return the kinds of records that can be imported, by their part of the URL."""
    kinds = {kind.path: Kept(kind.create, kind.parent_id, kind.references.keys()) for kind in node.institution.kinds}
    return MappingProxyType({EMPLOYMENTS: Kept(EmploymentState), **kinds})


def open_table(file: BinaryIO, form: str, column_map: ColumnMap) -> Table:
    """Open the table in a file.

    :raises Invalid: there is none that can be read.
    """
    return open_csv(file, column_map.csv) if form == "csv" else open_xlsx(file, column_map.xlsx)


async def receive(node: Node, asked: Asked, content: AsyncIterator[bytes]) -> tuple[ImportRow, bool]:
    """Take a file in; return its import, and whether it is new: the same file is not begun twice at once.

    :raises MapUnknown: there is no such column map.
    :raises MapBroken: the map does not hold.
    :raises ImportsWaiting: enough imports wait already.
    :raises Invalid: the file is too large, in another encoding, lacks columns, or cannot be read.
    """
    column_map = load_map(node.settings.import_maps, asked.map_name)
    require_fits(column_map, kept_of(node))
    async with node.db.read() as session:
        await jobs.require_room(session)
    with tempfile.TemporaryFile() as file:  # nameless and for this process alone: it goes with it
        digest, size = await _spool(content, file)
        table, lines = await _looked_over(file, asked.format, column_map)
        async with node.db.write() as session:
            running = await jobs.same(session, digest, asked.map_name, dry_run=asked.dry_run)
            if running is not None:
                return running, False
            await jobs.require_room(session)
            row = _row(node, asked, column_map, digest, size)
            row.header, row.lines = list(table.header), lines
            session.add(row)
        await _store(node, row.id, file)
        row.state = "waiting"
    return row, True


@asynccontextmanager
async def stored_file(node: Node, import_id: str) -> AsyncIterator[BinaryIO]:
    """Open the file of an import: a nameless one, for as long as it is read."""
    with tempfile.TemporaryFile() as file:
        part = 0
        while True:
            query = select(ImportPartRow.content).where(
                ImportPartRow.import_id == import_id, ImportPartRow.part == part
            )
            async with node.db.read() as session:
                content = await session.scalar(query)
            if content is None:
                break
            file.write(content)
            part += 1
        yield file


async def _spool(content: AsyncIterator[bytes], file: BinaryIO) -> tuple[bytes, int]:
    digest, size = hashlib.sha256(), 0
    async for piece in content:
        size += len(piece)
        if size > MAX_FILE_BYTES:
            raise FileTooLarge("The file is larger than 128 MiB.", expected=MAX_FILE_BYTES)
        digest.update(piece)
        file.write(piece)
    return digest.digest(), size


async def _looked_over(file: BinaryIO, form: Format, column_map: ColumnMap) -> tuple[Table, int]:
    """Return the table and the number of its last line; CSV is read once whole, so that no half of it is imported."""
    table = open_table(file, form, column_map)
    require_columns(table.header, wanted_columns(column_map))
    if form == "xlsx":
        return table, table.lines or 0
    last = 1
    for number, line in enumerate(checked_lines(file, column_map.csv)):
        last = line
        if number % _LINES_AT_ONCE == 0:
            await asyncio.sleep(0)
    return table, last


def _row(node: Node, asked: Asked, column_map: ColumnMap, digest: bytes, size: int) -> ImportRow:
    return ImportRow(
        id=node.ids.uuid7(),
        map_name=asked.map_name,
        map_text=column_map.model_dump_json(by_alias=True, exclude_none=True),
        dry_run=asked.dry_run,
        format=asked.format,
        digest=digest,
        size=size,
        state="receiving",
        done_line=1,
        created=0,
        amended=0,
        unchanged=0,
        refused=0,
        failures=0,
        problem=None,
        asked_by=asked.by,
        created_at=node.now,
        updated_at=node.now,
        finished_at=None,
    )


async def _store(node: Node, import_id: str, file: BinaryIO) -> None:
    file.seek(0)
    part = 0
    while content := file.read(PART_BYTES):
        async with node.db.write() as session:
            row = {"import_id": import_id, "part": part, "content": content}
            await insert_many(session, table_of(ImportPartRow), [row])
        part += 1
    async with node.db.write() as session:
        values = {"state": "waiting", "updated_at": node.now}
        await session.execute(update(ImportRow).where(ImportRow.id == import_id).values(**values))
    node.bells.ring(IMPORT)
