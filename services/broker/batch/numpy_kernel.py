"""The kernel in NumPy: blocks of 16 384 cases that stay in the processor's cache, whole numbers in float64 lanes.

Exact under ``bounds``. The formula is that of ``shared.domain.benefit.rates``, month by month for a whole block. A
benefit ends once, so its ends are sorted by month once a block, and only the lanes they fall into are touched.
Weights are held times 2n, with n the days of the first calendar month, which leaves proportions as they are.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from services.broker.batch.columns import CALENDAR_MONTHS, FOR_GOOD, NOBODY, Columns, G, K, L, P, Schedules, Z
from services.broker.batch.splits import Split, split_between
from shared.domain.benefit.curves import MONTHS, WHOLE_BP
from shared.domain.benefit.parameters import SchemeParameters

BLOCK: Final = 16_384
_PASSING: Final = 4 << 20
"""Bytes asked for once and never touched: glibc's allocator then keeps the freed lanes of a block for the next one.

Without, it gives them back to the system at each step, and a third of the time goes into getting them anew.
"""

Lanes = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


def fill(cases: Columns, parameters: SchemeParameters, into: Schedules, *, block: int = BLOCK) -> None:
    """Fill in the schedules of plain cases."""
    np.empty(_PASSING, np.uint8)
    for start in range(0, len(cases), block):
        _Block(cases, parameters, slice(start, min(start + block, len(cases)))).fill(into)


class _Ends:
    """Where one benefit of each case ends within the twelve clock months, sorted by the month it is kept through."""

    def __init__(self, lanes: Places, kept: Bits, slot: Places, amount: Lanes, lost: Lanes, block: "_Block") -> None:
        order = lanes[np.argsort(kept[lanes], kind="stable")]
        self.borders = np.searchsorted(kept[order], np.arange(MONTHS + 1)).tolist()
        self.lane, self.slot = order, slot[order]
        self.amount_e4, owned = WHOLE_BP * amount[order], 2 * lost[order]
        self.lost_worked, self.lost_rest = owned * block.worked[order], owned * block.rest[order]

    def of(self, clock_month: int) -> slice:
        """Return the places of those that end with a clock month."""
        return slice(self.borders[clock_month], self.borders[clock_month + 1])


class _Block:
    """One block of cases, ``at`` their places, going from calendar month to calendar month."""

    def __init__(self, cases: Columns, parameters: SchemeParameters, at: slice) -> None:
        self.parameters, self.at = parameters, at
        self.worked = cases.worked[at].astype(np.float64)
        self.length = cases.length[at].astype(np.float64)
        self.rest = self.length - self.worked
        self.is_part = (self.rest > 0).view(np.uint8)
        self.wage = cases.wage_gr[at].astype(np.float64)
        self.before, self.for_good, self.kept_e4 = np.zeros((3, len(self.wage)))
        self.weights = np.zeros((cases.owners, len(self.wage)))
        self.split: Split | None = None
        self.ends: list[_Ends] = []
        for amount, kept, owner in zip(cases.amount_gr[:, at], cases.kept[:, at], cases.owner[:, at], strict=True):
            self.take(amount.astype(np.float64), kept, owner)
        self.weights *= 2 * self.length
        self.kept_e4 *= WHOLE_BP
        self.taper = parameters.taper_bp * np.maximum(self.wage - parameters.disregard_gr, 0.0)
        self.pledge = WHOLE_BP * self.before - (WHOLE_BP - parameters.premium_bp) * self.wage

    def take(self, amount: Lanes, kept: Bits, owner: Bits) -> None:
        """Take one benefit of each case: what is lost at once, what is kept, and where it ends."""
        soonest, latest = int(kept.min()), int(kept.max())
        mine = amount if owner.max() < NOBODY else amount * (owner != NOBODY)
        self.before += mine
        if latest:
            self.kept_e4 += amount if soonest else amount * (kept > 0)
        if latest == FOR_GOOD:
            self.for_good += amount if soonest == FOR_GOOD else amount * (kept == FOR_GOOD)
        if not soonest:
            at_once = mine * (kept == 0) if latest else mine
            for rank in range(len(self.weights)):
                self.weights[rank] += at_once * (owner == rank)
        if latest == 0 or soonest >= MONTHS:
            return
        lanes = np.flatnonzero((kept > 0) & (kept < MONTHS))
        if len(lanes):
            slot = np.arange(len(kept)) + np.where(owner == NOBODY, 0, owner).astype(np.int64) * len(kept)
            self.ends.append(_Ends(lanes, kept, slot, amount, mine, self))

    def fill(self, into: Schedules) -> None:
        """Go through the calendar months; what a clock month leaves for the next calendar month is carried over."""
        at, total = self.at, np.zeros(len(self.wage))
        per_quantum = (WHOLE_BP * self.parameters.quantum_gr) * self.length
        carried, carried_flags = np.zeros_like(total), np.zeros_like(self.is_part)
        for month in range(CALENDAR_MONTHS):
            need, flags = carried, carried_flags
            if month < MONTHS:
                self.end(month)
                missing, now = self.missing(month + 1)
                need, flags = carried + self.worked * missing, carried_flags | now
                carried, carried_flags = self.rest * missing, now * self.is_part
            if month in (0, MONTHS):
                flags = flags | P * self.is_part
            amount = np.ceil(need / per_quantum)
            amount *= self.parameters.quantum_gr
            if self.parameters.cap_gr is not None:
                flags = flags | self.cap(amount, month)
            into.amount_gr[month, at] = amount
            into.codes[month, at] = flags
            total += amount
            self.split = self.split or split_between(self.weights)
            self.split.fill(amount, into.share_gr[month, :, at])
            if month < MONTHS:
                self.settle(month)
        into.total_gr[at] = total
        into.gap_gr[at] = np.maximum(self.before - self.wage - self.for_good, 0.0)

    def end(self, clock_month: int) -> None:
        """End what is kept through a clock month: it no longer counts as kept, and weighs by the days left."""
        for ends in self.ends:
            some = ends.of(clock_month)
            if some.start < some.stop:
                self.kept_e4[ends.lane[some]] -= ends.amount_e4[some]
                self.weigh(ends.slot[some], ends.lost_worked[some])

    def settle(self, clock_month: int) -> None:
        """Let what has ended weigh by all days from the next calendar month on."""
        for ends in self.ends:
            some = ends.of(clock_month)
            if some.start < some.stop:
                self.weigh(ends.slot[some], ends.lost_rest[some])

    def weigh(self, slot: Places, lost: Lanes) -> None:
        """Add to weights; one benefit at a time, so that no slot comes twice."""
        if len(self.weights):
            self.weights.reshape(-1)[slot] += lost
            self.split = None

    def missing(self, clock_month: int) -> tuple[Lanes, Bits]:
        """Return N of a clock month, in 1/10 000 grosz, and its code; ENV below 0 is as good as 0, as R never is."""
        most = self.parameters.steps_bp[clock_month - 1] * self.before
        most -= self.taper
        code: Bits | int = K
        if clock_month <= self.parameters.guarantee_months:
            code = K - (self.pledge > most).view(np.uint8) * np.uint8(K - G)
            np.maximum(most, self.pledge, out=most)
        np.maximum(most, self.kept_e4, out=most)
        most -= self.kept_e4
        return most, np.maximum((most == 0).view(np.uint8) * np.uint8(Z), code)

    def cap(self, amount: Lanes, month: int) -> Bits:
        """Hold the cap in place; return the bits of those it lowered."""
        quantum, cap = self.parameters.quantum_gr, self.parameters.cap_gr or 0
        most: Lanes | float = float(cap // quantum * quantum)
        if month in (0, MONTHS):
            most = np.floor(cap * (self.rest if month else self.worked) / (quantum * self.length)) * quantum
        lowered = amount > most
        np.minimum(amount, most, out=amount)
        return lowered.view(np.uint8) * np.uint8(L)
