"""Columns: what a kernel takes and gives, one lane a case, whole numbers throughout.

A kernel covers *plain* cases: one start at one wage, so that the schedule is at most thirteen calendar months, of
which only the first and the last can be part of a month. With d of n days worked in the first, each later calendar
month holds (n - d)/n of one clock month and d/n of the next, and n can stand for ``MONTH_TICKS``.
"""

from dataclasses import dataclass
from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from shared.domain.benefit.curves import MONTHS

Whole = npt.NDArray[np.int64]
Small = npt.NDArray[np.uint8]

CALENDAR_MONTHS: Final = MONTHS + 1
FOR_GOOD: Final = CALENDAR_MONTHS
"""In ``kept``: the benefit never ends."""
NOBODY: Final = 255
"""In ``owner``: the benefit is gained, or the place is empty; nobody pays for its loss."""
MOST_OWNERS: Final = 8
CACHE_LINE: Final = 64
G, K, L, P, Z = 1, 2, 4, 8, 16
"""The bits of ``codes``."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Plain cases; the benefits of a case stand in rows, in any order, empty places with an amount of 0.

    - ``amount_gr`` (benefits, cases), ``kept`` (benefits, cases): clock months 0 to 12, or ``FOR_GOOD``;
    - ``owner`` (benefits, cases): the rank of its owner among the case's owners by id, from 0, or ``NOBODY``;
    - ``wage_gr`` (cases): net for a full month; ``worked`` and ``length`` (cases): days of the first calendar month;
    - ``owners``: the most owners that a case has.
    """

    amount_gr: Whole
    kept: Small
    owner: Small
    wage_gr: Whole
    worked: Small
    length: Small
    owners: int

    def __len__(self) -> int:
        return len(self.wage_gr)


@dataclass(frozen=True, slots=True)
class Schedules:
    """Their schedules; calendar months from the first on. Without work in the thirteenth its ``codes`` are 0.

    ``amount_gr`` (13, cases), ``share_gr`` (13, owners, cases), ``codes`` (13, cases) of bits, ``total_gr`` and
    ``gap_gr`` (cases).
    """

    amount_gr: Whole
    share_gr: Whole
    codes: Small
    total_gr: Whole
    gap_gr: Whole


def empty_schedules(*, cases: int, owners: int) -> Schedules:
    """Return schedules for a kernel to fill; their columns begin where a line of the cache begins."""
    return Schedules(
        amount_gr=_aligned((CALENDAR_MONTHS, cases), np.int64),
        share_gr=_aligned((CALENDAR_MONTHS, owners, cases), np.int64),
        codes=_aligned((CALENDAR_MONTHS, cases), np.uint8),
        total_gr=_aligned((cases,), np.int64),
        gap_gr=_aligned((cases,), np.int64),
    )


def _aligned(shape: tuple[int, ...], kind: type[np.int64] | type[np.uint8]) -> npt.NDArray[Any]:
    size = prod(shape) * np.dtype(kind).itemsize
    room = np.empty(size + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    return room[start : start + size].view(kind).reshape(shape)
