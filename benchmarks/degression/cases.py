"""The cases of the benchmark, as columns: four benefits of two owners, a wage with a taper, a first month in part.

This module is read in OpenFisca's environment too, which has NumPy and nothing of ours beside the source.
"""

import hashlib
from dataclasses import fields
from pathlib import Path

import numpy as np

from services.broker.batch.columns import FOR_GOOD, Columns, Schedules, empty_schedules
from shared.domain.benefit.parameters import SchemeParameters

PARAMETERS = SchemeParameters(curve="stepped", taper_bp=2_500, disregard_gr=50_000)
OWNERS = ("ops-2478011", "pup-2478")
FIRST_DAY = np.datetime64("2026-01-01")
HEAD = 2_000
"""So many cases of each size go through the rule itself as well."""


def make(cases: int, *, seed: int = 20_261_125) -> tuple[Columns, np.ndarray]:
    """Return cases and their first days: two benefits lost at once, one kept for 1 to 12 months, one for good."""
    dice = np.random.default_rng(seed)
    month = dice.integers(0, 24, cases)
    first = (FIRST_DAY.astype("datetime64[M]") + month).astype("datetime64[D]")
    length = ((first.astype("datetime64[M]") + 1).astype("datetime64[D]") - first).astype(np.int64)
    day = 1 + dice.integers(0, length - 1)
    kept = np.zeros((4, cases), np.uint8)
    kept[2], kept[3] = dice.integers(1, 13, cases), FOR_GOOD
    owner = np.repeat(np.array([[1], [0], [1], [0]], np.uint8), cases, axis=1)
    columns = Columns(
        amount_gr=dice.integers(10_000, 150_000, (4, cases)),
        kept=kept,
        owner=owner,
        wage_gr=dice.integers(0, 600_000, cases),
        worked=(length - day).astype(np.uint8),
        length=length.astype(np.uint8),
        owners=len(OWNERS),
    )
    return columns, first + day


def arrays(one: Columns | Schedules) -> list[np.ndarray]:
    """Return the arrays of columns or of schedules, in order."""
    values = [getattr(one, field.name) for field in fields(one)]
    return [value for value in values if isinstance(value, np.ndarray)]


def hashed(schedules: Schedules, cases: int) -> str:
    """Return a hash over the schedules of the first so many cases."""
    digest = hashlib.sha256()
    for array in arrays(schedules):
        digest.update(np.ascontiguousarray(array[..., :cases]).astype("<i8").tobytes())
    return digest.hexdigest()


def save(columns: Columns, first: np.ndarray, folder: Path) -> None:
    """Write the cases, so that every engine reads the very same."""
    for index, array in enumerate([*arrays(columns), first]):
        np.save(folder / f"{index}.npy", array)


def load(folder: Path) -> tuple[Columns, np.ndarray]:
    """Read the cases."""
    *read, first = (np.load(folder / f"{index}.npy") for index in range(7))
    return Columns(*read, owners=len(OWNERS)), first


def blank(columns: Columns) -> Schedules:
    """Return schedules to fill, their memory already there."""
    schedules = empty_schedules(cases=len(columns), owners=columns.owners)
    for array in arrays(schedules):
        array.fill(0)
    return schedules
