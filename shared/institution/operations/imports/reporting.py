"""What became of each line: kept in pages, told as JSON, and the refused ones as a CSV file to mend and feed again."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.institution.imports.column_map import ColumnMap
from shared.institution.imports.converters import neutral
from shared.institution.node import Node
from shared.institution.tables import ImportPageRow, ImportRow
from shared.runtime.database.bulk import insert_many, table_of

LINE, REASON = "ZWORNIK_LINE", "ZWORNIK_REASON"
"""The columns before those of the file; a column map that does not name them passes them over."""


async def save_page(session: AsyncSession, import_id: str, line: int, outcomes: str) -> None:
    """Keep what became of the lines up to ``line``."""
    row = {"import_id": import_id, "line": line, "outcomes": outcomes}
    await insert_many(session, table_of(ImportPageRow), [row])


async def page_after(session: AsyncSession, import_id: str, line: int) -> tuple[int, list[dict[str, Any]]] | None:
    """Return the outcomes of the lines after one, some hundred at once, and the last line of them."""
    query = (
        select(ImportPageRow.line, ImportPageRow.outcomes)
        .where(ImportPageRow.import_id == import_id, ImportPageRow.line > line)
        .order_by(ImportPageRow.line)
        .limit(1)
    )
    row = (await session.execute(query)).first()
    return None if row is None else (row.line, [one for one in json.loads(row.outcomes) if one["line"] > line])


async def pages(node: Node, import_id: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Return all outcomes, page by page, each read in a short transaction."""
    line = 0
    while True:
        async with node.db.read() as session:
            found = await page_after(session, import_id, line)
        if found is None:
            return
        line = found[0]
        yield found[1]


async def refused_lines(node: Node, import_id: str) -> frozenset[int]:
    """Return the numbers of the lines that were refused so far."""
    lines: set[int] = set()
    async for page in pages(node, import_id):
        lines.update(one["line"] for one in page if one["outcome"] == "refused")
    return frozenset(lines)


async def rejects(node: Node, job: ImportRow) -> AsyncIterator[bytes]:
    """Return the refused lines as a CSV file of the layout that the column map reads, with their reasons before."""
    layout = ColumnMap.model_validate_json(job.map_text).csv
    own = [at for at, name in enumerate(job.header) if name in (LINE, REASON)]  # a file that was mended has them
    mark = "\ufeff" if layout.encoding == "utf-8" else ""
    yield (mark + _csv([LINE, REASON, *_without(own, job.header)], layout.delimiter)).encode(layout.encoding, "replace")
    async for page in pages(node, job.id):
        lines = [
            _csv([str(one["line"]), _reason(one), *_without(own, one["cells"])], layout.delimiter)
            for one in page
            if one["outcome"] == "refused"
        ]
        yield "".join(lines).encode(layout.encoding, "replace")


def _without(places: Sequence[int], cells: Sequence[str]) -> list[str]:
    return [cell for at, cell in enumerate(cells) if at not in places]


def _reason(outcome: dict[str, Any]) -> str:
    said = f"{outcome['column']}: {outcome['detail']}" if outcome.get("column") else str(outcome["detail"])
    expected = outcome.get("expected")
    if not expected:
        return said
    return f"{said} Expected: {', '.join(map(str, expected)) if isinstance(expected, list) else expected}."


def _csv(cells: Sequence[str], delimiter: str) -> str:
    """Return a line of CSV of which no cell is a formula."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow([neutral(cell) for cell in cells])
    return text.getvalue()
