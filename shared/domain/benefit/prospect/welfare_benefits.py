"""Benefits of welfare centre and gmina that depend on income, by their own rules; grosze a month, rounded half up.

What the table of law does not know is refused by name (``NoValue``). Left out, since the table has no figures for
them: supplements to the family allowance other than those of a lone parent and of a large family.

>>> from datetime import date
>>> law = Figures(date(2026, 5, 1))
>>> four = Household(members=4, ages=(3, 9))
>>> temporary_allowance(household=four, income_gr=0, law=law)
164600
>>> temporary_allowance(household=four, income_gr=188693, law=law)
70254
>>> family_allowance(household=four, income_gr=188693, law=law)
21900
"""

from typing import Final

from shared.domain.benefit.prospect.figures import Figures, part
from shared.domain.benefit.prospect.household import Household
from shared.domain.money import half_up

LEAST_FAMILY_GR: Final = 2_000
"""Family allowance below 20 zł is not paid: the unit of FA_TAPER says so."""
_LARGE_FAMILY_FROM: Final = 3
_LONE_PARENT_CHILDREN: Final = 2
"""The supplement of a lone parent is at most that of two children: its unit says so."""
_SCHOOL_FROM, _GROWN_FROM = 5, 18


def temporary_allowance(*, household: Household, income_gr: int, law: Figures) -> int:
    """Return the temporary allowance (*zasiłek okresowy*): a share of the criterion less income, at least 20 zł.

    A person alone gets at most the criterion for one person of a family (act on social assistance, art. 38).
    """
    gap = criterion(household=household, law=law) - income_gr
    if gap <= 0:
        return 0
    share = max(household.paid_share_bp or 0, law.basis_points("SA_OKRESOWY_FLOOR"))
    due = part(gap, share)
    if household.members == 1:
        due = min(due, law.grosze("SA_OKRESOWY_MAX_SINGLE"))
    return max(due, law.grosze("SA_OKRESOWY_MIN"))


def permanent_allowance(*, household: Household, income_gr: int, law: Figures) -> int:
    """Return the permanent allowance (*zasiłek stały*): a factor of the criterion less income a head, bounded."""
    full = part(criterion(household=household, law=law), law.basis_points("SA_STALY_FORMULA_FACTOR"))
    due = (full - income_gr) // household.members
    return max(law.grosze("SA_STALY_MIN"), min(due, law.grosze("SA_STALY_MAX"))) if due > 0 else 0


def family_allowance(*, household: Household, income_gr: int, law: Figures) -> int:
    """Return the family allowance (*zasiłek rodzinny*) with supplements, less each złoty above the criterion."""
    due = sum(law.grosze(_child_param(age)) for age in household.ages)
    if len(household.ages) >= _LARGE_FAMILY_FROM:
        due += (len(household.ages) - _LARGE_FAMILY_FROM + 1) * law.grosze("FA_SUPP_LARGE_FAMILY")
    if household.is_lone_parent and household.ages:
        due += min(len(household.ages), _LONE_PARENT_CHILDREN) * law.grosze("FA_SUPP_LONE_PARENT")
    above = max(0, income_gr - family_limit(household=household, law=law))
    due -= part(above, law.basis_points("FA_TAPER"))
    return due if due >= LEAST_FAMILY_GR else 0


def family_limit(*, household: Household, law: Figures) -> int:
    """Return the income of the whole household up to which family allowance is paid in full."""
    param = "FA_CRITERION_DISABLED_CHILD" if household.has_disabled_child else "FA_CRITERION"
    return law.grosze(param) * household.members


def housing_allowance(*, full_gr: int, household: Household, income_gr: int, law: Figures) -> int:
    """Return what is left of a housing allowance (*dodatek mieszkaniowy*) at an income."""
    return max(0, full_gr - housing_excess(household=household, income_gr=income_gr, law=law))


def housing_excess(*, household: Household, income_gr: int, law: Figures) -> int:
    """Return what an income above the limit takes off a housing allowance."""
    above = max(0, income_gr - housing_limit(household=household, law=law))
    return part(above, law.basis_points("HB_TAPER"))


def housing_limit(*, household: Household, law: Figures) -> int:
    """Return the income of the whole household up to which housing allowance is paid in full."""
    param = "HB_INCOME_LIMIT_1" if household.members == 1 else "HB_INCOME_LIMIT_N"
    return law.grosze(param) * household.members


def maintenance_left(*, paid_gr: int, household: Household, before_gr: int, after_gr: int, law: Figures) -> int:
    """Return what a rise of income leaves of one child's money of the maintenance fund (*fundusz alimentacyjny*).

    Each złoty of income a head above the criterion takes one off; what that leaves below 100 zł is not paid.

    >>> from datetime import date
    >>> two, law = Household(members=2, ages=(4,)), Figures(date(2026, 5, 1))
    >>> maintenance_left(paid_gr=40000, household=two, before_gr=0, after_gr=261800, law=law)
    30000
    """
    before, after = (_maintenance_excess(household, income, law) for income in (before_gr, after_gr))
    left = max(0, paid_gr + before - after)
    return 0 if after and left < law.grosze("MF_MIN") else left


def maintenance_limit(*, household: Household, law: Figures) -> int:
    """Return the income of the whole household up to which the maintenance fund pays in full."""
    return law.grosze("MF_CRITERION") * household.members


def _maintenance_excess(household: Household, income_gr: int, law: Figures) -> int:
    above = max(0, income_gr - maintenance_limit(household=household, law=law))
    return half_up(part(above, law.basis_points("MF_TAPER")), household.members)


def criterion(*, household: Household, law: Figures) -> int:
    """Return the income criterion (*kryterium dochodowe*) of social assistance for the whole household."""
    param = "SA_CRITERION_SINGLE" if household.members == 1 else "SA_CRITERION_FAMILY"
    return law.grosze(param) * household.members


def _child_param(age: int) -> str:
    if age < _SCHOOL_FROM:
        return "FA_CHILD_0_5"
    return "FA_CHILD_5_18" if age < _GROWN_FROM else "FA_CHILD_18_24"
