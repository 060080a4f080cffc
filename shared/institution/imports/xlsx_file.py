"""XLSX of other systems: looked over as an archive first, then read row by row. Formulas stay text, to be refused.

openpyxl is imported where a workbook comes in: it takes NumPy with it where that is installed.
"""

import warnings
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from shared.institution.imports.column_map import XlsxLayout
from shared.institution.imports.tables import (
    MAX_COLUMNS,
    MAX_LINES,
    FileTooLarge,
    FileUnreadable,
    Row,
    Table,
    too_many_lines,
)

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
MAX_TEXTS_BYTES = 64 * 1024 * 1024
"""Everything but the sheets is held in memory: the texts of cells above all."""

MAX_MEMBERS = 1000
_SHEETS = "xl/worksheets/"
_EXCEL_CELL = 32_767


def open_xlsx(file: BinaryIO, layout: XlsxLayout) -> Table:
    """Open the sheet of a workbook from its beginning.

    :raises FileUnreadable: it is no workbook, or lacks the sheet.
    :raises FileTooLarge: unpacked it would be larger than any real table.
    """
    file.seek(0)
    _require_modest(file)
    sheet = _sheet(file, layout)
    lines = sheet.max_row if isinstance(sheet.max_row, int) else None
    if lines is not None and lines > MAX_LINES + 1:
        raise too_many_lines(lines - 1)
    sheet.reset_dimensions()  # what a file says of its own size is not relied upon
    rows = _rows(sheet, MAX_COLUMNS)
    first = next(rows, None)
    if first is None:
        raise FileUnreadable("The sheet is empty.")
    header = ["" if cell is None else str(cell).strip() for cell in first[1]]
    while header and not header[-1]:
        header.pop()
    return Table(header, _as_wide(rows, len(header)), lines)


def _as_wide(rows: Iterator[Row], width: int) -> Iterator[Row]:
    for line, cells in rows:
        if any(cell is not None for cell in cells):
            yield line, [*cells[:width], *[None] * (width - len(cells))]


def _require_modest(file: BinaryIO) -> None:
    """Refuse an archive by what it says of itself: the reader gives no byte more than that."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise FileUnreadable("The file is no XLSX workbook.") from None
    if any(member.flag_bits & 1 for member in members):
        raise FileUnreadable("The workbook is locked with a password; save it without.")
    beside = sum(member.file_size for member in members if not member.filename.startswith(_SHEETS))
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or beside > MAX_TEXTS_BYTES:
        raise FileTooLarge(
            "Unpacked, the workbook would be larger than any table that is taken; save the one sheet as CSV.",
            expected=MAX_UNPACKED_BYTES,
            received=unpacked,
        )


def _sheet(file: BinaryIO, layout: XlsxLayout) -> Any:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles that it does not keep
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except Exception:  # a broken workbook breaks it in many ways, and none of them is ours
        raise FileUnreadable("The file is no XLSX workbook.") from None
    names = [sheet.title for sheet in book.worksheets]
    if not names or (layout.sheet is not None and layout.sheet not in names):
        raise FileUnreadable("The workbook lacks the sheet that the column map names.", expected=layout.sheet)
    return book[layout.sheet] if layout.sheet is not None else book.worksheets[0]


def _rows(sheet: Any, width: int) -> Iterator[Row]:
    rows = sheet.iter_rows(max_col=width, values_only=True)
    line = 0
    while True:
        line += 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                cells = next(rows, None)
        except Exception:  # see above
            raise FileUnreadable(f"The sheet cannot be read beyond line {line - 1}.") from None
        if cells is None:
            return
        if line > MAX_LINES + 1:
            raise too_many_lines(None)
        if any(isinstance(cell, str) and len(cell) > _EXCEL_CELL for cell in cells):
            raise FileUnreadable(f"A cell of line {line} is longer than any that a spreadsheet writes.")
        yield line, cells
