"""Assessing cases from files: the very rule that broker and offices run, for anyone who wants to recompute."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.cli.case_files import cases_of, json_of, opened, reform_of
from shared.domain.benefit.case import parse_case
from shared.domain.benefit.dated import Table
from shared.domain.benefit.explain import explained_json
from shared.domain.benefit.result import result_json
from shared.domain.benefit.rule import work_out
from shared.domain.errors import DomainError
from shared.runtime.problems.render import problem

Language = Literal["pl", "en"]


def assess(
    file: Annotated[str, typer.Argument(help="A case as JSON, or JSON lines of cases; - reads standard input.")],
    explain: Annotated[bool, typer.Option("--explain", help="Add the explanation of each month.")] = False,
    language: Annotated[Language, typer.Option(help="Language of the explanation.")] = "pl",
    overlay: Annotated[
        Path | None, typer.Option(metavar="REFORM.csv", help="Parameter rows that replace those in force.")
    ] = None,
) -> None:
    """Assess cases of the degressive benefit; a bad case gets its problem, the others are answered all the same."""
    failed = False
    scheme = reform_of(overlay).scheme if overlay else None
    with opened(file) as source:
        for number, case in cases_of(source):
            try:
                answer = _answer(case, scheme=scheme, explain=explain, language=language)
            except DomainError as failure:
                failed = True
                answer = problem(failure) | {"line": number}
            line = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
            sys.stdout.buffer.write(line.encode() + b"\n")  # the same bytes whatever the terminal is set to
    sys.stdout.buffer.flush()
    sys.exit(2 if failed else 0)


def _answer(case: bytes, *, scheme: Table | None, explain: bool, language: Language) -> dict[str, object]:
    working = work_out(parse_case(json_of(case), scheme=scheme))
    return explained_json(working, language=language) if explain else result_json(working.result)
