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
    """A calendar month of a case: which part of it was worked in which clock month at which wage."""

    case: Case
    parts: dict[tuple[int, int], Fraction] = field(default_factory=dict)
    last_wage: int = 0

    def add(self, m: int, wage: int, part: Fraction) -> None:
        self.last_wage = wage
        self.parts[m, wage] = self.parts.get((m, wage), Fraction(0)) + part

    @property
    def clock_months(self) -> set[int]:
        return {m for m, _ in self.parts}

    @property
    def fraction(self) -> Fraction:
        return sum(self.parts.values(), Fraction(0))

    @property
    def need(self) -> Fraction:
        return sum((missing(self.case, m, wage)[0] * part for (m, wage), part in self.parts.items()), Fraction(0))

    @property
    def codes(self) -> set[str]:
        return {missing(self.case, m, wage)[1] for m, wage in self.parts}

    @property
    def wage(self) -> Fraction:
        return sum((wage * part for (_, wage), part in self.parts.items()), Fraction(0))

    @property
    def kept(self) -> Fraction:
        return sum((kept(self.case, m) * part for (m, _), part in self.parts.items()), Fraction(0))

    @property
    def lost(self) -> dict[str, Fraction]:
        """What each owner no longer pays, in the order of the benefits."""
        found: dict[str, Fraction] = {}
        for each in self.case.benefits:
            if not each.gained:
                gone = sum((part for (m, _), part in self.parts.items() if not is_kept(each, m)), Fraction(0))
                found[each.owner] = found.get(each.owner, Fraction(0)) + each.amount_gr * gone
        return found


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


def kept(case: Case, m: int) -> int:
    return sum(each.amount_gr for each in case.benefits if is_kept(each, m))


def missing(case: Case, m: int, wage: int) -> tuple[Fraction, str]:
    """Return what is missing for a full month in clock month m, and the letter of the reason."""
    p = case.parameters
    premium, taper = Fraction(p.premium_bp, 10_000), Fraction(p.taper_bp, 10_000)
    before = sum(each.amount_gr for each in case.benefits if not each.gained)
    env = max(Fraction(0), curve(p.curve)[m - 1] * before - taper * max(0, wage - p.disregard_gr))
    guarantee = max(Fraction(0), before - (1 - premium) * wage) if m <= p.guarantee_months else Fraction(0)
    found = max(env, guarantee, Fraction(kept(case, m))) - kept(case, m)
    return found, "Z" if found == 0 else "G" if guarantee > env else "K"


def months_of(case: Case) -> dict[str, OracleMonth]:
    """Return the calendar months with work until the clock reaches 12."""
    found: dict[str, OracleMonth] = {}
    clock = Fraction(0)
    changes = {each.effective for each in case.employment}
    day, wage = min(changes), None
    while clock < 12:
        if day in changes:
            wage = wage_on(day, case.employment)
        if wage is None and day > max(changes):
            break
        left = Fraction(1, days_in(day))
        while wage is not None and left and clock < 12:
            m = floor(clock) + 1
            part = min(left, m - clock)
            found.setdefault(f"{day:%Y-%m}", OracleMonth(case)).add(m, wage, part)
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
        "gap_gr": gap(case, list(months.values())),
    }


def gap(case: Case, months: list[OracleMonth]) -> int:
    """Return what will be missing at the last wage of the scheme."""
    if not months:
        return 0
    before = sum(each.amount_gr for each in case.benefits if not each.gained)
    for_good = sum(each.amount_gr for each in case.benefits if each.kept_months is None)
    return max(0, before - months[-1].last_wage - for_good)
