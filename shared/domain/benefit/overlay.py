"""A reform as an overlay: rows that replace what was in force for their parameters, in their dates.

A file of the columns of ``law.csv`` and ``scheme.csv``; it may hold rows for both. Around a row of the overlay the rows
of the table are split; what it does not name stays. Nothing is taken that the tables themselves could not hold.

>>> first = "param,value,unit,valid_from,valid_to,verified,status,source"
>>> rows = parse_overlay(first + "\\npremium_bp,3000,basis points of net wage,2026-01-01,2026-12-31,false,draft,")
>>> reformed = reform(rows)
>>> [row.value for row in reformed.scheme.rows["premium_bp"]]
['2000', '3000', '2000']
>>> parse_overlay(first + "\\npremium,3000,basis points of net wage,2026-01-01,,false,draft,")
Traceback (most recent call last):
UnknownParameter: No table has this parameter.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from datetime import timedelta

from shared.domain.benefit.dated import COLUMNS, DatedValue, ParameterSet, Table, shipped, table_of
from shared.domain.benefit.overlay_rows import parse_row
from shared.domain.errors import Invalid

LONGEST = 1024 * 1024


class MalformedOverlay(Invalid):
    """The overlay is not a CSV file with the columns of the parameter tables."""


class OverlappingRows(Invalid):
    """Two rows of one parameter hold on the same day."""


def parse_overlay(text: str) -> tuple[DatedValue, ...]:
    """Return the rows of an overlay; an error names the ``line`` and the ``field``.

    :raises MalformedOverlay: it is not such a file, or has no row.
    :raises Invalid: a row that no table could hold, see ``overlay_rows``.
    :raises OverlappingRows: two rows of one parameter hold on the same day.
    """
    if len(text) > LONGEST:
        raise MalformedOverlay("The overlay is too long.", expected=f"at most {LONGEST} characters")
    reader = csv.reader(io.StringIO(text), strict=True)
    found: list[DatedValue] = []
    try:
        _first_line(next(reader, []))
        for cells in reader:
            if cells:
                row = parse_row(cells, line=reader.line_num)
                _not_twice(row, found, line=reader.line_num)
                found.append(row)
    except csv.Error:
        raise MalformedOverlay(expected="cells in straight quotation marks", line=reader.line_num) from None
    if not found:
        raise MalformedOverlay("The overlay has no row.", expected="at least one row", line=reader.line_num)
    return tuple(found)


def reform(rows: Sequence[DatedValue], *, base: ParameterSet | None = None) -> ParameterSet:
    """Return the tables with the rows of an overlay in force; a table that it does not touch keeps its version."""
    tables = base or shipped()
    return ParameterSet(scheme=_laid_over(tables.scheme, rows), law=_laid_over(tables.law, rows))


def _first_line(cells: Sequence[str]) -> None:
    if tuple(cells) != COLUMNS:
        raise MalformedOverlay("The first line does not name the columns.", expected=",".join(COLUMNS), line=1)


def _not_twice(row: DatedValue, before: Iterable[DatedValue], *, line: int) -> None:
    for other in before:
        if other.param == row.param and _without(row, other) != [row]:
            until = other.valid_to or "further notice"
            expected = f"a day outside {other.valid_from} to {until}"
            raise OverlappingRows(field="valid_from", expected=expected, line=line)


def _laid_over(table: Table, rows: Sequence[DatedValue]) -> Table:
    """Return a table with the overlay's rows of its parameters; its version is its newest day and a hash of all."""
    replacing = [row for row in rows if row.param in table.rows]
    if not replacing:
        return table
    kept = [row for known in table.rows.values() for row in known]
    for new in replacing:
        kept = [piece for row in kept for piece in ([row] if row.param != new.param else _without(row, new))]
    found = sorted([*kept, *replacing], key=lambda row: (row.param, row.valid_from))
    return table_of(found, hashed="\n".join(repr([str(cell) for cell in astuple(row)]) for row in found))


def _without(row: DatedValue, other: DatedValue) -> list[DatedValue]:
    """Return what is left of a row outside the dates of another: itself, one piece, two, or nothing."""
    if (row.valid_to and row.valid_to < other.valid_from) or (other.valid_to and other.valid_to < row.valid_from):
        return [row]
    pieces = []
    if row.valid_from < other.valid_from:
        pieces.append(replace(row, valid_to=other.valid_from - timedelta(days=1)))
    if other.valid_to and (row.valid_to is None or row.valid_to > other.valid_to):
        pieces.append(replace(row, valid_from=other.valid_to + timedelta(days=1)))
    return pieces
