"""A reform before it is law: the same cases under two parameter versions, and what differs for whom."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from services.cli.case_files import case_of, cases_of, json_of, line_of, opened, reform_of, say_of_law
from services.cli.comparison_formats import AsCsv, AsJson, AsTable, Compared, Refused, Versions, Writer
from shared.domain.benefit.comparison import Tally, compare
from shared.domain.benefit.dated import DatedValue, ParameterSet, shipped
from shared.domain.benefit.rule import RULE_VERSION, assess
from shared.domain.errors import DomainError

Format = Literal["table", "json", "csv"]
_WRITERS: dict[Format, type[Writer]] = {"table": AsTable, "json": AsJson, "csv": AsCsv}


def compare_reform(
    file: Annotated[str, typer.Argument(help="A case as JSON, or JSON lines of cases; - reads standard input.")],
    overlay: Annotated[Path, typer.Option(metavar="REFORM.csv", help="Parameter rows of the reform.")],
    base: Annotated[
        Path | None,
        typer.Option(metavar="OTHER.csv", help="Another reform to compare with, instead of what is in force."),
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="table for people, json (lines) and csv for machines.")
    ] = "table",
) -> None:
    """Compare what cases get before and after a reform: per person, per institution and in total.

    Both overlays are laid over the parameters in force. A case keeps the parameters that it states itself. Rows of law
    change the net wages of events that state gross_wage_gr instead of net_wage_gr; all else is stated in hand.
    """
    before = reform_of(base) if base else shipped()
    after = reform_of(overlay)
    writer = _WRITERS[form](sys.stdout.buffer, _versions(before), _versions(after))
    tally, refused, used = Tally(), 0, set[DatedValue]()
    with opened(file) as source:
        for answer in _compared(cases_of(source), before, after, used):
            if isinstance(answer, Refused):
                refused += 1
                writer.refused(answer)
            else:
                tally.add(answer.comparison)
                writer.compared(answer)
    writer.end(tally, refused)
    sys.stdout.buffer.flush()
    say_of_law(used, before, after)
    sys.exit(2 if refused else 0)


def _compared(
    cases: Iterator[tuple[int, bytes]], before: ParameterSet, after: ParameterSet, used: set[DatedValue]
) -> Iterator[Compared | Refused]:
    for line, content in cases:
        try:
            earlier, later = (case_of(content, tables, used) for tables in (before, after))
            yield Compared(line, compare(assess(earlier), assess(later)), _stated(json_of(content)))
        except DomainError as failure:
            yield Refused(line_of(line, failure), failure)


def _stated(value: Any) -> tuple[str, ...]:
    """Return the parameters that a case states itself, which no reform changes."""
    return tuple(sorted(value.get("parameters", {})))


def _versions(tables: ParameterSet) -> Versions:
    return Versions(rule=RULE_VERSION, parameters=tables.scheme.version, law=tables.law.version)
