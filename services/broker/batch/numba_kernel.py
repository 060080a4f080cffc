"""The kernel compiled by Numba: the arithmetic of ``numpy_kernel`` with its loops fused, in blocks of the cache.

Whole numbers in float64 lanes, exact under ``bounds``; nothing lets the compiler reorder or approximate. The lanes of
a block are rows of one array at distances the compiler knows, so that it can see that they do not overlap, and turn
each loop into vector instructions. Most of the time goes into writing the outcome to memory, so amounts and shares are
written past the caches. Cases of more than two owners are left to ``numpy_kernel``.

All that is compiled stands in this one file: Numba keeps it by the age of the file, and would not see another change.
"""

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from services.broker.batch import numpy_kernel
from services.broker.batch.columns import CALENDAR_MONTHS, FOR_GOOD, NOBODY, Columns, G, K, L, P, Schedules, Z
from services.broker.batch.compiling import compiled
from services.broker.batch.threads import cores, in_ranges
from shared.domain.benefit.curves import MONTHS, WHOLE_BP
from shared.domain.benefit.parameters import SchemeParameters

BLOCK: Final = 1_024
WORTH_A_THREAD: Final = 16 * BLOCK
"""The least that a thread of its own is started for, in cases."""

# Where the rows of a block begin: what stands for each of its cases, and what goes from month to month.
_ROWS: Final = 15
_WORKED, _REST, _QUANTUM, _BEFORE, _TAPER, _PLEDGE, _KEPT, _CARRIED = range(0, 8 * BLOCK, BLOCK)
_AMOUNT, _TOTAL, _GAP, _ONE, _OTHER, _SHARE, _LEFT = range(8 * BLOCK, _ROWS * BLOCK, BLOCK)
_OWNERS: Final = 2
_LINE: Final = 8  # whole numbers to a line of the cache


@intrinsic
def _stream(context: Any, rows: Any, lane: Any, into: Any, place: Any) -> Any:
    """Write a line of whole numbers past the caches, so that it is not read first; it must begin a line of memory."""

    def code(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found, written = (target.make_array(signature.args[at])(target, builder, arguments[at]).data for at in (0, 2))
        lanes, line = ir.VectorType(ir.DoubleType(), _LINE), ir.VectorType(ir.IntType(64), _LINE)
        found = builder.bitcast(builder.gep(found, [arguments[1]]), lanes.as_pointer())
        written = builder.bitcast(builder.gep(written, [arguments[3]]), line.as_pointer())
        stored = builder.store(builder.fptosi(builder.load(found, align=8), line), written, align=8 * _LINE)
        stored.set_metadata("nontemporal", builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)]))
        return target.get_dummy_value()

    return types.void(rows, lane, into, place), code


def fill(cases: Columns, parameters: SchemeParameters, into: Schedules, *, threads: int | None = None) -> None:
    """Fill in the schedules of plain cases, on all cores if not told otherwise."""
    if cases.owners > _OWNERS:
        numpy_kernel.fill(cases, parameters, into)
        return
    cap = -1 if parameters.cap_gr is None else parameters.cap_gr  # below 0 there is none
    numbers = (parameters.premium_bp, parameters.taper_bp, parameters.disregard_gr, parameters.quantum_gr, cap)
    given = (
        (cases.amount_gr, cases.kept, cases.owner),
        (cases.wage_gr, cases.worked, cases.length),
        np.array(parameters.steps_bp, np.float64),
        parameters.guarantee_months,
        tuple(float(number) for number in numbers),
        (into.amount_gr, into.share_gr, into.codes),
        (into.total_gr, into.gap_gr),
    )
    in_ranges(_fill, given, len(cases), threads=threads or cores(), block=BLOCK, least=WORTH_A_THREAD)


@compiled
def _fill(
    first: int, last: int, benefits: Any, cases: Any, steps: Any, guarantee: int, numbers: Any, months: Any, sums: Any
) -> None:
    quantum, cap = numbers[3], numbers[4]
    rows, ending = np.empty(_ROWS * BLOCK), np.empty(len(benefits[0]), np.int64)
    carried = np.empty(BLOCK, np.uint8)
    for start in range(first, last, BLOCK):
        stop = min(start + BLOCK, last)
        _begin(cases[0][start:stop], cases[1][start:stop], cases[2][start:stop], numbers, rows, carried)
        for benefit in range(len(ending)):
            amount, kept, owner = benefits[0][benefit], benefits[1][benefit], benefits[2][benefit]
            _sum(amount[start:stop], kept[start:stop], owner[start:stop], rows)
            ending[benefit] = _months(kept[start:stop])
        _pledge(cases[0][start:stop], numbers[0], rows)
        for month in range(CALENDAR_MONTHS):
            for benefit in range(len(ending)):
                if ending[benefit] << 1 >> month & 3:
                    amount, kept, owner = benefits[0][benefit], benefits[1][benefit], benefits[2][benefit]
                    _end(month, amount[start:stop], kept[start:stop], owner[start:stop], rows)
            codes, shares = months[2][month, start:stop], months[1][month]
            if month == MONTHS:
                _last(rows, carried, codes)
            else:
                _need(steps[month], month < guarantee, rows, carried, codes)
            _round(quantum, stop - start, rows)
            if month == 0 or month == MONTHS:
                _mark_parts(rows, codes)
            if cap >= 0:
                _cap(cap, quantum, month, rows, codes)
            _write(rows, _AMOUNT, months[0][month, start:stop])
            _halve(stop - start, rows)
            if len(shares) > 0:
                _write(rows, _SHARE, shares[0, start:stop])
            if len(shares) > 1:
                _write(rows, _LEFT, shares[1, start:stop])
        _finish(sums[0][start:stop], sums[1][start:stop], rows)


