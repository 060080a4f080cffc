"""Running cases one after another."""

from collections.abc import Sequence
from typing import TypeVar

from rich.console import Console

from services.cli.conform.cases import Case, Outcome, try_case
from services.cli.conform.report import progress
from shared.runtime.clock import Clock

Some = TypeVar("Some")


async def run_all(cases: Sequence[Case[Some]], player: Some, clock: Clock, console: Console) -> list[Outcome]:
    """Run cases one after another, and show how far they are."""
    outcomes = []
    with progress(console, len(cases)) as bar:
        [task] = bar.task_ids
        for case in cases:
            bar.update(task, description=case.name)
            outcomes.append(await try_case(case, player, clock))
            bar.advance(task)
    return outcomes
