"""What an institution pays in a month (*lista wypłat*): the month itself, arrears, and what is held back.

Underpaid months are paid at once. An overpayment (*nadpłata*) is held back from later payments, at most so much of
each as the dated limit allows; what is left after the last month is a claim (*należność*) that an official recovers
or remits. Source: BENEFIT.md, "Time, corrections, decisions". Amounts in grosze.

>>> first = Payment({"2026-03": 100}, held_back_gr=0)
>>> payable("2026-04", due={"2026-03": 60, "2026-04": 100}, payments=[first], limit_bp=2_500)
Payable(covers={'2026-04': 100}, held_back_gr=25, overpaid_gr=15)
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.domain.benefit.curves import WHOLE_BP


class Payment(NamedTuple):
    """What was paid, or settled otherwise, for a case by one institution.

    ``covers``: what was paid for which month, before anything was held back. ``held_back_gr``: how much of an
    overpayment this settled: held back, recovered or remitted; below zero, given back.
    """

    covers: Mapping[str, int]
    held_back_gr: int


class Payable(NamedTuple):
    """What is payable: by the month it is for, what is held back of it, and what stays overpaid after that."""

    covers: dict[str, int]
    held_back_gr: int
    overpaid_gr: int

    @property
    def payable_gr(self) -> int:
        """Return what is to be paid out."""
        return sum(self.covers.values()) - self.held_back_gr


def payable(month: str, *, due: Mapping[str, int], payments: Sequence[Payment], limit_bp: int) -> Payable:
    """Return what an institution has to pay for a case in a month, after the payments made so far.

    ``due`` is what the books say of each month (``YYYY-MM``). Months that are still to come are left out. Where more
    was held back than was overpaid, the difference is given back: ``held_back_gr`` is then negative.
    """
    paid: dict[str, int] = {}
    for payment in payments:
        for name, amount in payment.covers.items():
            paid[name] = paid.get(name, 0) + amount
    open_gr = {name: due.get(name, 0) - paid.get(name, 0) for name in sorted(due.keys() | paid.keys())}
    covers = {name: amount for name, amount in open_gr.items() if amount > 0 and name <= month}
    too_much = sum(max(0, -amount) for amount in open_gr.values())
    left = too_much - sum(payment.held_back_gr for payment in payments)
    held_back = min(left, sum(covers.values()) * limit_bp // WHOLE_BP)
    return Payable(covers, held_back, left - held_back)
