"""The rounds: each engine in a fresh process, at each size, in another order each round; then table and picture."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from statistics import median
from typing import Any

from rich.console import Console

from benchmarks.degression.cases import HEAD, make, save
from benchmarks.degression.picture import draw
from benchmarks.figures import Figure, publish
from services.cli.demo.show import Steps

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("var/bench/degression")
PICTURE = Path("docs/pictures/degression.svg")
SIZES = (10_000, 100_000, 1_000_000)
ENGINES = ("scalar", "numpy", "numba", "openfisca")
BESIDE = ("scalar", "openfisca")
"""What needs nothing but NumPy runs under OpenFisca's interpreter, so that both are told of by one."""

REPEATS = 9
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA")}
NOTES = (
    "The limit is numpy.copyto of the same inputs and outputs: 13 calendar months of amounts, shares of 2 owners and "
    "codes, for 4 benefits a case. Engine and copy take turns in one process; the best of 9 of each counts.",
    f"The rule itself (scalar) runs on {HEAD:,} cases, its time scaled to the size; OpenFisca is the best of 2 runs.",
    "NumPy, OpenFisca and the copy run on one thread, as they do; Numba's kernel on all cores, as the service runs it, "
    "and on one thread where the figure says so.",
    "OpenFisca's time is its calculation alone, without setting the inputs; its trace of one case is the simulation "
    "built, calculated and its log written, as ours is the case worked out and explained.",
    "Every number is the median of the rounds; ratios are taken within a round.",
    "Parquet, and what is done for rows that no kernel takes, is not in these figures.",
)

Found = dict[tuple[int, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Rounds:
    """What all rounds found, by size and engine."""

    found: list[Found]

    def of(self, size: int, engine: str, name: str) -> float:
        """Return the median of a figure."""
        return median(each[size, engine][name] for each in self.found)

    def x_copy(self, size: int, engine: str) -> float:
        """Return how often the copy would fit into the time of an engine; those that did not copy take NumPy's copy."""
        pairs = [(each[size, engine], each[size, "numpy"]) for each in self.found]
        return median(one["seconds"] / one.get("copy_s", other["copy_s"]) for one, other in pairs)

    def x_openfisca(self, size: int, engine: str) -> float:
        """Return how often as fast as OpenFisca an engine is."""
        return median(each[size, "openfisca"]["seconds"] / each[size, engine]["seconds"] for each in self.found)

    def outputs_equal(self) -> bool:
        """Return whether all engines gave the same, the rule itself on the first cases of each size."""
        for one in self.found:
            for size in SIZES:
                if len({one[size, engine]["head"] for engine in ENGINES}) > 1:
                    return False
                if len({one[size, engine]["hash"] for engine in ENGINES[1:]}) > 1:
                    return False
        return True


def run(console: Console, *, rounds: int, picture: bool) -> None:
    """Measure and publish."""
    beside = ROOT / ".venv-bench" / "bin" / "python"
    if not beside.exists():
        console.print("OpenFisca has an environment of its own; run this as ./dev bench degression, which makes it.")
        sys.exit(1)
    rmtree(FOLDER, ignore_errors=True)
    for size in SIZES:
        (FOLDER / str(size)).mkdir(parents=True)
        save(*make(size), FOLDER / str(size))
    dice = random.Random(20_261_125)  # noqa: S311  # an order, not a secret
    found, steps = list[Found](), Steps(console)
    with steps.bars:
        steps.step("engines in turn, each in a process of its own", rounds * len(SIZES) * len(ENGINES))
        for _ in range(rounds):
            turns = [(size, engine) for size in SIZES for engine in ENGINES]
            dice.shuffle(turns)
            one: Found = {}
            for size, engine in turns:
                one[size, engine] = _measured(str(beside) if engine in BESIDE else sys.executable, engine, size)
                steps.done(1)
            found.append(one)
        steps.finish()
    rmtree(FOLDER)
    taken = Rounds(found)
    builds = {each[size, "scalar"]["python"] for each in found for size in SIZES}
    notes = (*NOTES, f"One case is told and traced by {', '.join(sorted(builds))}; {os.cpu_count()} cores.")
    publish(console, "degression", _figures(taken), notes)
    if picture:
        PICTURE.write_text(draw({e: {n: taken.x_copy(n, e) for n in SIZES} for e in ENGINES}), encoding="utf-8")
        console.print(f"drawn into {PICTURE}")


def _measured(python: str, engine: str, size: int) -> Mapping[str, Any]:
    command = [
        python,
        "-W",
        "ignore",
        "-m",
        "benchmarks.degression.worker",
        engine,
        str(FOLDER / str(size)),
        str(REPEATS),
    ]
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        raise RuntimeError(f"{engine} failed:\n{answer.stderr}")
    found: Mapping[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def _figures(rounds: Rounds) -> list[Figure]:
    largest = SIZES[-1]
    equal = float(rounds.outputs_equal())
    traced = median(
        each[largest, "openfisca"]["trace_us"] / each[largest, "scalar"]["explained_us"] for each in rounds.found
    )
    explained = median(each[size, "scalar"]["explained_us"] for each in rounds.found for size in SIZES)
    figures = [Figure("outputs_equal", equal, "1 where every engine gave the same, hash by hash", at_least=1)]
    for engine, most, least in (("numpy", 6, 5), ("numba", 2, 20)):
        figures += [
            Figure(f"{engine}_x_copy", rounds.x_copy(largest, engine), "times the limit, 10^6 cases", at_most=most),
            Figure(
                f"{engine}_x_openfisca", rounds.x_openfisca(largest, engine), "as fast as OpenFisca", at_least=least
            ),
            Figure(
                f"{engine}_workspace_mib",
                rounds.of(largest, engine, "workspace_mib"),
                "beside in- and outputs",
                at_most=16,
            ),
        ]
    figures += [
        Figure("explained_case_us", explained, "one case worked out and explained, median", at_most=100),
        Figure("explained_x_openfisca_trace", traced, "as fast as OpenFisca's trace of one case", at_least=50),
    ]
    one_thread = rounds.of(largest, "numba", "one_thread_x_copy")
    figures.append(Figure("numba_one_thread_x_copy", one_thread, "times the limit, 10^6 cases"))
    for engine in ENGINES:
        figures.append(Figure(f"{engine}_cases_per_s", largest / rounds.of(largest, engine, "seconds"), "10^6 cases"))
        if engine != "scalar":
            figures.append(Figure(f"{engine}_peak_mib", rounds.of(largest, engine, "peak_mib"), "the whole process"))
    for size, name in zip(SIZES[:-1], ("1e4", "1e5"), strict=True):
        for engine in ENGINES[1:3]:
            figures.append(Figure(f"{engine}_x_copy_{name}", rounds.x_copy(size, engine), f"{size:,} cases"))
    for engine in ("scalar", "openfisca"):
        figures.append(Figure(f"{engine}_x_copy", rounds.x_copy(largest, engine), "times the limit, 10^6 cases"))
    return figures
