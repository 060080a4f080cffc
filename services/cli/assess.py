"""Assessing cases from files: the very rule that broker and offices run, for anyone who wants to recompute."""

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.cli.case_files import case_of, cases_of, line_of, opened, reform_of, say_of_law
from shared.domain.benefit.case import Case
from shared.domain.benefit.dated import DatedValue, shipped
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
    """Assess cases of the degressive benefit; a bad case gets its problem, the others are answered all the same.

    An event may state gross_wage_gr instead of net_wage_gr: the net wage is worked out by the law of its day.
    """
    failed, used = False, set[DatedValue]()
    tables = reform_of(overlay) if overlay else shipped()
    with opened(file) as source:
        for number, case in cases_of(source):
            try:
                answer = _answer(case_of(case, tables, used), explain=explain, language=language)
            except DomainError as failure:
                failed = True
                answer = problem(failure) | {"line": line_of(number, failure)}
            line = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
            sys.stdout.buffer.write(line.encode() + b"\n")  # the same bytes whatever the terminal is set to
    sys.stdout.buffer.flush()
    say_of_law(used, tables)
    sys.exit(2 if failed else 0)


def _answer(case: Case, *, explain: bool, language: Language) -> dict[str, object]:
    working = work_out(case)
    return explained_json(working, language=language) if explain else result_json(working.result)
