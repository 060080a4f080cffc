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
    room = _Room(len(cases.amount_gr), min(block, len(cases)))
    for start in range(0, len(cases), block):
        _Block(cases, parameters, slice(start, min(start + block, len(cases))), room).fill(into)


class _Room:
    """The large part of the workspace, made once for all blocks: asking the system for it each time costs more."""

    def __init__(self, benefits: int, lanes: int) -> None:
        self.lanes = np.empty((6, benefits, lanes))
        self.places = np.empty((3, benefits * lanes), np.int64)
        self.bits = np.empty((2, benefits * lanes), np.uint8)


class _Ends:
    """The ends of all benefits of a block, sorted by the clock month that they are kept through."""

    def __init__(self, block: "_Block", kept: Bits, owner: Bits, room: _Room) -> None:
        benefits, lanes = block.amounts.shape
        count = benefits * lanes
        self.slot, self.lane, every = room.places[:, :count]
        months, ranks = room.bits[:, :count]
        self.amount_e4, self.lost_worked, self.lost_rest = room.lanes[2:5].reshape(3, -1)[:, :count]
        spare = room.lanes[5].reshape(-1)[:count]
        order = np.argsort(kept.reshape(-1), kind="stable")
        np.take(kept, order, out=months, mode="clip")
        self.borders = np.searchsorted(months, np.arange(FOR_GOOD + 1)).tolist()
        every.reshape(benefits, lanes)[:] = np.arange(lanes)
        np.take(every, order, out=self.lane, mode="clip")
        np.take(owner, order, out=ranks, mode="clip")
        ranks *= ranks != NOBODY
        np.multiply(ranks, lanes, out=self.slot, dtype=np.int64)
        self.slot += self.lane
        np.take(block.amounts, order, out=self.amount_e4, mode="clip")
        self.amount_e4 *= WHOLE_BP
        np.take(block.owned, order, out=spare, mode="clip")
        spare *= 2
        for days, lost in ((block.worked, self.lost_worked), (block.rest, self.lost_rest)):
            np.take(days, self.lane, out=lost, mode="clip")
            np.multiply(lost, spare, out=lost)

    def of(self, clock_month: int) -> slice:
        """Return the places of those that end with a clock month before the thirteenth."""
        return slice(self.borders[clock_month], self.borders[clock_month + 1])


class _Block:
    """One block of cases, ``at`` their places, going from calendar month to calendar month."""

    def __init__(self, cases: Columns, parameters: SchemeParameters, at: slice, room: _Room) -> None:
        self.parameters, self.at = parameters, at
        self.worked = cases.worked[at].astype(np.float64)
        self.length = cases.length[at].astype(np.float64)
        self.rest = self.length - self.worked
        self.is_part = (self.rest > 0).view(np.uint8)
        self.wage = cases.wage_gr[at].astype(np.float64)
        self.amounts, self.owned = room.lanes[:2, :, : len(self.wage)]
        kept, owner = cases.kept[:, at], cases.owner[:, at]
        self.amounts[:] = cases.amount_gr[:, at]
        self.owned[:] = self.amounts
        self.owned *= owner != NOBODY
        self.before = self.owned.sum(axis=0)
        self.for_good = np.zeros_like(self.wage)
        for amounts, months in zip(self.amounts, kept, strict=True):
            self.for_good += amounts * (months == FOR_GOOD)
        self.taper = parameters.taper_bp * np.maximum(self.wage - parameters.disregard_gr, 0.0)
        self.pledge = WHOLE_BP * self.before - (WHOLE_BP - parameters.premium_bp) * self.wage
        self.kept_e4 = WHOLE_BP * self.amounts.sum(axis=0)
        self.weights = np.zeros((cases.owners, len(self.wage)))
        self.split = split_between(self.weights)
        self.ends = _Ends(self, kept, owner, room)

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
