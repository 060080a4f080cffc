"""Dated settings of the life of a case (*sprawa*): breaks, lock, deductions, appeal, income (``scheme.csv``).

They are the scheme's own and marked unverified, as every row of that file is; what a case froze on its first start
stays with it.

>>> case_settings(on=date(2026, 3, 1)).lock_months
24
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.domain.benefit.dated import WrongUnit, table
from shared.domain.benefit.members import whole
from shared.domain.benefit.span import plus_months

_BOUNDS: Final = {
    "break_months": (0, 120),
    "lock_months": (0, 240),
    "deduction_limit_bp": (0, 10_000),
    "appeal_days": (0, 366),
}
_TRUTHS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class CaseSettings:
    """What holds for a case besides the parameters of its amounts.

    - ``break_months``: a break of work up to so long resumes the clock, a longer one ends the case;
    - ``lock_months``: so long after its end no new case begins;
    - ``deduction_limit_bp``: most of a payment that may be held back for an overpayment (*nadpłata*);
    - ``appeal_days``: time limit of an appeal (*odwołanie*) from the delivery of the decision;
    - ``counts_as_income``: whether the benefit is income for other benefits;
    - ``legal_basis``: what a decision names as its basis, in Polish.
    """

    break_months: int
    lock_months: int
    deduction_limit_bp: int
    appeal_days: int
    counts_as_income: bool
    legal_basis: str

    def locked_until(self, ends_on: date) -> date:
        """Return the last day on which no new case begins, after the end of one."""
        return plus_months(ends_on, self.lock_months)


def case_settings(*, on: date) -> CaseSettings:
    """Return the settings in force on a day.

    :raises NoValue: the table does not reach back to that day.
    :raises WrongUnit: ``counts_as_income`` is neither true nor false.
    """
    scheme = table("scheme.csv")
    numbers = {
        name: whole(int(scheme.value(param=name, on=on).value), field=name, low=low, high=high)
        for name, (low, high) in _BOUNDS.items()
    }
    printed = scheme.value(param="counts_as_income", on=on).value
    if printed not in _TRUTHS:
        raise WrongUnit(field="counts_as_income", expected="true or false")
    return CaseSettings(
        counts_as_income=_TRUTHS[printed],
        legal_basis=scheme.value(param="legal_basis", on=on).value,
        **numbers,
    )
