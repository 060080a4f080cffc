"""What stands beside the months of a job that is asked about: as the question has it, else as it was recorded."""

from datetime import date

from shared.domain.benefit.entered import Entered, Monthly, in_force
from shared.domain.benefit.prospect.household import Household
from shared.institution.models.preview import PreviewQuestion
from shared.institution.models.previewed import BesideSources


def entered(asked: PreviewQuestion, kept: Entered) -> Entered:
    """Return costs, deductions and income of others: each group that is asked replaces what is recorded of it."""
    costs, taken, others = asked.costs_of_work, asked.deductions, kept.other_income
    if asked.household and (asked.household.other_income_gr is not None or others is None):
        others = _always(asked.household.other_income_gr or 0)
    return Entered(
        costs=_always(costs.care_gr, costs.travel_gr, costs.other_gr) if costs else kept.costs,
        deductions=_always(taken.bailiff_gr, taken.alimony_gr, taken.other_gr) if taken else kept.deductions,
        other_income=others,
    )


def household(asked: PreviewQuestion, kept: Entered, *, on: date) -> Household | None:
    """Return the household as tests of income take it on a day, or ``None`` where nothing was said of it."""
    if asked.household is None:
        return None
    other = entered(asked, kept).other_income or ()
    return asked.household.household(other_income_gr=in_force(other, on=on))


def sources(asked: PreviewQuestion, kept: Entered) -> BesideSources:
    """Return where each group comes from."""
    is_recorded = kept.other_income is not None
    is_asked = asked.household is not None and (asked.household.other_income_gr is not None or not is_recorded)
    return BesideSources(
        costs_of_work="asked" if asked.costs_of_work else "recorded",
        deductions="asked" if asked.deductions else "recorded",
        household_income="asked" if is_asked else "recorded" if is_recorded else "unknown",
    )


def _always(*amounts_gr: int) -> tuple[Monthly, ...]:
    return tuple(Monthly(amount_gr=amount_gr) for amount_gr in amounts_gr)
