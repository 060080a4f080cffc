"""One row of an overlay, read as strictly as a case: every cell is of its form, every value inside its bounds.

Errors name the ``line`` of the file and, as ``field``, the column.
"""

import re
from collections.abc import Sequence
from datetime import date

from shared.domain.benefit.curves import MONTHS, NAMED, WHOLE_BP
from shared.domain.benefit.dated import COLUMNS, DatedValue, WrongUnit, shipped
from shared.domain.benefit.members import MalformedMember, OutOfBounds, day
from shared.domain.benefit.parameters import NAMES, as_json, parse_parameters
from shared.domain.errors import DomainError, Invalid

FOUND = "found"
_LONGEST_CELL = 500
_NUMBER = re.compile(r"[0-9]{1,10}")
_OWN_CURVE = re.compile(rf"[0-9]{{1,5}}( [0-9]{{1,5}}){{{MONTHS - 1}}}")
_TRUTHS = ("true", "false")


class UnknownParameter(Invalid):
    """No table has this parameter."""


class RowReversed(Invalid):
    """The row ends before it begins."""

    problem = "period-reversed"


class UnfoundVerified(Invalid):
    """Verified is true exactly when the status is "found"."""


def parse_row(cells: Sequence[str], *, line: int) -> DatedValue:
    """Return the row of a line.

    :raises UnknownParameter: neither table has it.
    :raises WrongUnit: the parameter is not in that unit.
    :raises RowReversed: ``valid_to`` is before ``valid_from``.
    :raises Invalid: a cell is not of its form or out of its bounds.
    """
    try:
        return _row(cells)
    except DomainError as failure:
        failure.members["line"] = line
        raise


def _row(cells: Sequence[str]) -> DatedValue:
    if len(cells) != len(COLUMNS):
        raise MalformedMember("The line has another number of cells.", expected=len(COLUMNS), received=len(cells))
    named = dict(zip(COLUMNS, cells, strict=True))
    for column, cell in named.items():
        if len(cell) > _LONGEST_CELL or not cell.isprintable():
            raise MalformedMember(field=column, expected=f"at most {_LONGEST_CELL} printable characters")
    known = {**shipped().law.rows, **shipped().scheme.rows}.get(named["param"], ())
    if not known:
        raise UnknownParameter(field="param", expected="a parameter of law.csv or scheme.csv")
    if named["unit"] not in {row.unit for row in known}:
        raise WrongUnit(field="unit", expected=" or ".join(sorted({row.unit for row in known})))
    begin, end = _dates(named["valid_from"], named["valid_to"])
    row = DatedValue(
        param=named["param"],
        value=named["value"],
        unit=named["unit"],
        valid_from=begin,
        valid_to=end,
        verified=_verified(named["verified"], status=named["status"]),
        status=named["status"],
        source=named["source"],
    )
    _check_value(row, known)
    return row


def _dates(begin: str, end: str) -> tuple[date, date | None]:
    first = day(begin, field="valid_from")
    last = day(end, field="valid_to") if end else None
    if last is not None and last < first:
        raise RowReversed(field="valid_to", expected=f"{first} or later, or nothing", received=end)
    return first, last


def _verified(cell: str, *, status: str) -> bool:
    if not status:
        raise MalformedMember("The status is missing.", field="status", expected='"found", or how it is known')
    if cell not in _TRUTHS:
        raise MalformedMember(field="verified", expected="true or false")
    if (cell == "true") != (status == FOUND):
        raise UnfoundVerified(field="verified", expected="true" if status == FOUND else "false", received=cell)
    return cell == "true"


def _check_value(row: DatedValue, known: Sequence[DatedValue]) -> None:
    """Check that a value is of the form and inside the bounds of its parameter."""
    try:
        if row.param in NAMES:
            _check_of_scheme(row)
        elif row.param in shipped().scheme.rows:
            _check_like(row, known)
        else:
            _check_of_law(row)
    except DomainError as failure:
        failure.field = "value"
        raise


def _check_of_law(row: DatedValue) -> None:
    """Check a figure of law: a decimal number with no more places than its unit can have."""
    places = 2 if row.is_money or row.unit.startswith("%") else 4
    if not re.fullmatch(rf"[0-9]{{1,8}}(\.[0-9]{{1,{places}}})?", row.value):
        raise MalformedMember(expected=f"a decimal number with at most {places} places")


def _check_of_scheme(row: DatedValue) -> None:
    """Check what a case is assessed by, with the bounds that hold for a case."""
    if row.param == "curve":
        if row.value not in NAMED and not _OWN_CURVE.fullmatch(row.value):
            raise MalformedMember(expected=f"{', '.join(NAMED)} or twelve basis points parted by spaces")
    elif not (_NUMBER.fullmatch(row.value) or (row.param == "cap_gr" and not row.value)):
        raise MalformedMember(expected="a whole number")
    parse_parameters({row.param: as_json(row.param, row.value)}, on=row.valid_from)


def _check_like(row: DatedValue, known: Sequence[DatedValue]) -> None:
    """Check a parameter of the scheme that no case states: it is like the value it has."""
    if row.unit == "text":
        if not row.value.strip():
            raise MalformedMember(expected="some text")
    elif known[0].value in _TRUTHS:
        if row.value not in _TRUTHS:
            raise MalformedMember(expected="true or false")
    elif not _NUMBER.fullmatch(row.value):
        raise MalformedMember(expected="a whole number")
    elif row.param.endswith("_bp") and int(row.value) > WHOLE_BP:
        raise OutOfBounds(expected=f"0 to {WHOLE_BP}", received=int(row.value))
