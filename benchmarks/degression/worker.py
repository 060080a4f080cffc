"""One engine in a process of its own: ``python -m benchmarks.degression.worker ENGINE FOLDER REPEATS``.

Prints one line of JSON: the best time of the engine and of the copy, taken in turn; memory; hashes of the outcome.
"""

import ctypes
import gc
import json
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.degression.cases import HEAD, OWNERS, PARAMETERS, arrays, blank, hashed, load
from services.broker.batch.columns import FOR_GOOD, Columns, Schedules

_EXPLAINED = 400


def status(name: str) -> float:
    """Return a memory figure of this process, MiB."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":")) / 1024


def forget_peak() -> None:
    """Give freed memory back, and let the peak begin from what is held now."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def build() -> str:
    """Return which Python this is, for the same rule takes a fifth longer where it was built as a shared library."""
    maps = Path("/proc/self/maps").read_text("utf-8")
    return (
        f"Python {platform.python_version()}, its interpreter {'' if 'libpython3' in maps else 'not '}a shared library"
    )


def took(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    gc.disable()
    before = time.perf_counter()
    work()
    after = time.perf_counter()
    gc.enable()
    return after - before


def copy_of(columns: Columns, schedules: Schedules) -> Callable[[], None]:
    """Return what copies the same inputs and outputs once; its memory is there already."""
    sources = [*arrays(columns), *arrays(schedules)]
    targets = [np.full_like(each, 1) for each in sources]

    def copy() -> None:
        for source, target in zip(sources, targets, strict=True):
            np.copyto(target, source)

    return copy


def in_turn(work: Callable[[], object], columns: Columns, schedules: Schedules, repeats: int) -> dict[str, float]:
    """Return the best times of the engine and of the copy, and what the engine held beside both."""
    work()
    forget_peak()
    held = status("VmRSS")
    work()
    found = {"workspace_mib": max(0.0, status("VmHWM") - held), "peak_mib": status("VmHWM")}
    copy = copy_of(columns, schedules)
    copy()
    times = [(took(copy), took(work)) for _ in range(repeats)]
    return {**found, "copy_s": min(one for one, _ in times), "seconds": min(other for _, other in times)}


def kernel(name: str, columns: Columns, repeats: int) -> dict[str, Any]:
    from services.broker.batch.engines import kernel as kernel_of

    fill = kernel_of(name)  # type: ignore[arg-type]
    assert fill is not None
    schedules = blank(columns)
    found = in_turn(lambda: fill(columns, PARAMETERS, schedules), columns, schedules, repeats)
    if name == "numba":
        from services.broker.batch import numba_kernel

        one = in_turn(lambda: numba_kernel.fill(columns, PARAMETERS, schedules, threads=1), columns, schedules, repeats)
        found["one_thread_x_copy"] = one["seconds"] / one["copy_s"]
    return {**found, "hash": hashed(schedules, len(columns)), "head": hashed(schedules, HEAD)}


def scalar(columns: Columns, first: np.ndarray, repeats: int) -> dict[str, Any]:
    """Measure the rule itself on a part of the cases, and one case with its explanation."""
    from shared.domain.benefit.explain import explain
    from shared.domain.benefit.rule import assess, work_out

    cases = [case_at(columns, first, place) for place in range(HEAD)]
    results = [assess(case) for case in cases]
    best = min(took(lambda: [assess(case) for case in cases]) for _ in range(min(repeats, 3)))
    gc.collect()
    gc.freeze()  # as a service does once it has started
    explained = [took(lambda case=case: explain(work_out(case))) for case in cases[:_EXPLAINED] for _ in range(3)]
    schedules = blank(columns)
    bits = {"G": 1, "K": 2, "L": 4, "P": 8, "Z": 16}
    for place, result in enumerate(results):
        for month, each in enumerate(result.months):
            schedules.amount_gr[month, place] = each.amount_gr
            schedules.codes[month, place] = sum(bits[code] for code in each.codes)
            for owner, share in each.shares_gr:
                schedules.share_gr[month, OWNERS.index(owner), place] = share
        schedules.total_gr[place], schedules.gap_gr[place] = result.total_gr, result.gap_gr
    seconds = best / HEAD * len(columns)
    return {
        "seconds": seconds,
        "head": hashed(schedules, HEAD),
        "explained_us": median(explained) * 1e6,
        "python": build(),
    }


def case_at(columns: Columns, first: np.ndarray, place: int) -> Any:
    """Return one case as the rule takes it."""
    from shared.domain.benefit.case import Benefit, Case
    from shared.domain.benefit.employment import EmploymentEvent

    benefits = tuple(
        Benefit(
            "OPS-ZOK", OWNERS[owner[place]], int(amount[place]), None if kept[place] == FOR_GOOD else int(kept[place])
        )
        for amount, kept, owner in zip(columns.amount_gr, columns.kept, columns.owner, strict=True)
    )
    start = EmploymentEvent("start", first[place].item(), int(columns.wage_gr[place]))
    return Case(str(place), PARAMETERS, benefits, (start,))


def openfisca(columns: Columns, repeats: int) -> dict[str, Any]:
    """Measure OpenFisca, and its own trace of one case; a simulation keeps its outcome, so each round has a new one."""
    from benchmarks.degression import openfisca as rules

    known = rules.system()
    one = Columns(*(each[..., :1].copy() for each in arrays(columns)), owners=columns.owners)
    best, schedules = float("inf"), blank(columns)
    rules.calculate(rules.simulation(known, one))
    for _ in range(min(repeats, 2)):
        made = rules.simulation(known, columns)
        forget_peak()
        held = status("VmRSS")
        best = min(best, took(lambda made=made: rules.calculate(made)))
        workspace, peak = status("VmHWM") - held, status("VmHWM")
        schedules = rules.schedules(made, columns)

    def traced() -> None:
        made = rules.simulation(known, one, trace=True)
        rules.calculate(made)
        assert made.tracer.computation_log.lines()

    return {
        "seconds": best,
        "workspace_mib": workspace,
        "peak_mib": peak,
        "hash": hashed(schedules, len(columns)),
        "head": hashed(schedules, HEAD),
        "trace_us": median([took(traced) for _ in range(15)]) * 1e6,
    }


def main(engine: str, folder: str, repeats: str) -> None:
    columns, first = load(Path(folder))
    if engine == "scalar":
        found = scalar(columns, first, int(repeats))
    elif engine == "openfisca":
        found = openfisca(columns, int(repeats))
    else:
        found = kernel(engine, columns, int(repeats))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
