"""The kernel compiled by Numba: the arithmetic of ``numpy_kernel`` with its loops fused, in blocks of the first cache.

Whole numbers in float64 lanes, exact under ``bounds``; nothing lets the compiler reorder or approximate. The lanes of
a block are rows of one array at distances the compiler knows, so that it can see that they do not overlap, and turn
each loop into vector instructions. Cases of more than two owners are left to ``numpy_kernel``.

All that is compiled stands in this one file: Numba keeps it by the age of the file, and would not see another change.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from services.broker.batch import numpy_kernel
from services.broker.batch.columns import CALENDAR_MONTHS, FOR_GOOD, NOBODY, Columns, G, K, L, P, Schedules, Z
from shared.domain.benefit.curves import MONTHS, WHOLE_BP
from shared.domain.benefit.parameters import SchemeParameters

BLOCK: Final = 1_024

# Where the rows of a block begin: what stands for each of its cases, and what goes from month to month.
_ROWS: Final = 13
(_WORKED, _REST, _QUANTUM, _BEFORE, _TAPER, _PLEDGE, _KEPT, _CARRIED, _AMOUNT, _TOTAL, _GAP, _ONE, _OTHER) = range(
    0, _ROWS * BLOCK, BLOCK
)
# What ends with a clock month has three rows: of the one owner, of the other, of nobody.
_OWNERS: Final = 2
_NOBODY: Final = _OWNERS * BLOCK


def _compiled(function: Any) -> Any:
    """Compile on first use and keep the outcome for later runs, where there is a place that can be written."""
    try:
        return njit(error_model="numpy", nogil=True, cache=True)(function)
    except RuntimeError:
        return njit(error_model="numpy", nogil=True)(function)


def fill(cases: Columns, parameters: SchemeParameters, into: Schedules) -> None:
    """Fill in the schedules of plain cases."""
    if cases.owners > _OWNERS:
        numpy_kernel.fill(cases, parameters, into)
        return
    cap = -1 if parameters.cap_gr is None else parameters.cap_gr  # below 0 there is none
    numbers = (parameters.premium_bp, parameters.taper_bp, parameters.disregard_gr, parameters.quantum_gr, cap)
    _fill(
        (cases.amount_gr, cases.kept, cases.owner),
        (cases.wage_gr, cases.worked, cases.length),
        np.array(parameters.steps_bp, np.float64),
        parameters.guarantee_months,
        tuple(float(number) for number in numbers),
        (into.amount_gr, into.share_gr, into.codes),
        (into.total_gr, into.gap_gr),
    )


@_compiled
def _fill(benefits: Any, cases: Any, steps: Any, guarantee: int, numbers: Any, months: Any, sums: Any) -> None:
    quantum, cap = numbers[3], numbers[4]
    rows, ends = np.empty(_ROWS * BLOCK), np.zeros((MONTHS, (_OWNERS + 1) * BLOCK))
    carried, spare = np.empty(BLOCK, np.uint8), np.empty(BLOCK, np.int64)
    for start in range(0, len(cases[0]), BLOCK):
        stop = min(start + BLOCK, len(cases[0]))
        _begin(cases[0][start:stop], cases[1][start:stop], cases[2][start:stop], numbers, rows, carried)
        some = 0
        for benefit in range(len(benefits[0])):
            amount, kept, owner = benefits[0][benefit], benefits[1][benefit], benefits[2][benefit]
            _sum(amount[start:stop], kept[start:stop], owner[start:stop], rows)
            some |= _sort(amount[start:stop], kept[start:stop], owner[start:stop], ends)
        _pledge(cases[0][start:stop], numbers[0], rows)
        for month in range(CALENDAR_MONTHS):
            amount, codes, shares = months[0][month, start:stop], months[2][month, start:stop], months[1][month]
            if month == MONTHS:
                _last(rows, carried, codes)
            else:
                if some >> month & 1:
                    _end(ends[month], stop - start, rows)
                    if month == 0:
                        _settle(ends[month], stop - start, rows)
                _need(steps[month], month < guarantee, rows, carried, codes)
            _round(quantum, rows, amount)
            if month == 0 or month == MONTHS:
                _mark_parts(rows, codes)
            if cap >= 0:
                _cap(cap, quantum, month, rows, amount, codes)
            one = shares[0, start:stop] if len(shares) > 0 else spare[: stop - start]
            other = shares[1, start:stop] if len(shares) > 1 else spare[: stop - start]
            _halve(rows, one, other)
            if 0 < month < MONTHS and some >> month & 1:
                _settle(ends[month], stop - start, rows)
        _finish(sums[0][start:stop], sums[1][start:stop], rows)


@_compiled
def _begin(wage: Any, worked: Any, length: Any, numbers: Any, rows: Any, carried: Any) -> None:
    """Take the cases of a block into its rows."""
    _, taper, disregard, quantum, _ = numbers
    carried[:] = 0
    for lane in range(len(wage)):
        rows[_WORKED + lane] = float(worked[lane])
        rows[_REST + lane] = float(length[lane]) - float(worked[lane])
        rows[_QUANTUM + lane] = WHOLE_BP * quantum * float(length[lane])
        rows[_TAPER + lane] = taper * max(float(wage[lane]) - disregard, 0.0)
        rows[_GAP + lane] = -float(wage[lane])
        rows[_BEFORE + lane] = 0
        rows[_KEPT + lane] = 0
        rows[_CARRIED + lane] = 0
        rows[_TOTAL + lane] = 0
        rows[_ONE + lane] = 0
        rows[_OTHER + lane] = 0


@_compiled
def _sum(amount: Any, kept: Any, owner: Any, rows: Any) -> None:
    """Add one benefit of each case to what it adds up to."""
    for lane in range(len(amount)):
        paid = float(amount[lane])
        mine = paid if owner[lane] != NOBODY else 0.0
        rows[_BEFORE + lane] += mine
        rows[_KEPT + lane] += WHOLE_BP * paid
        rows[_GAP + lane] += mine - (paid if kept[lane] == FOR_GOOD else 0.0)


@_compiled
def _sort(amount: Any, kept: Any, owner: Any, ends: Any) -> int:
    """Add one benefit, times two, to those of its owner that end with its month; return a bit for each such month."""
    some = 0
    for lane in range(len(amount)):
        month = int(kept[lane])
        if month < MONTHS:
            ends[month, min(int(owner[lane]), _OWNERS) * BLOCK + lane] += 2 * float(amount[lane])
            some |= 1 << month
    return some


@_compiled
def _pledge(wage: Any, premium: float, rows: Any) -> None:
    for lane in range(len(wage)):
        rows[_PLEDGE + lane] = WHOLE_BP * rows[_BEFORE + lane] - (WHOLE_BP - premium) * float(wage[lane])


@_compiled
def _end(ended: Any, width: int, rows: Any) -> None:
    """Let what ends no longer count as kept, and weigh by the days that are left of the calendar month."""
    for lane in range(width):
        one, other, worked = ended[lane], ended[BLOCK + lane], rows[_WORKED + lane]
        rows[_KEPT + lane] -= (WHOLE_BP // 2) * (one + other + ended[_NOBODY + lane])
        rows[_ONE + lane] += worked * one
        rows[_OTHER + lane] += worked * other


@_compiled
def _settle(ended: Any, width: int, rows: Any) -> None:
    """Let what has ended weigh by all days from the next calendar month on, and forget it."""
    for lane in range(width):
        rows[_ONE + lane] += rows[_REST + lane] * ended[lane]
        rows[_OTHER + lane] += rows[_REST + lane] * ended[BLOCK + lane]
        ended[lane] = 0
        ended[BLOCK + lane] = 0
        ended[_NOBODY + lane] = 0


@_compiled
def _need(step: float, pledged: bool, rows: Any, carried: Any, codes: Any) -> None:
    """Add what is missing in a clock month, for its days in this calendar month, to what was carried over."""
    for lane in range(len(codes)):
        curve = step * rows[_BEFORE + lane] - rows[_TAPER + lane]
        guarantee = rows[_PLEDGE + lane] if pledged else -1.0
        most = curve if curve > guarantee else guarantee
        kept, rest = rows[_KEPT + lane], rows[_REST + lane]
        missing = (most if most > kept else kept) - kept
        rows[_AMOUNT + lane] = rows[_CARRIED + lane] + rows[_WORKED + lane] * missing
        rows[_CARRIED + lane] = rest * missing
        code = Z if missing == 0 else (G if guarantee > curve else K)
        codes[lane] = carried[lane] | code
        carried[lane] = code if rest > 0 else 0


@_compiled
def _last(rows: Any, carried: Any, codes: Any) -> None:
    """Take what the twelfth clock month has left."""
    for lane in range(len(codes)):
        rows[_AMOUNT + lane] = rows[_CARRIED + lane]
        codes[lane] = carried[lane]


@_compiled
def _round(quantum: float, rows: Any, amount: Any) -> None:
    """Round a need up to the quantum."""
    for lane in range(len(amount)):
        due = np.ceil(rows[_AMOUNT + lane] / rows[_QUANTUM + lane]) * quantum
        rows[_AMOUNT + lane] = due
        rows[_TOTAL + lane] += due
        amount[lane] = np.int64(due)


@_compiled
def _mark_parts(rows: Any, codes: Any) -> None:
    for lane in range(len(codes)):
        codes[lane] |= P if rows[_REST + lane] > 0 else 0


@_compiled
def _cap(cap: float, quantum: float, month: int, rows: Any, into: Any, codes: Any) -> None:
    """Hold the cap, in proportion where the month is part of one."""
    for lane in range(len(into)):
        worked, rest, amount = rows[_WORKED + lane], rows[_REST + lane], rows[_AMOUNT + lane]
        days = worked if month == 0 else rest if month == MONTHS else worked + rest
        most = np.floor(cap * days / (quantum * (worked + rest))) * quantum
        codes[lane] |= L if amount > most else 0
        held = min(amount, most)
        rows[_AMOUNT + lane] = held
        rows[_TOTAL + lane] += held - amount
        into[lane] = np.int64(held)


@_compiled
def _halve(rows: Any, one: Any, other: Any) -> None:
    """Split between two owners, whose remainders add up to the whole: the one's part to the nearest, the half up."""
    for lane in range(len(one)):
        amount, weight = rows[_AMOUNT + lane], rows[_ONE + lane]
        whole = max(weight + rows[_OTHER + lane], 2.0)
        share = np.floor((amount * weight + 0.5 * whole) / whole)
        one[lane] = np.int64(share)
        other[lane] = np.int64(amount - share)


@_compiled
def _finish(total: Any, gap: Any, rows: Any) -> None:
    for lane in range(len(total)):
        total[lane] = np.int64(rows[_TOTAL + lane])
        gap[lane] = np.int64(max(rows[_GAP + lane], 0.0))
