"""The rule of the degressive benefit (*wsparcie degresywne*): the schedule of a case.

The amount of a calendar month is the sum of what is missing (N, see ``rates``) over its stretches, each times its
fraction of the month, rounded up once to the quantum; never above the cap times the fraction that counts on the
clock, rounded down to the quantum. Whole numbers only. Source: BENEFIT.md.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

from shared.domain.benefit.case import Case
from shared.domain.benefit.clock import MONTH_TICKS, Stretch, work_months
from shared.domain.benefit.curves import MONTHS, WHOLE_BP
from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.rates import Rates, rates_at
from shared.domain.benefit.result import Month, Result
from shared.domain.benefit.shares import holdings_by_month, largest_remainder

RULE_VERSION: Final = "1"

_MONTH_E4: Final = WHOLE_BP * MONTH_TICKS
_G, _K, _L, _P, _Z = 1, 2, 4, 8, 16
_CODES: Final = tuple("".join(sorted(letters)) for letters in product(*(("", letter) for letter in "ZPLKG")))

_MONTHS: Final = tuple(f"-{month:02d}" for month in range(MONTHS + 1))

_Payment = tuple[int, str, tuple[tuple[str, int], ...]]


Part = tuple[Rates, int, int, int]
"""Rates, first, last, ticks: the stretches of a calendar month that are worth the same, clock months of one run at one
wage. First and last are indices into the rates; the ticks are their length (``MONTH_TICKS`` is a whole month)."""


class Working(NamedTuple):
    """A result and, for each of its months, the parts that made the amount, for the explanation to tell."""

    result: Result
    parts: list[list[Part]]
    parameters: SchemeParameters
    employment: Sequence[EmploymentEvent]


def assess(case: Case) -> Result:
    """Return the schedule of a case: amounts, codes, shares, total and gap."""
    return work_out(case).result


def work_out(case: Case) -> Working:
    """Return the schedule of a case with its working."""
    parameters, holdings = case.parameters, holdings_by_month(case.benefits)
    worked = work_months(case.employment)
    wages = {event.net_wage_gr for event in case.employment if event.net_wage_gr is not None}
    rates = {wage: rates_at(wage_gr=wage, holdings=holdings, parameters=parameters) for wage in wages}
    paid: dict[tuple[int, int, int], _Payment] = {}
    months: list[Month] = []
    working: list[list[Part]] = []
    for year, month, stretches in worked:
        parts = _parts(stretches, rates)
        working.append(parts)
        if len(parts) > 1:
            payment = _payment(parts, parameters)
        else:
            # Months of one part that are alike are worked out once.
            at_wage, first, _, ticks = parts[0]
            key = (at_wage.wage_gr, at_wage.runs[first], ticks)
            if key not in paid:
                paid[key] = _payment(parts, parameters)
            payment = paid[key]
        amount, codes, shares = payment
        months.append(Month(f"{year}{_MONTHS[month]}", amount, codes, shares))
    total = sum([month.amount_gr for month in months])
    result = Result(case.case_id, tuple(months), total, _gap(case, working))
    return Working(result, working, parameters, case.employment)


def rounded_up(need: int, *, quantum_gr: int) -> int:
    """Return a need, in 1/10 000 grosz x ticks, as grosze rounded up to the quantum.

    >>> rounded_up(1567651 * 1000 * MONTH_TICKS, quantum_gr=10)
    156770
    """
    unit = _MONTH_E4 * quantum_gr
    return (need + unit - 1) // unit * quantum_gr


def _parts(stretches: Sequence[Stretch], rates: Mapping[int, Rates]) -> list[Part]:
    """Return the stretches of a month with their rates, those that are worth the same taken together."""
    clock_month, wage, length = stretches[0]
    at_wage, first = rates[wage], clock_month - 1
    if len(stretches) == 1:
        return [(at_wage, first, first, length)]
    parts: list[Part] = []
    last = first
    for clock_month, wage, ticks in stretches[1:]:
        index = clock_month - 1
        if at_wage is rates[wage] and at_wage.runs[last] == at_wage.runs[index]:
            last, length = index, length + ticks
        else:
            parts.append((at_wage, first, last, length))
            at_wage, first, last, length = rates[wage], index, index, ticks
    parts.append((at_wage, first, last, length))
    return parts


def _payment(parts: list[Part], parameters: SchemeParameters) -> _Payment:
    """Round up once, hold the cap, name the reasons, share it out."""
    need = ticks = flags = 0
    quantum = parameters.quantum_gr
    for rates, index, _, length in parts:
        missing = rates.missing_e4[index]
        need += missing * length
        ticks += length
        flags |= _Z if not missing else _G if rates.guarantee_e4[index] > rates.curve_e4[index] else _K
    amount = rounded_up(need, quantum_gr=quantum)
    if ticks < MONTH_TICKS:
        flags |= _P
    if parameters.cap_gr is not None:
        most = parameters.cap_gr * ticks // (MONTH_TICKS * quantum) * quantum
        if amount > most:
            amount = most
            flags |= _L
    return amount, _CODES[flags], largest_remainder(amount, weights=_weights(parts))


def _weights(parts: Sequence[Part]) -> Mapping[str, int]:
    """Return what each owner no longer pays in a month, in proportion."""
    rates, first, _, _ = parts[0]
    lost_gr = rates.holdings[first].lost_gr
    if len(parts) == 1 or lost_gr is rates.holdings[parts[-1][2]].lost_gr:
        return lost_gr
    held = [(rates.holdings[index].lost_gr, ticks) for rates, index, _, ticks in parts]
    return {owner: sum([lost[owner] * ticks for lost, ticks in held]) for owner in lost_gr}


def _gap(case: Case, working: Sequence[list[Part]]) -> int:
    """Return what will be missing each month when the scheme ends, at the last wage that counted; grosze.

    Without a day of work nothing is lost, and nothing will be missing.
    """
    if not working:
        return 0
    rates, *_ = working[-1][-1]
    kept_for_good = sum([benefit.amount_gr for benefit in case.benefits if benefit.kept_months is None])
    return max(0, rates.holdings[0].before_gr - rates.wage_gr - kept_for_good)
