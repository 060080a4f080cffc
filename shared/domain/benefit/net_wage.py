"""From gross to net wage (*wynagrodzenie netto*) by the dated figures of law, for an employee with standard costs.

Contributions are rounded half up to the grosz each, the tax base and the advance half up to the złoty. The health
contribution is lowered, at very low wages, to the advance that the rules of 2021-12-31 would give (art. 83(1) and (2b)
of the act on health care services financed from public funds). The relief of each month is that of one job with the
PIT-2 statement; the second tax bracket, the yearly limit of contributions and reliefs by age are left out.

>>> net_wage(480600, on=date(2026, 5, 1)).net_gr, net_wage(240300, on=date(2026, 5, 1)).net_gr
(360585, 188693)
>>> net_wage(466600, on=date(2025, 5, 1)).net_gr
351092
>>> net_wage(300000, on=date(2022, 3, 1))
Traceback (most recent call last):
NoValue: PIT_RELIEF_MONTH has no value from 2022-01-01 to 2022-06-30.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from shared.domain.benefit.curves import WHOLE_BP
from shared.domain.benefit.dated import DatedValue, Table
from shared.domain.benefit.law import law_value
from shared.domain.money import amount, half_up

_SOCIAL: Final = ("ZUS_EMPLOYEE_PENSION", "ZUS_EMPLOYEE_DISABILITY", "ZUS_EMPLOYEE_SICKNESS")
_TAX: Final = ("PIT_COSTS_MONTH", "PIT_RATE", "PIT_RELIEF_MONTH")
_RULES_OF_2021: Final = date(2021, 12, 31)
_ZLOTY: Final = 100


@dataclass(frozen=True, slots=True)
class NetWage:
    """A monthly wage taken apart, in grosze; ``verified`` only if every one of ``figures``, the law used, is."""

    gross_gr: int
    social_gr: int
    health_gr: int
    tax_gr: int
    net_gr: int
    verified: bool
    figures: tuple[DatedValue, ...] = field(default=(), compare=False, repr=False)


def net_wage(gross_gr: int, *, on: date, law: Table | None = None) -> NetWage:
    """Return the net wage of a full month for a gross wage, by the law of a day; ``law`` is a reform's table.

    :raises NoValue: a figure is not known for that day; the text names it and the gap.
    :raises NegativeAmount: the wage is below zero.
    :raises AmountOutOfRange: the wage is too high to be one.
    """
    amount(gross_gr, field="gross_gr")
    rates = [law_value(param=param, on=on, law=law) for param in _SOCIAL]
    health = law_value(param="HEALTH", on=on, law=law)
    tax = [law_value(param=param, on=on, law=law) for param in _TAX]
    tax_2021 = [law_value(param=param, on=_RULES_OF_2021, law=law) for param in _TAX]
    social_gr = sum(half_up(gross_gr * rate.basis_points(), WHOLE_BP) for rate in rates)
    left_gr = gross_gr - social_gr
    health_gr = min(half_up(left_gr * health.basis_points(), WHOLE_BP), _advance_gr(left_gr, tax_2021))
    tax_gr = half_up(_advance_gr(left_gr, tax), _ZLOTY) * _ZLOTY
    return NetWage(
        gross_gr=gross_gr,
        social_gr=social_gr,
        health_gr=health_gr,
        tax_gr=tax_gr,
        net_gr=left_gr - health_gr - tax_gr,
        verified=all(row.verified for row in (*rates, health, *tax, *tax_2021)),
        figures=(*rates, health, *tax, *tax_2021),
    )


def _advance_gr(left_gr: int, tax: list[DatedValue]) -> int:
    """Return the advance of tax to the grosz: the rate on the base in whole złoty, less the relief."""
    costs, rate, relief = tax
    base = half_up(max(0, left_gr - costs.grosze()), _ZLOTY)
    return max(0, base * _ZLOTY * rate.basis_points() // WHOLE_BP - relief.grosze())
