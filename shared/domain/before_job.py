"""From what the members told about a person to what a job would change: benefits in force, days that count, jobs held.

Which benefits are in force, and which contract counts, is decided as for the case itself (``assemble``).
"""

from collections.abc import Sequence
from datetime import date

from shared.domain.assemble import Told, has_contract, is_in_force, jobs_of, placements_of, recorded_end, registered
from shared.domain.benefit.eligibility import LookedAt, looked_at
from shared.domain.benefit.employment import standing
from shared.domain.benefit.prospect.held import Held
from shared.domain.catalogue import MASKED_CASH, forms
from shared.domain.errors import DomainError
from shared.domain.events.payloads import support
from shared.domain.events.schema import UNSET


def held_benefits(told: Sequence[Told], *, start: date) -> tuple[Held, ...]:
    """Return the benefits that count for a job that starts on a day, by owner and id.

    A code that never leaves its office is marked as not exchanged: the broker could not know of it.
    """
    benefits = [one for one in told if isinstance(one.payload, support.Benefit) and is_in_force(one.payload, start)]
    in_order = sorted(benefits, key=lambda one: (one.iss, one.payload.benefit_id))
    return tuple(_held(one, told, start) for one in in_order)


def days_before(told: Sequence[Told], *, start: date) -> LookedAt:
    """Return the days registered in the 24 months before a start, and those that placements take off."""
    return looked_at(start=start, registered=registered(told), placements=placements_of(told))


def works_on(told: Sequence[Told], day: date) -> bool:
    """Tell whether any member says that the person works on a day; what no case can hold says nothing."""
    return any(_works(told, iss, day) for iss in {one.iss for one in told})


def _works(told: Sequence[Told], iss: str, day: date) -> bool:
    try:
        jobs = jobs_of(told, iss)
    except DomainError:
        return False
    wages = [wage for on, wage in standing(jobs) if on <= day]
    return bool(wages) and wages[-1] is not None


def _held(one: Told, told: Sequence[Told], start: date) -> Held:
    benefit: support.Benefit = one.payload
    is_stated = benefit.kept_months is not UNSET
    form = forms().get(benefit.code)
    return Held(
        benefit_id=benefit.benefit_id,
        owner=one.iss,
        code=benefit.code,
        amount_gr=benefit.monthly_net,
        remaining_gr=benefit.remaining_net,
        is_kept_stated=is_stated,
        kept_months=benefit.kept_months if is_stated else None,  # type: ignore[arg-type]  # the sentinel is excluded
        is_gained=benefit.gained,
        until=benefit.until,
        ends_on=recorded_end(one, told),
        has_contract=has_contract(one.iss, told, start),
        is_exchanged=benefit.code == MASKED_CASH or (form is not None and form.disclosed_code is not None),
    )
