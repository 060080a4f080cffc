"""The kernel in NumPy: blocks of 8 192 cases that stay in the processor's cache, whole numbers in float64 lanes.

Exact under ``bounds``. The formula is that of ``shared.domain.benefit.rates``, month by month for a whole block. A
benefit ends once, so the ends are sorted by month once a block, and only the lanes they fall into are touched.
Weights are held times 2n, with n the days of the first calendar month, which leaves proportions as they are.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from services.broker.batch.columns import CALENDAR_MONTHS, FOR_GOOD, NOBODY, Columns, G, K, L, P, Schedules, Z
from services.broker.batch.splits import split_between
from shared.domain.benefit.curves import MONTHS, WHOLE_BP
from shared.domain.benefit.parameters import SchemeParameters

BLOCK: Final = 8_192

Lanes = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]


def fill(cases: Columns, parameters: SchemeParameters, into: Schedules, *, block: int = BLOCK) -> None:
    """Fill in the schedules of plain cases."""
    for start in range(0, len(cases), block):
        _Block(cases, parameters, slice(start, min(start + block, len(cases)))).fill(into)


class _Ends:
    """The ends of all benefits of a block, sorted by the clock month that they are kept through."""

    def __init__(self, cases: Columns, at: slice, *, amounts: Lanes, owned: Lanes, worked: Lanes, rest: Lanes) -> None:
        lanes = amounts.shape[1]
        kept = cases.kept[:, at].reshape(-1)
        order = np.argsort(kept, kind="stable")
        self.borders = [0, *np.cumsum(np.bincount(kept, minlength=FOR_GOOD + 1)).tolist()]
        self.lane = order % lanes
        owner = np.where(cases.owner[:, at] == NOBODY, 0, cases.owner[:, at]).reshape(-1)
        self.slot = owner[order] * np.int64(lanes) + self.lane
        self.amount_e4 = (WHOLE_BP * amounts).reshape(-1)[order]
        lost = 2 * owned.reshape(-1)[order]
        self.lost_worked, self.lost_rest = lost * worked[self.lane], lost * rest[self.lane]

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
        amounts = cases.amount_gr[:, at].astype(np.float64)
        owned = amounts * (cases.owner[:, at] != NOBODY)
        self.before = owned.sum(axis=0)
        self.for_good = (amounts * (cases.kept[:, at] == FOR_GOOD)).sum(axis=0)
        self.taper = parameters.taper_bp * np.maximum(self.wage - parameters.disregard_gr, 0.0)
        self.pledge = WHOLE_BP * self.before - (WHOLE_BP - parameters.premium_bp) * self.wage
        self.kept_e4 = WHOLE_BP * amounts.sum(axis=0)
        self.weights = np.zeros((cases.owners, len(self.wage)))
        self.split = split_between(self.weights)
        self.ends = _Ends(cases, at, amounts=amounts, owned=owned, worked=self.worked, rest=self.rest)

    def fill(self, into: Schedules) -> None:
        """Go through the calendar months; what a clock month leaves for the next calendar month is carried over."""
        at, total = self.at, np.zeros(len(self.wage))
        per_quantum = (WHOLE_BP * self.parameters.quantum_gr) * self.length
        carried, carried_flags = np.zeros_like(total), np.zeros_like(self.is_part)
        self.end(0, self.ends.lost_rest)
        for month in range(CALENDAR_MONTHS):
            need, flags = carried, carried_flags
            if month < MONTHS:
                self.end(month, self.ends.lost_worked, for_kept=True)
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
            self.split.fill(amount, into.share_gr[month, :, at])
            if 0 < month < MONTHS:
                self.end(month, self.ends.lost_rest)
        into.total_gr[at] = total
        into.gap_gr[at] = np.maximum(self.before - self.wage - self.for_good, 0.0)

    def end(self, clock_month: int, lost: Lanes, *, for_kept: bool = False) -> None:
        """End the benefits kept through a clock month: from now on they weigh, and no longer count as kept."""
        ends = self.ends.of(clock_month)
        if ends.start == ends.stop:
            return
        if len(self.weights):
            np.add.at(self.weights.reshape(-1), self.ends.slot[ends], lost[ends])
            self.split = split_between(self.weights)
        if for_kept:
            np.subtract.at(self.kept_e4, self.ends.lane[ends], self.ends.amount_e4[ends])

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
