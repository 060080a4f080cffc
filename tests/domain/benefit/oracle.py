"""The rule again, slow and plainly: day by day, with fractions, sharing no code with the product but its inputs."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Any

from shared.domain.benefit.case import Benefit, Case
from shared.domain.benefit.employment import EmploymentEvent


@dataclass
class OracleMonth:
    """What the days of a calendar month add up to; money in grosze."""

    fraction: Fraction = Fraction(0)
    need: Fraction = Fraction(0)
    wage: Fraction = Fraction(0)
    kept: Fraction = Fraction(0)
    lost: dict[str, Fraction] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    clock_months: set[int] = field(default_factory=set)


@cache
def curve(name: object) -> list[Fraction]:
    """Return the twelve rates as fractions of one."""
    if isinstance(name, tuple):
        return [Fraction(rate, 10_000) for rate in name]
    if name == "linear":
        return [Fraction(ceil(Fraction(10_000 * (13 - m), 12)), 10_000) for m in range(1, 13)]
    if name == "stepped":
        return [Fraction(rate, 100) for rate in (100, 100, 100, 75, 75, 75, 50, 50, 50, 25, 25, 25)]
    return [Fraction(next(s for s in range(10_001) if s**4 * 2 ** (m - 1) >= 10_000**4), 10_000) for m in range(1, 13)]


def wage_on(day: date, events: tuple[EmploymentEvent, ...]) -> int | None:
    """Return the wage of a day: the state of the latest day with events, by its latest recorded one."""
    known = [
        (each.effective, index + 1 if each.recorded is None else each.recorded, index, each)
        for index, each in enumerate(events)
        if each.effective <= day
    ]
    return max(known, key=lambda each: each[:3])[3].net_wage_gr if known else None


def is_kept(benefit: Benefit, month: int) -> bool:
    return benefit.kept_months is None or month <= benefit.kept_months


def add_day(month: OracleMonth, case: Case, m: int, wage: int, part: Fraction) -> None:
    """Add a part of a day in clock month m."""
    p = case.parameters
    premium, taper = Fraction(p.premium_bp, 10_000), Fraction(p.taper_bp, 10_000)
    before = sum(each.amount_gr for each in case.benefits if not each.gained)
    kept = sum(each.amount_gr for each in case.benefits if is_kept(each, m))
    env = max(Fraction(0), curve(p.curve)[m - 1] * before - taper * max(0, wage - p.disregard_gr))
    guarantee = max(Fraction(0), before - (1 - premium) * wage) if m <= p.guarantee_months else Fraction(0)
    missing = max(env, guarantee, Fraction(kept)) - kept
    month.codes.add("Z" if missing == 0 else "G" if guarantee > env else "K")
    month.fraction += part
    month.need += missing * part
    month.wage += wage * part
    month.kept += kept * part
    month.clock_months.add(m)
    for each in case.benefits:
        if not each.gained:
            gone = 0 if is_kept(each, m) else each.amount_gr
            month.lost[each.owner] = month.lost.get(each.owner, Fraction(0)) + gone * part


def months_of(case: Case) -> dict[str, OracleMonth]:
    """Return the calendar months with work until the clock reaches 12."""
    found: dict[str, OracleMonth] = {}
    clock = Fraction(0)
    day = min(each.effective for each in case.employment)
    last = max(each.effective for each in case.employment)
    while clock < 12:
        wage = wage_on(min(day, last), case.employment)
        if wage is None and day > last:
            break
        left = Fraction(1, days_in(day))
        while wage is not None and left and clock < 12:
            m = floor(clock) + 1
            part = min(left, m - clock)
            add_day(found.setdefault(f"{day:%Y-%m}", OracleMonth()), case, m, wage, part)
            clock += part
            left -= part
        day += timedelta(days=1)
    return found


def days_in(day: date) -> int:
    return ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day


def share(amount: int, lost: dict[str, Fraction]) -> dict[str, int]:
    """Split by largest remainder."""
    total = sum(lost.values())
    if not total:
        return dict.fromkeys(lost, 0)
    quotas = {owner: amount * each / total for owner, each in lost.items()}
    shares = {owner: floor(quota) for owner, quota in quotas.items()}
    order = sorted(quotas, key=lambda owner: (floor(quotas[owner]) - quotas[owner], owner))
    for owner in order[: amount - sum(shares.values())]:
        shares[owner] += 1
    return shares


def paid(month: OracleMonth, case: Case) -> tuple[int, str]:
    """Return the amount and the codes of a month."""
    p = case.parameters
    amount = ceil(month.need / p.quantum_gr) * p.quantum_gr
    codes = set(month.codes)
    if p.cap_gr is not None:
        cap = floor(p.cap_gr * month.fraction / p.quantum_gr) * p.quantum_gr
        if cap < amount:
            amount = cap
            codes.add("L")
    if month.fraction < 1:
        codes.add("P")
    return amount, "".join(sorted(codes))


def assess_slowly(case: Case) -> dict[str, Any]:
    """Return the result as JSON."""
    listed = []
    months = months_of(case)
    for name, month in months.items():
        amount, codes = paid(month, case)
        listed.append({"month": name, "amount_gr": amount, "codes": codes, "shares_gr": share(amount, month.lost)})
    return {
        "case_id": case.case_id,
        "months": listed,
        "total_gr": sum(each["amount_gr"] for each in listed),
        "gap_gr": gap(case, bool(months)),
    }


def gap(case: Case, worked: bool) -> int:
    """Return what will be missing at the last wage of the scheme."""
    if not worked:
        return 0
    clock, wage, last_wage = Fraction(0), None, 0
    day = min(each.effective for each in case.employment)
    last = max(each.effective for each in case.employment)
    while clock < 12 and not (day > last and wage is None):
        wage = wage_on(min(day, last), case.employment)
        if wage is not None:
            last_wage, clock = wage, clock + Fraction(1, days_in(day))
        day += timedelta(days=1)
    before = sum(each.amount_gr for each in case.benefits if not each.gained)
    for_good = sum(each.amount_gr for each in case.benefits if each.kept_months is None)
    return max(0, before - last_wage - for_good)
