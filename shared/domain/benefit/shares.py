"""What the benefits of a case come to in each clock month, and how the institutions split an amount.

>>> largest_remainder(100, weights={"pup-2478": 1, "ops-2478011": 2})
(('pup-2478', 33), ('ops-2478011', 67))
>>> largest_remainder(1, weights={"b": 1, "a": 1})
(('b', 0), ('a', 1))
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.domain.benefit.case import Benefit
from shared.domain.benefit.curves import MONTHS


class Holdings(NamedTuple):
    """Monthly sums in grosze: B before the job, R kept (gained ones too), and what each owner no longer pays."""

    before_gr: int
    kept_gr: int
    lost_gr: Mapping[str, int]


def holdings_by_month(benefits: Sequence[Benefit]) -> list[Holdings]:
    """Return the holdings of clock months 1 to 12; they change, and are another object, only where a benefit ends.

    >>> [each.kept_gr for each in holdings_by_month([Benefit("OPS-ZOK", "ops-2478011", 62000, kept_months=2)])][:3]
    [62000, 62000, 0]
    """
    found: list[Holdings] = []
    for end in sorted({benefit.kept_months or MONTHS for benefit in benefits} | {MONTHS}):
        found += [_holdings(benefits, len(found) + 1)] * (min(end, MONTHS) - len(found))
    return found


def largest_remainder(amount_gr: int, *, weights: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Split an amount by weight, to the grosz: whole parts first, then a grosz each by largest remainder.

    Ties go by owner id ascending. Owners stand in the order given; without any weight or amount, all shares are 0.
    """
    total = sum(weights.values())
    if not total or not amount_gr:
        return tuple(dict.fromkeys(weights, 0).items())
    shares: dict[str, int] = {}
    short: list[tuple[int, str]] = []
    left = amount_gr
    for owner, weight in weights.items():
        shares[owner], rest = divmod(amount_gr * weight, total)
        left -= shares[owner]
        short.append((-rest, owner))
    if left:
        short.sort()
        for _, owner in short[:left]:
            shares[owner] += 1
    return tuple(shares.items())


def _holdings(benefits: Sequence[Benefit], clock_month: int) -> Holdings:
    """Return what is kept and lost in a clock month; every owner of a benefit that is not gained is listed."""
    before = kept = 0
    lost: dict[str, int] = {}
    for benefit in benefits:
        amount_gr, is_kept = benefit.amount_gr, benefit.is_kept(clock_month)
        if is_kept:
            kept += amount_gr
        if not benefit.gained:
            before += amount_gr
            lost[benefit.owner] = lost.get(benefit.owner, 0) + (0 if is_kept else amount_gr)
    return Holdings(before, kept, lost)
