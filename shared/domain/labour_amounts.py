"""What a labour office's benefits and stipends amount to on a day, by the dated figures of law; grosze a month.

What was granted under the act of before June 2025 goes on at its level; the base is that of the day. Thresholds of
years and hours stand in the units of the figures. Nothing here decides: the caseworker is shown an amount and its
sources, and a recorded amount that differs is marked, never refused.

>>> found = amount_by_law(Asked(code="PUP-ZAS", on=date(2026, 7, 1), seniority_years=12))
>>> found.gross_gr, found.net_gr, [row.param for row in found.figures]
(178390, 162335, ['UB_BASE_90', 'UB_LEVEL_STD', 'UB_NET_FACTOR'])
>>> amount_by_law(Asked(code="PUP-ZAS", on=date(2026, 7, 1)))
Traceback (most recent call last):
SeniorityRequired: The level of unemployment benefit depends on the years of work; say how many.
>>> amount_by_law(Asked(code="OPS-ZST", on=date(2026, 7, 1)))
Traceback (most recent call last):
NoAmountByLaw: The figures of law that we hold set no amount of this code.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from shared.domain.benefit.dated import DatedValue, NoValue
from shared.domain.benefit.prospect import labour_benefits as paid
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.errors import Invalid
from shared.domain.money import half_up

SHORT_BELOW_YEARS: Final = 5
LONG_FROM_YEARS: Final = 20
FULL_TRAINING_HOURS: Final = 150
"""Hours a month of a training that pay the whole stipend; fewer pay a part."""
LONGEST_DAYS: Final = 365
"""Days for which a benefit that was granted earlier may still be paid at its old level (UB_DURATION_LONG)."""


class SeniorityRequired(Invalid):
    """The level of unemployment benefit depends on the years of work; say how many."""


class NoAmountByLaw(Invalid):
    """The figures of law that we hold set no amount of this code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the amount depends on: the day, the first day of the right and, by the code, years, hours or the wage."""

    code: str
    on: date
    since: date | None = None
    seniority_years: int | None = None
    hours_month: int | None = None
    wage_gross_gr: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmountByLaw:
    """An amount with the figures behind it; ``net_gr`` is ``None`` where the law of the day is ``missing`` a figure.

    ``at_most``: hours or the wage were not said, and the amount is the most that it may be.
    """

    gross_gr: int
    net_gr: int | None
    at_most: bool
    figures: tuple[DatedValue, ...]
    missing: tuple[str, ...] = ()

    @property
    def is_verified(self) -> bool:
        """Tell whether every figure was found in a source."""
        return not self.missing and all(row.verified for row in self.figures)


@dataclass(frozen=True, slots=True)
class Possible:
    """Amounts in hand that a benefit of a code may have on a day; of one with ``at_most``, the highest."""

    net_gr: tuple[int, ...]
    at_most: bool
    is_verified: bool

    def differs(self, net_gr: int) -> bool:
        """Tell whether an amount is none of these."""
        return net_gr > max(self.net_gr) if self.at_most else net_gr not in self.net_gr


def amount_by_law(asked: Asked) -> AmountByLaw:
    """Return what the law gives for what is asked.

    :raises NoAmountByLaw: the code has no rule here.
    :raises SeniorityRequired: the level of unemployment benefit cannot be told without the years of work.
    :raises NoValue: the table of law has no figure for the day; the text names the gap.
    """
    rule = _RULES.get(asked.code)
    if rule is None:
        raise NoAmountByLaw(field="code", expected=sorted(_RULES), received=asked.code)
    return rule(asked, Figures(asked.on), Figures(min(asked.since or asked.on, asked.on)))


@lru_cache(maxsize=4096)
def possible_amounts(code: str, on: date) -> Possible | None:
    """Return what a benefit that is paid from a day on may amount to; ``None`` where the figures do not say."""
    if code not in _RULES:
        return None
    granted = (on, on - timedelta(days=paid.BETTER_PAID_DAYS), on - timedelta(days=LONGEST_DAYS))
    years = (0, SHORT_BELOW_YEARS, LONG_FROM_YEARS) if code == _BENEFIT else (None,)
    found = [_or_none(Asked(code=code, on=on, since=since, seniority_years=one)) for since in granted for one in years]
    known = [one for one in found if one is not None and one.net_gr is not None]
    if not known:
        return None
    amounts = tuple(sorted({one.net_gr for one in known if one.net_gr is not None}))
    return Possible(amounts, known[0].at_most, all(one.is_verified for one in known))


def _or_none(asked: Asked) -> AmountByLaw | None:
    try:
        return amount_by_law(asked)
    except NoValue:
        return None


def _unemployment_benefit(asked: Asked, law: Figures, granted: Figures) -> AmountByLaw:
    if asked.seniority_years is None:
        raise SeniorityRequired(field="seniority_years")
    level = _level(asked.seniority_years, granted.on)
    gross = paid.gross_unemployment_benefit(since=granted.on, level=level, law=law, granted=granted)
    return _taxed(gross, law, granted)


def _level(years: int, granted: date) -> str:
    if years >= LONG_FROM_YEARS:
        return "UB_LEVEL_LONG"
    try:
        Figures(granted).basis_points("UB_LEVEL_SHORT")
    except NoValue:
        return "UB_LEVEL_STD"
    return "UB_LEVEL_SHORT" if years < SHORT_BELOW_YEARS else "UB_LEVEL_STD"


def _stipend(param: str, full_hours: int | None = None) -> "_Rule":
    def rule(asked: Asked, law: Figures, granted: Figures) -> AmountByLaw:
        gross = paid.gross_stipend(param, law=law, granted=granted)
        if full_hours is not None and asked.hours_month is not None:
            gross = half_up(gross * min(asked.hours_month, full_hours), full_hours)
        return _taxed(gross, law, granted, at_most=full_hours is not None and asked.hours_month is None)

    return rule


def _useful_works(asked: Asked, law: Figures, granted: Figures) -> AmountByLaw:
    hours = paid.MOST_USEFUL_HOURS if asked.hours_month is None else min(asked.hours_month, paid.MOST_USEFUL_HOURS)
    amount = half_up(paid.useful_works(law=law) * hours, paid.MOST_USEFUL_HOURS)
    return AmountByLaw(gross_gr=amount, net_gr=amount, at_most=asked.hours_month is None, figures=law.used)


def _activation_supplement(asked: Asked, law: Figures, granted: Figures) -> AmountByLaw:
    if asked.wage_gross_gr is None:
        amount = paid.most_activation_supplement(law=law)
    else:
        amount = paid.activation_supplement(gross_gr=asked.wage_gross_gr, law=law)
    return AmountByLaw(gross_gr=amount, net_gr=amount, at_most=asked.wage_gross_gr is None, figures=law.used)


def _taxed(gross_gr: int, law: Figures, granted: Figures, *, at_most: bool = False) -> AmountByLaw:
    net: int | None = None
    missing: tuple[str, ...] = ()
    try:
        net = paid.in_hand(gross_gr, law=law)
    except NoValue as failure:
        missing = (failure.detail,)
    used = {row.param: row for row in (*law.used[:1], *granted.used, *law.used[1:])}
    return AmountByLaw(gross_gr=gross_gr, net_gr=net, at_most=at_most, figures=tuple(used.values()), missing=missing)


_Rule = Callable[[Asked, Figures, Figures], AmountByLaw]
_BENEFIT: Final = "PUP-ZAS"
_RULES: Final[Mapping[str, _Rule]] = MappingProxyType(
    {
        _BENEFIT: _unemployment_benefit,
        "PUP-STA": _stipend("STIPEND_STAZ"),
        "PUP-SZK": _stipend("STIPEND_TRAINING", FULL_TRAINING_HOURS),
        "PUP-INT": _stipend("STIPEND_INTEGRATION"),
        "PUP-PSU": _useful_works,
        "PUP-DAK": _activation_supplement,
    }
)
