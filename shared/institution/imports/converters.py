"""Converters: what stands in a cell of a Polish spreadsheet, as a member of a record.

A cell is text in CSV and may have a type of its own in XLSX. An empty cell is ``None``: the member is left out.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal

from shared.domain.errors import Invalid

Cell = str | int | float | bool | date | None
Converter = Literal["text", "note", "integer", "pl_date", "pl_grosze", "working_time", "yes_no", "pesel"]

FORMULA_STARTS = ("=", "+", "-", "@")
_DATE = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})(?: r\.?)?")
_AMOUNT = re.compile(r"(-?[0-9]{1,10})(?:[,.]([0-9]{1,2}))?(?: ?zł)?")
_SPACES = re.compile(r"(?<=[0-9]) (?=[0-9]{3}(?![0-9]))")
_PART = re.compile(r"([0-9]{1,3})/([1-9][0-9]{0,2})|([0-9]{1,2}(?:[,.][0-9]{1,6})?)")
_ERROR = re.compile(r"#[A-ZĄĆĘŁŃÓŚŹŻ][A-ZĄĆĘŁŃÓŚŹŻ_/0]*[!?]|#N/[AD]!?|Err:[0-9]{3}")
"""What a spreadsheet shows where a formula has no value: ``#N/A``, ``#ARG!``, ``#DZIEL/0!``, ``Err:502``."""

_HARD_SPACES = str.maketrans("\u00a0\u202f", "  ")
_YES = frozenset({"tak", "t", "1", "true", "prawda", "yes"})
_NO = frozenset({"nie", "n", "0", "false", "fałsz", "no"})


class CellUnreadable(Invalid):
    """The cell does not hold what the column map says."""

    problem = "cell-unreadable"


class FormulaRefused(Invalid):
    """The cell begins as a formula of a spreadsheet does; write its value, or take the sign away."""

    problem = "formula-refused"


def written(cell: Cell) -> str:
    """Return a cell as it would stand in CSV: a day as YYYY-MM-DD, a number with a point, nothing as no text.

    >>> written(1230.5), written(7.0), written(date(2026, 3, 1)), written(None)
    ('1230.5', '7', '2026-03-01', '')
    """
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def neutral(text: str) -> str:
    """Return text so that no spreadsheet takes it for a formula: an apostrophe before it; ``plain`` takes it away.

    >>> neutral("=1+1"), neutral("Anna"), plain(neutral("=1+1"))
    ("'=1+1", 'Anna', '=1+1')
    """
    return f"'{text}" if text.lstrip().startswith((*FORMULA_STARTS, "'")) or text[:1] in ("\t", "\r") else text


def plain(text: str) -> str:
    """Return a cell without the spaces around it and without the apostrophe of ``neutral``; hard spaces are spaces.

    >>> plain("Ewa\u00a0Maria ")
    'Ewa Maria'
    """
    text = text.translate(_HARD_SPACES).strip()
    return text[1:].strip() if text[:1] == "'" and text[1:].lstrip()[:1] in ("=", "+", "-", "@", "'") else text


def converted(kind: Converter, cell: Cell) -> Any:
    """Return the member that a cell holds, or ``None`` if it is empty.

    :raises CellUnreadable: it holds something else; ``expected`` says what it may hold. So does what a spreadsheet
        shows where a formula failed, even where any text may stand.
    :raises FormulaRefused: it is text that begins as a formula does.

    >>> converted("pl_date", "1.03.2026"), converted("pl_grosze", "1 230,50"), converted("working_time", "3/4")
    ('2026-03-01', 123050, 7500)
    >>> converted("pl_grosze", "1\u00a0230,50 zł"), converted("integer", "1\u202f230")
    (123050, 1230)
    >>> converted("text", "=cmd|' /C calc'!A0")
    Traceback (most recent call last):
    FormulaRefused: The cell begins as a formula of a spreadsheet does; write its value, or take the sign away.
    >>> converted("pl_date", "03/2026")
    Traceback (most recent call last):
    CellUnreadable: The cell does not hold what the column map says.
    """
    text = plain(written(cell))
    if _ERROR.fullmatch(text):
        raise CellUnreadable("The cell holds an error of the spreadsheet.", expected="the value that it should show")
    return _CONVERTERS[kind](text) if text else None


def _text(text: str) -> str:
    if text.startswith(FORMULA_STARTS):
        raise FormulaRefused()
    return text


def _integer(text: str) -> int:
    digits = _SPACES.sub("", text)
    if not re.fullmatch(r"-?[0-9]{1,15}", digits):
        raise CellUnreadable(expected="a whole number")
    return int(digits)


def _pl_date(text: str) -> str:
    match = _DATE.fullmatch(text)
    try:
        if match:
            return date(int(match[3]), int(match[2]), int(match[1])).isoformat()
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text[:10]) and text[10:] in ("", " 00:00", " 00:00:00"):
            return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        pass
    raise CellUnreadable(expected="a day such as 31.03.2026 or 2026-03-31")


def _pl_grosze(text: str) -> int:
    match = _AMOUNT.fullmatch(_SPACES.sub("", text))
    if match is None:
        raise CellUnreadable(expected="an amount such as 1 230,50")
    sign = -1 if match[1].startswith("-") else 1
    return sign * (abs(int(match[1])) * 100 + int((match[2] or "0").ljust(2, "0")))


def _working_time(text: str) -> int:
    match = _PART.fullmatch(text)
    if match is None:
        raise CellUnreadable(expected="a part of full time such as 0,5 or 1/2")
    part = Fraction(int(match[1]), int(match[2])) if match[1] else Fraction(match[3].replace(",", "."))
    return round(part * 10_000)


def _yes_no(text: str) -> bool:
    said = text.casefold()
    if said not in _YES | _NO:
        raise CellUnreadable(expected="tak or nie")
    return said in _YES


def _pesel(text: str) -> str:
    """Return eleven digits: a spreadsheet that took a PESEL for a number lost the noughts before it."""
    return text.zfill(11) if text.isascii() and text.isdigit() and len(text) >= 9 else text


_CONVERTERS: Mapping[Converter, Callable[[str], Any]] = MappingProxyType(
    {
        "text": _text,
        "note": str,
        "integer": _integer,
        "pl_date": _pl_date,
        "pl_grosze": _pl_grosze,
        "working_time": _working_time,
        "yes_no": _yes_no,
        "pesel": _pesel,
    }
)
