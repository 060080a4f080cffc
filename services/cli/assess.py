"""Assessing cases from files: the very rule that broker and offices run, for anyone who wants to recompute."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import typer

from services.cli.programs import Mendable
from shared.domain.benefit.case import parse_case
from shared.domain.benefit.explain import explained_json
from shared.domain.benefit.result import result_json
from shared.domain.benefit.rule import work_out
from shared.domain.errors import DomainError, Invalid
from shared.exchange.jose import strict_json
from shared.runtime.problems.render import problem

Language = Literal["pl", "en"]
MAX_CASE = 4 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class NotACase(Invalid):
    """The case is not strict JSON: one object, no doubled members, integers only."""

    problem = "json-malformed"


class CaseTooLong(Invalid):
    """The case is longer than any case can be."""


def assess(
    file: Annotated[str, typer.Argument(help="A case as JSON, or JSON lines of cases; - reads standard input.")],
    explain: Annotated[bool, typer.Option("--explain", help="Add the explanation of each month.")] = False,
    language: Annotated[Language, typer.Option(help="Language of the explanation.")] = "pl",
) -> None:
    """Assess cases of the degressive benefit; a bad case gets its problem, the others are answered all the same."""
    failed = False
    with _opened(file) as source:
        for number, case in _cases(source):
            try:
                answer = _answer(case, explain=explain, language=language)
            except DomainError as failure:
                failed = True
                answer = problem(failure) | {"line": number}
            line = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
            sys.stdout.buffer.write(line.encode() + b"\n")  # the same bytes whatever the terminal is set to
    sys.stdout.buffer.flush()
    sys.exit(2 if failed else 0)


def _answer(case: bytes, *, explain: bool, language: Language) -> dict[str, object]:
    if len(case) > MAX_CASE:
        raise CaseTooLong(expected=f"at most {MAX_CASE} bytes")
    try:
        value: Any = strict_json(case)
    except UnicodeDecodeError:
        raise NotACase("The case is not UTF-8.") from None
    except ValueError:
        raise NotACase() from None
    working = work_out(parse_case(value))
    return explained_json(working, language=language) if explain else result_json(working.result)


def _cases(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
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


def _opened(file: str) -> BinaryIO:
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as failure:
        raise Mendable(f"{file} cannot be read: {failure.strerror}") from None
