"""Files of cases: one case as JSON, or JSON lines of cases; ``-`` is standard input.

Read strictly, line by line where there are lines, so that one bad case spoils no other and a large file needs no
memory.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from services.cli.programs import Mendable
from shared.domain.benefit.case import Case, parse_case
from shared.domain.benefit.dated import DatedValue, ParameterSet, shipped
from shared.domain.benefit.gross_wages import with_net_wages
from shared.domain.benefit.overlay import LONGEST, parse_overlay, reform
from shared.domain.errors import DomainError, Invalid
from shared.domain.strict_json import strict_json

MAX_CASE = 4 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class CaseTooLong(Invalid):
    """The case is longer than any case can be."""


def json_of(case: bytes) -> Any:
    """Return the JSON value of a case.

    :raises CaseTooLong: it is longer than ``MAX_CASE``.
    :raises JsonMalformed: it is not strict JSON in UTF-8; numbers are left to the case, which names the member.
    """
    if len(case) > MAX_CASE:
        raise CaseTooLong(expected=f"at most {MAX_CASE} bytes")
    return strict_json(case.rstrip(), any_value=True)  # what is missing at an end is missing on that line


def case_of(case: bytes, tables: ParameterSet, used: set[DatedValue]) -> Case:
    """Return the case of a line; ``used`` takes the figures of law that made its net wages.

    :raises Invalid: it is none; the error names the field.
    """
    value, figures = with_net_wages(json_of(case), law=tables.law)
    used |= figures
    return parse_case(value, scheme=tables.scheme)


def line_of(first: int, failure: DomainError) -> int:
    """Return the line of a file on which a case that begins on line ``first`` is wrong, where that is known."""
    return first - 1 + int(failure.members.get("line", 1))


def say_of_law(used: set[DatedValue], *reforms: ParameterSet) -> None:
    """Say which figures of law made net wages without a source, and which rows of the reforms no case asks for."""
    unverified = {figure.param for figure in used if not figure.verified}
    if unverified:
        names = ", ".join(sorted(unverified))
        print(f"net wages were worked out by figures of law that no source confirms: {names}", file=sys.stderr)
    known, asked = shipped().law.rows, {figure.param for figure in used}
    idle = {param for each in reforms for param, rows in each.law.rows.items() if rows != known[param]} - asked
    if idle:
        names = ", ".join(sorted(idle))
        print(f"rows of law that change nothing, since no wage is worked out by them: {names}", file=sys.stderr)


def reform_of(path: Path) -> ParameterSet:
    """Return the tables with an overlay file in force.

    :raises Mendable: the file cannot be read or is no overlay; the text names the line and the column.
    """
    with opened(str(path)) as source:
        content = source.read(4 * LONGEST).removeprefix(_BYTE_ORDER_MARK)
    try:
        return reform(parse_overlay(content.decode()))
    except UnicodeDecodeError:
        raise Mendable(f"{path} is not UTF-8") from None
    except DomainError as failure:
        places = [f"line {failure.members['line']}" if "line" in failure.members else "", failure.field or ""]
        where = ", ".join([str(path), *filter(None, places)])
        raise Mendable(f"{where}: {failure.detail} Expected: {failure.expected}") from None


def opened(file: str) -> BinaryIO:
    """Return the open file, or standard input for ``-``.

    :raises Mendable: it cannot be read.
    """
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as failure:
        raise Mendable(f"{file} cannot be read: {failure.strerror}") from None


def cases_of(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield each case with its line: all there is where it is one JSON value over several lines, else line by line."""
    first = source.readline(MAX_CASE).removeprefix(_BYTE_ORDER_MARK)
    start = first if _is_json(first) else first + source.read(MAX_CASE)
    if start is not first and (first.strip() in (b"{", b"[") or _is_json(start)):
        yield 1, start
    else:
        yield from ((number, line) for number, line in enumerate(_lines(start, source), 1) if line.strip())


def _lines(start: bytes, source: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of what was read and of what follows; of one that is too long, as much as shows that it is."""
    *whole, line = start.split(b"\n")
    yield from whole
    while piece := source.readline(MAX_CASE):
        line = (line + piece)[: MAX_CASE + 1]
        if piece.endswith(b"\n"):
            yield line
            line = b""
    yield line


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
