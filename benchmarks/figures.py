"""Figures: what a benchmark measured, printed as a table and written as JSON beside the commit they belong to."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

FOLDER = Path("var/bench")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; ``said`` is what it means, ``at_most`` or ``at_least`` is what we want of it."""

    name: str
    value: float
    said: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def verdict(self) -> Literal["", "met", "MISSED"]:
        """Return whether the target is met; nothing where there is none."""
        if self.at_most is None and self.at_least is None:
            return ""
        too_high = self.at_most is not None and self.value > self.at_most
        too_low = self.at_least is not None and self.value < self.at_least
        return "MISSED" if too_high or too_low else "met"

    @property
    def target(self) -> str:
        """Return the target as a person reads it."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return f"at least {self.at_least:g}" if self.at_least is not None else ""


WIDE = 140
"""Columns of a table that is written to a file: what a figure is stands in one or two lines."""


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that is not below ``share`` of all.

    >>> quantile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def others_cores(cores: float) -> Figure:
    """Return what other processes took of the machine: times are longer where it is not near 0."""
    return Figure("others_cores", cores, "cores that other processes used meanwhile; on a quiet machine near 0")


def publish(console: Console, name: str, figures: Sequence[Figure], notes: Sequence[str]) -> None:
    """Print a benchmark's table and write its JSON."""
    table = Table("figure", "measured", "target", "", "what it is", title=f"./dev bench {name}", title_justify="left")
    for column in table.columns[:4]:
        column.no_wrap = True
    table.columns[1].justify = "right"
    for one in figures:
        table.add_row(one.name, f"{one.value:,.2f}", one.target, one.verdict, one.said)
    if not console.is_terminal:
        console.width = max(console.width, WIDE)
    console.print(table)
    for note in notes:
        console.print(f"- {note}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    content = {"name": name, "commit": commit(), "figures": {one.name: round(one.value, 4) for one in figures}}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    console.print(f"written to {path}")


def commit() -> str | None:
    """Return the commit that was measured, ``+`` behind it where files differ from it; nothing outside of git."""
    try:
        head = _git("rev-parse", "HEAD")
        return head + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*arguments: str) -> str:
    answer = subprocess.run(["git", *arguments], check=True, capture_output=True, text=True)  # noqa: S603, S607
    return answer.stdout.strip()
