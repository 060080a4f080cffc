"""Assessing a Parquet file of cases: what an institution or the ministry holds in bulk."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.programs import Mendable
from shared.domain.errors import DomainError

Engine = Literal["auto", "numpy", "numba", "scalar"]


def assess_batch(
    source: Annotated[Path, typer.Argument(metavar="IN.parquet", help="Cases, one a row.")],
    target: Annotated[Path, typer.Argument(metavar="OUT.parquet", help="Their schedules, in the same order.")],
    rejects: Annotated[
        Path | None,
        typer.Option(
            help="Where rows that are no case go, as .parquet or JSON lines. Usual: OUT.parquet.rejects.jsonl."
        ),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="auto is numba where it is installed; all give the same.")] = "auto",
    chunk_rows: Annotated[int, typer.Option(min=1, max=1_000_000, help="Rows held in memory at once.")] = 65_536,
) -> None:
    """Assess a Parquet file of cases; bad rows are put aside. Cut short, the same command goes on where it stopped.

    Columns in: case_id, parameters (may be left out), benefits (list of kind, owner, amount_gr, kept_months, gained),
    employment (list of kind, effective, net_wage_gr, recorded). Columns out: case_id, months (list of month,
    amount_gr, codes, shares), total_gr, gap_gr. docs/batch.md says it all. Exit status: 0, or 2 when rows were refused.
    """
    from services.broker.batch.job import Job, Outcome, run

    job = Job(source, target, rejects, engine, chunk_rows)
    with _bar() as bar:
        task = bar.add_task("assessing", total=None)
        try:
            outcome: Outcome = run(job, told=lambda done, rows: bar.update(task, completed=done, total=rows))
        except DomainError as failure:
            raise Mendable(_said(source, failure)) from None
    if outcome.done_before:
        print(f"{outcome.done_before} rows had been done before", file=sys.stderr)
    print(f"{outcome.rows - outcome.refused} cases assessed into {target}", file=sys.stderr)
    if outcome.refused:
        print(f"{outcome.refused} rows refused, see {job.rejects_file}", file=sys.stderr)
        sys.exit(2)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))


def _said(source: Path, failure: DomainError) -> str:
    """Return what is wrong with the file as one line: the column, what is expected, what came."""
    if failure.field is None:
        return failure.detail
    said = f"{source}: {failure.field}: {failure.detail}"
    if failure.expected is not None:
        said += f" Expected: {failure.expected}."
    return said + (f" Received: {failure.received}." if failure.received is not None else "")
