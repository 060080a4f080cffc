"""The kernel compiled by Numba: the arithmetic of ``numpy_kernel`` with its loops fused, in blocks of the first cache.

Whole numbers in float64 lanes, exact under ``bounds``; nothing lets the compiler reorder or approximate. The lanes of
a block are rows of one array at distances the compiler knows, so that it can see that they do not overlap, and turn
each loop into vector instructions.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from services.broker.batch.columns import CALENDAR_MONTHS, FOR_GOOD, NOBODY, Columns, G, K, L, P, Schedules, Z
from shared.domain.benefit.curves import MONTHS, WHOLE_BP
from shared.domain.benefit.parameters import SchemeParameters

BLOCK: Final = 1_024

# Where the rows of a block begin: what stands for each of its cases, and what goes from month to month.
_ROWS: Final = 13
(_WORKED, _REST, _PER_QUANTUM, _BEFORE, _TAPER, _PLEDGE, _KEPT, _CARRIED, _AMOUNT, _TOTAL, _GAP, _NEED, _WHOLE) = range(
    0, _ROWS * BLOCK, BLOCK
)
# The rows of an owner.
_WEIGHT, _SHARE, _OVER = range(0, 3 * BLOCK, BLOCK)


def _compiled(function: Any) -> Any:
    """Compile on first use and keep the outcome for later runs, where there is a place that can be written."""
    try:
        return njit(error_model="numpy", nogil=True, cache=True)(function)
    except RuntimeError:
        return njit(error_model="numpy", nogil=True)(function)


def fill(cases: Columns, parameters: SchemeParameters, into: Schedules) -> None:
    """Fill in the schedules of plain cases."""
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
    quantum, cap, owners = numbers[3], numbers[4], months[1].shape[1]
    rows, carried = np.empty(_ROWS * BLOCK), np.empty(BLOCK, np.uint8)
    ends, split = np.empty((FOR_GOOD + 1, owners + 1, BLOCK)), np.empty((owners, 3 * BLOCK))
    any_ends = np.empty(FOR_GOOD + 1, np.bool_)
    for start in range(0, len(cases[0]), BLOCK):
        stop = min(start + BLOCK, len(cases[0]))
        _begin(cases[0][start:stop], cases[1][start:stop], cases[2][start:stop], numbers, rows, carried)
        ends[:, :, :] = 0
        any_ends[:] = False
        for benefit in range(len(benefits[0])):
            amount, kept, owner = benefits[0][benefit], benefits[1][benefit], benefits[2][benefit]
            _hold(amount[start:stop], kept[start:stop], owner[start:stop], rows, ends, any_ends)
        _pledge(cases[0][start:stop], numbers[0], rows)
        split[:, :] = 0
        _end(ends[0], _REST, stop - start, rows, split)
        for month in range(CALENDAR_MONTHS):
            amount, codes = months[0][month, start:stop], months[2][month, start:stop]
            if month < MONTHS:
                if any_ends[month]:
                    _end(ends[month], _WORKED, stop - start, rows, split)
                    _no_longer_kept(ends[month, owners], stop - start, rows)
                _need(steps[month], month < guarantee, rows, carried, codes)
            else:
                rows[_NEED : _NEED + len(codes)] = rows[_CARRIED : _CARRIED + len(codes)]
                codes[:] = carried[: len(codes)]
            _round(quantum, rows, amount)
            if month == 0 or month == MONTHS:
                _mark_parts(rows, codes)
            if cap >= 0:
                _cap(cap, quantum, month, rows, amount, codes)
            _share(month, start, stop, rows, split, months[1])
            if 0 < month < MONTHS and any_ends[month]:
                _end(ends[month], _REST, stop - start, rows, split)
        _finish(sums[0][start:stop], sums[1][start:stop], rows)


@_compiled
def _begin(wage: Any, worked: Any, length: Any, numbers: Any, rows: Any, carried: Any) -> None:
    """Take the cases of a block into its rows."""
    _, taper, disregard, quantum, _ = numbers
    carried[:] = 0
    for lane in range(len(wage)):
        rows[_WORKED + lane] = float(worked[lane])
        rows[_REST + lane] = float(length[lane]) - float(worked[lane])
        rows[_PER_QUANTUM + lane] = WHOLE_BP * quantum * float(length[lane])
        rows[_TAPER + lane] = taper * max(float(wage[lane]) - disregard, 0.0)
        rows[_BEFORE + lane] = 0
        rows[_KEPT + lane] = 0
        rows[_CARRIED + lane] = 0
        rows[_TOTAL + lane] = 0
        rows[_GAP + lane] = -float(wage[lane])


@_compiled
def _hold(amount: Any, kept: Any, owner: Any, rows: Any, ends: Any, any_ends: Any) -> None:
    """Take one benefit of each case: into the sums, and into those that end with its month, by its owner."""
    last = ends.shape[1] - 1
    for lane in range(len(amount)):
        paid, month = float(amount[lane]), kept[lane]
        mine = paid if owner[lane] != NOBODY else 0.0
        rows[_BEFORE + lane] += mine
        rows[_KEPT + lane] += WHOLE_BP * paid
        rows[_GAP + lane] += mine - (paid if month == FOR_GOOD else 0.0)
        any_ends[month] = True
        ends[month, last, lane] += WHOLE_BP * paid
        if last:
            ends[month, owner[lane] if owner[lane] != NOBODY else 0, lane] += 2 * mine


@_compiled
def _pledge(wage: Any, premium: float, rows: Any) -> None:
    for lane in range(len(wage)):
        rows[_PLEDGE + lane] = WHOLE_BP * rows[_BEFORE + lane] - (WHOLE_BP - premium) * float(wage[lane])


@_compiled
def _end(ended: Any, days: int, width: int, rows: Any, split: Any) -> None:
    """Let what ends weigh: in the calendar month it ends in by the days left, from the next one on by all."""
    for rank in range(len(split)):
        whose, lost = split[rank], ended[rank]
        for lane in range(width):
            whose[_WEIGHT + lane] += rows[days + lane] * lost[lane]


@_compiled
def _no_longer_kept(paid: Any, width: int, rows: Any) -> None:
    for lane in range(width):
        rows[_KEPT + lane] -= paid[lane]


@_compiled
def _need(step: float, pledged: bool, rows: Any, carried: Any, codes: Any) -> None:
    """Add what is missing in a clock month, for its days in this calendar month, to what was carried over."""
    for lane in range(len(codes)):
        curve = step * rows[_BEFORE + lane] - rows[_TAPER + lane]
        guarantee = rows[_PLEDGE + lane] if pledged else -1.0
        most = curve if curve > guarantee else guarantee
        kept, rest = rows[_KEPT + lane], rows[_REST + lane]
        missing = (most if most > kept else kept) - kept
        rows[_NEED + lane] = rows[_CARRIED + lane] + rows[_WORKED + lane] * missing
        rows[_CARRIED + lane] = rest * missing
        code = Z if missing == 0 else (G if guarantee > curve else K)
        codes[lane] = carried[lane] | code
        carried[lane] = code if rest > 0 else 0


@_compiled
def _mark_parts(rows: Any, codes: Any) -> None:
    for lane in range(len(codes)):
        codes[lane] |= P if rows[_REST + lane] > 0 else 0


@_compiled
def _round(quantum: float, rows: Any, into: Any) -> None:
    for lane in range(len(into)):
        amount = np.ceil(rows[_NEED + lane] / rows[_PER_QUANTUM + lane]) * quantum
        rows[_AMOUNT + lane] = amount
        rows[_TOTAL + lane] += amount
        into[lane] = np.int64(amount)


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
def _share(month: int, start: int, stop: int, rows: Any, split: Any, shares: Any) -> None:
    """Split the amount: all to one owner, rounded half up between two, by ranked remainders among more."""
    if len(split) == 1:
        for lane in range(stop - start):
            shares[month, 0, start + lane] = np.int64(rows[_AMOUNT + lane])
    elif len(split) == 2:
        _halve(rows, split[0], split[1], shares[month, 0, start:stop], shares[month, 1, start:stop])
    elif len(split):
        _divide(stop - start, rows, split)
        for rank in range(len(split)):
            _rank(rank, rows, split, shares[month, rank, start:stop])


@_compiled
def _halve(rows: Any, one: Any, two: Any, first: Any, second: Any) -> None:
    for lane in range(len(first)):
        whole = max(one[_WEIGHT + lane] + two[_WEIGHT + lane], 2.0)
        amount = rows[_AMOUNT + lane]
        share = np.floor((amount * one[_WEIGHT + lane] + 0.5 * whole) / whole)
        first[lane] = np.int64(share)
        second[lane] = np.int64(amount - share)


@_compiled
def _divide(width: int, rows: Any, split: Any) -> None:
    """Give each owner its whole grosze, and leave in ``_NEED`` how many there are still to give."""
    rows[_WHOLE : _WHOLE + width] = 0
    rows[_NEED : _NEED + width] = rows[_AMOUNT : _AMOUNT + width]
    for rank in range(len(split)):
        rows[_WHOLE : _WHOLE + width] += split[rank, _WEIGHT : _WEIGHT + width]
    for rank in range(len(split)):
        whose = split[rank]
        for lane in range(width):
            whole = rows[_WHOLE + lane]
            due, whole = rows[_AMOUNT + lane] * whose[_WEIGHT + lane], max(whole, 2.0)
            share = np.floor(due / whole)
            whose[_SHARE + lane] = share
            whose[_OVER + lane] = due - share * whole
            rows[_NEED + lane] -= share


@_compiled
def _rank(rank: int, rows: Any, split: Any, into: Any) -> None:
    """Give a grosz more to an owner before whom fewer remainders come than there are grosze left."""
    mine = split[rank]
    rows[_WHOLE : _WHOLE + len(into)] = 0
    for other in range(len(split)):
        its = split[other]
        for lane in range(len(into)):
            ahead = its[_OVER + lane] > mine[_OVER + lane]
            level = its[_OVER + lane] == mine[_OVER + lane]
            rows[_WHOLE + lane] += 1.0 if ahead | (level & (other < rank)) else 0.0
    for lane in range(len(into)):
        more = 1.0 if rows[_WHOLE + lane] < rows[_NEED + lane] else 0.0
        into[lane] = np.int64(mine[_SHARE + lane] + more)


@_compiled
def _finish(total: Any, gap: Any, rows: Any) -> None:
    for lane in range(len(total)):
        total[lane] = np.int64(rows[_TOTAL + lane])
        gap[lane] = np.int64(max(rows[_GAP + lane], 0.0))