@compiled
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


@compiled
def _sum(amount: Any, kept: Any, owner: Any, rows: Any) -> None:
    """Add one benefit of each case to what it adds up to."""
    for lane in range(len(amount)):
        paid = float(amount[lane])
        mine = paid if owner[lane] != NOBODY else 0.0
        rows[_BEFORE + lane] += mine
        rows[_KEPT + lane] += WHOLE_BP * paid
        rows[_GAP + lane] += mine - (paid if kept[lane] == FOR_GOOD else 0.0)


@compiled
def _months(kept: Any) -> int:
    """Return a bit for each clock month that the benefit of any case ends with."""
    some = 0
    for lane in range(len(kept)):
        some |= 1 << int(kept[lane])
    return some & ((1 << MONTHS) - 1)


@compiled
def _pledge(wage: Any, premium: float, rows: Any) -> None:
    for lane in range(len(wage)):
        rows[_PLEDGE + lane] = WHOLE_BP * rows[_BEFORE + lane] - (WHOLE_BP - premium) * float(wage[lane])


@compiled
def _end(month: int, amount: Any, kept: Any, owner: Any, rows: Any) -> None:
    """Let a benefit that ends weigh by the days that are left of its calendar month, and by all from the next on."""
    ends, ended = np.uint8(month if month < MONTHS else NOBODY), np.uint8(month - 1 if month else NOBODY)
    for lane in range(len(amount)):
        paid, through = float(amount[lane]), kept[lane]
        rows[_KEPT + lane] -= WHOLE_BP * paid if through == ends else 0.0
        days = rows[_WORKED + lane] if through == ends else rows[_REST + lane] if through == ended else 0.0
        weight = 2 * paid * days
        rows[_ONE + lane] += weight if owner[lane] == 0 else 0.0
        rows[_OTHER + lane] += weight if owner[lane] == 1 else 0.0


@compiled
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


@compiled
def _last(rows: Any, carried: Any, codes: Any) -> None:
    """Take what the twelfth clock month has left."""
    for lane in range(len(codes)):
        rows[_AMOUNT + lane] = rows[_CARRIED + lane]
        codes[lane] = carried[lane]


@compiled
def _round(quantum: float, width: int, rows: Any) -> None:
    """Round a need up to the quantum."""
    for lane in range(width):
        due = np.ceil(rows[_AMOUNT + lane] / rows[_QUANTUM + lane]) * quantum
        rows[_AMOUNT + lane] = due
        rows[_TOTAL + lane] += due


@compiled
def _mark_parts(rows: Any, codes: Any) -> None:
    for lane in range(len(codes)):
        codes[lane] |= P if rows[_REST + lane] > 0 else 0


@compiled
def _cap(cap: float, quantum: float, month: int, rows: Any, codes: Any) -> None:
    """Hold the cap, in proportion where the month is part of one."""
    for lane in range(len(codes)):
        worked, rest, amount = rows[_WORKED + lane], rows[_REST + lane], rows[_AMOUNT + lane]
        days = worked if month == 0 else rest if month == MONTHS else worked + rest
        most = np.floor(cap * days / (quantum * (worked + rest))) * quantum
        codes[lane] |= L if amount > most else 0
        held = min(amount, most)
        rows[_AMOUNT + lane] = held
        rows[_TOTAL + lane] += held - amount


@compiled
def _halve(width: int, rows: Any) -> None:
    """Split between two owners, whose remainders add up to the whole: the one's part to the nearest, the half up."""
    for lane in range(width):
        amount, weight = rows[_AMOUNT + lane], rows[_ONE + lane]
        whole = max(weight + rows[_OTHER + lane], 2.0)
        share = np.floor((amount * weight + 0.5 * whole) / whole)
        rows[_SHARE + lane] = share
        rows[_LEFT + lane] = amount - share


@compiled
def _write(rows: Any, row: int, into: Any) -> None:
    """Write a row into a column: whole lines of memory past the caches, what stands before and after as usual."""
    first = min(-(into.ctypes.data // 8) % _LINE, len(into))
    last = first + (len(into) - first) // _LINE * _LINE
    for lane in range(first):
        into[lane] = np.int64(rows[row + lane])
    for lane in range(first, last, _LINE):
        _stream(rows, row + lane, into, lane)  # type: ignore[call-arg]  # Numba gives the context
    for lane in range(last, len(into)):
        into[lane] = np.int64(rows[row + lane])


@compiled
def _finish(total: Any, gap: Any, rows: Any) -> None:
    for lane in range(len(total)):
        total[lane] = np.int64(rows[_TOTAL + lane])
        gap[lane] = np.int64(max(rows[_GAP + lane], 0.0))
