"""CSV of other systems: read line by line in bounded memory; what is broken is found before anything is written."""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from shared.institution.imports.column_map import CsvLayout
from shared.institution.imports.tables import (
    MAX_COLUMNS,
    MAX_LINES,
    EncodingWrong,
    FileUnreadable,
    Row,
    Table,
    too_many_lines,
)

MAX_LINE_BYTES = 1024 * 1024
MAX_CELL = 131_072
"""The limit of Python's CSV reader for one cell, in characters; a quotation mark left open soon meets it."""

_UTF8 = "The file is UTF-8, the column map says CP1250."
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def open_csv(file: BinaryIO, layout: CsvLayout) -> Table:
    """Open a CSV file from its beginning.

    :raises FileUnreadable: it has no first line, or is no CSV where it is read.
    :raises EncodingWrong: where it is read, it is not in the encoding of the layout.
    """
    file.seek(0)
    rows = _rows(file, layout)
    first = next(rows, None)
    if first is None:
        raise FileUnreadable("The file is empty.")
    header = [str(cell).strip() for cell in first[1]]
    if len(header) > MAX_COLUMNS:
        raise FileUnreadable(f"The first line names more than {MAX_COLUMNS} columns; compare the delimiter.")
    return Table(header, rows, None)


def checked_lines(file: BinaryIO, layout: CsvLayout) -> Iterator[int]:
    """Read a whole file and yield the number of each line, so that whatever is wrong with it is found first.

    :raises FileUnreadable: it is no CSV.
    :raises EncodingWrong: it is in another encoding; CP1250 takes nearly any bytes, so UTF-8 is looked for in it.
    :raises FileTooLarge: it has more than a million lines.
    """
    table = open_csv(file, layout)
    for line, _ in table.rows:
        yield line
    if layout.encoding == "cp1250" and _is_utf8(file):
        raise EncodingWrong(_UTF8, expected="cp1250", received="utf-8")


def _rows(file: BinaryIO, layout: CsvLayout) -> Iterator[Row]:
    reader = csv.reader(_lines(file, layout.encoding), delimiter=layout.delimiter, strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as failure:
            raise FileUnreadable(_said(str(failure), reader.line_num)) from None
        if row is None:
            return
        if any(row):
            yield reader.line_num, row


def _lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the lines of a file as text, each bounded."""
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if number == 1:
            if raw.startswith(_UTF16):
                raise EncodingWrong("The file is UTF-16; save it as UTF-8.", expected=encoding, received="utf-16")
            raw = raw.removeprefix(b"\xef\xbb\xbf") if encoding == "utf-8" else raw
        if len(raw) > MAX_LINE_BYTES:
            raise FileUnreadable(f"Line {number} is longer than 1 MiB.")
        if number > MAX_LINES + 1:
            raise too_many_lines(number - 1)
        try:
            yield raw.decode(encoding)
        except UnicodeDecodeError:
            if _is_text(raw, "utf-8"):
                raise EncodingWrong(_UTF8, expected=encoding, received="utf-8") from None
            detail = f"Line {number} is not {encoding.upper()}; save the file so, or name its encoding in the map."
            raise EncodingWrong(detail, expected=encoding) from None


def _is_utf8(file: BinaryIO) -> bool:
    """Tell whether there are letters beyond ASCII and all of them are UTF-8."""
    file.seek(0)
    seen = False
    while raw := file.readline(MAX_LINE_BYTES):
        if not raw.isascii():
            if not _is_text(raw, "utf-8"):
                return False
            seen = True
    return seen


def _is_text(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _said(failure: str, line: int) -> str:
    if "field larger" in failure:
        return f"A cell before line {line + 1} is longer than {MAX_CELL} characters; a quotation mark may be left open."
    if "new-line" in failure:
        return f"Line {line} ends with a carriage return alone; save the file with the line ends of Windows or Unix."
    return f"Line {line} is no CSV: a quotation mark stands where none may, or is left open."
