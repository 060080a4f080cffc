"""Readers: functions that take a member, a name or a condition from the cells of a line, worked out once for a file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.domain.errors import DomainError, Invalid
from shared.institution.imports.column_map import Condition, MemberMap, NameMap
from shared.institution.imports.converters import Cell, converted, plain, written

Cells = Sequence[Cell]
Places = Mapping[str, int]


class CodeUnmapped(Invalid):
    """The column map has no value for what stands in this cell."""

    problem = "cell-unreadable"


class NameEmpty(Invalid):
    """The columns of the external id are empty."""

    problem = "cell-unreadable"


class LineRefused(Exception):
    """A line asks for what cannot be; ``column`` is where, as far as one column is."""

    def __init__(self, failure: DomainError, column: str | None) -> None:
        super().__init__(failure.detail)
        self.failure = failure
        self.column = column


def member_reader(member: str, where: MemberMap, places: Places) -> Callable[[Cells], Any]:
    """Return what takes a member from a line: ``None`` where it is to be left out.

    The reader raises ``LineRefused`` where the cell holds something else.
    """
    if where.column is None:
        return lambda cells: where.constant
    at, default, codes, kind = places[where.column], where.default, where.codes, where.as_

    def read(cells: Cells) -> Any:
        cell = cells[at]
        if cell is None or cell == "":
            return default
        try:
            value = converted(kind, cell) if codes is None else _decoded(codes, plain(written(cell)))
        except DomainError as failure:
            failure.field = member
            raise LineRefused(failure, where.column) from None
        return default if value is None else value

    return read


def name_reader(names: NameMap, places: Places, require: Callable[[str], None]) -> Callable[[Cells], str | None]:
    """Return what takes an external id from a line: ``None`` where all its columns are empty.

    The reader raises ``LineRefused`` where some are, or the name can be none.
    """
    at = [places[column] for column in names.columns]

    def read(cells: Cells) -> str | None:
        parts = [plain(written(cells[place])) for place in at]
        if not all(parts):
            if not any(parts):
                return None
            raise LineRefused(NameEmpty(), names.columns[parts.index("")])
        name = ":".join(parts).replace("/", ":")
        try:
            require(name)
        except DomainError as failure:
            raise LineRefused(failure, names.columns[0]) from None
        return name

    return read


def condition(when: Condition | None, places: Places) -> Callable[[Cells], bool]:
    """Return what tells whether a condition holds for a line."""
    if when is None:
        return lambda cells: True
    at, values = places[when.column], frozenset(when.is_ or ())

    def holds(cells: Cells) -> bool:
        cell = cells[at]
        text = cell if isinstance(cell, str) else written(cell)
        return text in values or plain(text) in values

    def is_filled(cells: Cells) -> bool:
        cell = cells[at]
        return cell is not None and cell != "" and plain(written(cell)) != ""

    return is_filled if when.is_ is None else holds


def _decoded(codes: Mapping[str, Any], text: str) -> Any:
    if not text:
        return None
    if text not in codes:
        raise CodeUnmapped(expected=sorted(codes))
    return codes[text]
