"""Assessing cases from files: the very rule that broker and offices run, for anyone who wants to recompute."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

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
MAX_LINE = 4 * 1024 * 1024


class NotACase(Invalid):
    """The line is not a JSON object."""

    problem = "json-malformed"


def assess(
    file: Annotated[str, typer.Argument(help="A case as JSON, or JSON lines of cases; - reads standard input.")],
    explain: Annotated[bool, typer.Option("--explain", help="Add the explanation of each month.")] = False,
    language: Annotated[Language, typer.Option(help="Language of the explanation.")] = "pl",
) -> None:
    """Assess cases of the degressive benefit; a bad case gets its problem, the others are answered all the same."""
    failed = False
    try:
        with _opened(file) as source:
            for number, text in _cases(source):
                try:
                    answer = _answer(text, explain=explain, language=language)
                except DomainError as failure:
                    failed = True
                    answer = problem(failure) | {"line": number}
                print(json.dumps(answer, ensure_ascii=False, separators=(",", ":")))
    except UnicodeDecodeError:
        raise Mendable(f"{file} is not UTF-8") from None
    sys.exit(2 if failed else 0)


def _answer(text: str, *, explain: bool, language: Language) -> dict[str, object]:
    try:
        value: Any = strict_json(text)
    except ValueError:
        raise NotACase("The case is not strict JSON: one object, no doubled members, integers only.") from None
    working = work_out(parse_case(value))
    return explained_json(working, language=language) if explain else result_json(working.result)


def _cases(source: TextIO) -> Iterator[tuple[int, str]]:
    """Yield each case with its line: the whole file where it is one JSON value, else its lines."""
    first = source.readline(MAX_LINE)
    if _is_json(first):
        yield from _lines(1, [first])
    else:
        start = first + source.read(MAX_LINE)
        if _is_json(start):
            yield 1, start
            return
        yield from _lines(1, (start + source.readline(MAX_LINE)).splitlines())
    yield from _lines(2, iter(lambda: source.readline(MAX_LINE), ""))


def _lines(first: int, lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(lines, first) if line.strip())


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _opened(file: str) -> TextIO:
    if file == "-":
        return sys.stdin
    try:
        return Path(file).open(encoding="utf-8-sig")
    except OSError as failure:
        raise Mendable(f"{file} cannot be read: {failure.strerror}") from None
