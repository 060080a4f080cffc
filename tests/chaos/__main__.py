"""``./dev chaos [--faults N | --minutes M] [--seed S]``: harm real processes, compare, write var/chaos/report.json."""

import sys
from pathlib import Path

import structlog
import typer

from tests.chaos.run import REPORT, run

_FAULTS = typer.Option(None, "--faults", min=1, max=10_000, help="Stop after so many faults; 20 where nothing is said.")
_MINUTES = typer.Option(None, "--minutes", min=0.1, max=600, help="Stop after so many minutes.")
_SEED = typer.Option(0, "--seed", min=0, help="What is done when is drawn from it.")
_FOLDER = typer.Option(None, "--keep", help="An empty folder for databases and logs, which are kept.")


def main(
    faults: int | None = _FAULTS, minutes: float | None = _MINUTES, seed: int = _SEED, keep: Path | None = _FOLDER
) -> None:
    """Do harm and compare."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    if keep is not None:
        keep.mkdir(parents=True)
    report = run(seed, faults=faults or (None if minutes else 20), minutes=minutes, keep=keep)
    report.save()
    print(REPORT.read_text(encoding="utf-8"))
    sys.exit(0 if report.is_good else 1)


if __name__ == "__main__":
    typer.run(main)
