"""``zwornik demo``: the whole federation on one machine, from nothing to decided benefits."""

from typing import Annotated

import typer
from rich.console import Console

INTERRUPTED = 130
"""What a shell says of a command that Ctrl-C ended."""


def demo(
    people: Annotated[int, typer.Option(help="How many people; the pilot has 900.", min=12, max=100_000)] = 900,
    seed: Annotated[int, typer.Option(help="Another seed makes other people.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Go on running until Ctrl-C.")] = False,
    postgres: Annotated[str | None, typer.Option(help="Use this PostgreSQL, a database a service.")] = None,
) -> None:
    """Start the broker and the pilot's 12 institutions, load the pilot, show what happened, stop everything."""
    from services.cli.demo.run import Wish, run

    if not run(Wish(people=people, seed=seed, keep=keep, postgres=postgres), Console()):
        raise typer.Exit(INTERRUPTED)
