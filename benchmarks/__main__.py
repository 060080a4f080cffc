"""``./dev bench NAME``: measure one thing, print it, write it to ``var/bench/NAME.json``."""

from typing import Annotated

import typer
from rich.console import Console

from shared.runtime.logging import configure_logging

app = typer.Typer(
    name="./dev bench",
    help="Benchmarks: figures measured here and now.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def benchmarks() -> None:
    """Measure one thing."""
    configure_logging("WARNING")


@app.command("calls")
def calls(
    rounds: Annotated[int, typer.Option(min=1, help="How often both take their turn.")] = 20,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long a turn takes.")] = 0.75,
) -> None:
    """Merged views read under proofs on both sides, against the same read without."""
    from benchmarks.calls import run

    run(Console(), rounds=rounds, seconds=seconds)


@app.command("intake")
def intake(
    pushes: Annotated[int, typer.Option(min=1, help="How many pushes of 500 SETs, taken in and again relayed.")] = 16,
) -> None:
    """SETs taken in, 500 a push, on PostgreSQL and on SQLite, against verifying them alone."""
    from benchmarks.intake import run

    run(Console(), pushes=pushes)


@app.command("latency")
def latency(
    seconds: Annotated[float, typer.Option(min=1, help="How long to write.")] = 30,
    rate: Annotated[int, typer.Option(min=1, help="Writes a second.")] = 20,
) -> None:
    """From a write at a labour office to its presence at a welfare centre."""
    from benchmarks.latency import run

    run(Console(), rate=rate, seconds=seconds)


@app.command("replicas")
def replicas(
    rounds: Annotated[int, typer.Option(min=1, help="How often one broker and two take their turn.")] = 3,
    pushes: Annotated[int, typer.Option(min=1, help="Pushes of 500 SETs by each of two offices in a turn.")] = 3,
) -> None:
    """SETs taken in by two brokers on one PostgreSQL, against one."""
    from benchmarks.replicas import run

    run(Console(), rounds=rounds, pushes=pushes)


@app.command("fairness")
def fairness(
    pushes: Annotated[int, typer.Option(min=4, help="Pushes of 500 SETs that one office floods with.")] = 200,
) -> None:
    """How long one office's single event waits while another office floods the broker."""
    from benchmarks.fairness import run

    run(Console(), pushes=pushes)


@app.command("records")
def records(
    lines: Annotated[int, typer.Option(min=500, help="Lines of the file.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each takes its turn on each database.")] = 3,
    few: Annotated[int, typer.Option(min=1000, help="Forms of support of the small office.")] = 10_000,
    many: Annotated[int, typer.Option(min=1000, help="Forms of support of the large office.")] = 1_000_000,
) -> None:
    """An import against inserting the same rows bare, and the merged view of a small office and of a large one."""
    from benchmarks.growth import Sizes
    from benchmarks.records import run

    run(Console(), lines=lines, rounds=rounds, sizes=Sizes(few=few, many=many))


@app.command("reconcile")
def reconcile(
    sizes: Annotated[
        list[int] | None, typer.Option("--size", min=1, help="Events of a stream; again for more.")
    ] = None,
    clients: Annotated[int, typer.Option(min=0, help="Joint clients; 0 leaves records out.")] = 100_000,
) -> None:
    """Two ends in step, a hundred events damaged, a hundred clients that differ: bytes and time."""
    from benchmarks.reconcile import run

    run(Console(), sizes=sizes or [10_000, 100_000, 1_000_000], clients=clients)


@app.command("degression")
def degression(
    rounds: Annotated[int, typer.Option(min=1, help="How often each engine takes its turn at each size.")] = 3,
    picture: Annotated[bool, typer.Option("--picture", help="Draw docs/pictures/degression.svg anew.")] = False,
) -> None:
    """The degressive benefit of 10^4 to 10^6 cases, against copying their columns and against OpenFisca-Core."""
    from benchmarks.degression.run import run

    run(Console(), rounds=rounds, picture=picture)


app()
