"""The activation supplement (*dodatek aktywizacyjny*) that a job would bring to who is on unemployment benefit.

For a job on the labour office's referral at less than the minimum wage it fills up to the minimum wage, at most half
of the base, while the right to unemployment benefit would have lasted. For a job that the person found it is at most
half of the base, for half of that time; the most is counted, and the outcome says so.

>>> paid = Held(benefit_id="1", owner="pup-2478", code="PUP-ZAS", amount_gr=127482, until=date(2026, 9, 30))
>>> half_time = Job.of_gross(240300, start=date(2026, 7, 1), is_referred=True)
>>> found, _ = supplement([paid], job=half_time)
>>> found.held.amount_gr, found.kept_months
(89195, 4)
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from shared.domain.benefit.curves import MONTHS, WHOLE_BP
from shared.domain.benefit.dated import Table
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.benefit.prospect.held import Held, Job, Outcome
from shared.domain.benefit.prospect.labour_benefits import (
    MONTH_DAYS,
    activation_supplement,
    most_activation_supplement,
)
from shared.domain.benefit.prospect.remark import Remark

_BENEFIT, _SUPPLEMENT = "PUP-ZAS", "PUP-DAK"
_NOTHING: Final[tuple[Outcome | None, Remark | None]] = (None, None)


def supplement(held: Sequence[Held], *, job: Job, law: Table | None = None) -> tuple[Outcome | None, Remark | None]:
    """Return the supplement as a benefit gained, or a remark on why it was not counted; neither where none is due.

    ``law`` is a reform's table.

    :raises NoValue: the table of law does not know the base or the minimum wage of the first day.
    """
    paid = next((one for one in held if one.code == _BENEFIT and one.is_exchanged), None)
    if paid is None or any(one.code == _SUPPLEMENT for one in held):
        return _NOTHING
    figures = Figures(job.start, law)
    if job.is_referred is None:
        return None, Remark("supplement_referral_unknown", amount_gr=most_activation_supplement(law=figures))
    if job.is_referred and job.wage is None:
        return None, Remark("supplement_gross_unknown", amount_gr=most_activation_supplement(law=figures))
    amount = _amount(job, figures)
    if not amount:
        return _NOTHING
    if paid.until is None:
        return None, Remark("supplement_end_unknown", amount_gr=amount)
    share = WHOLE_BP if job.is_referred else figures.basis_points("ACTIV_SUPP_ALONE_PERIOD")
    months = _months_left(job.start, paid.until, share)
    if not months:
        return _NOTHING
    return _gained(paid, job, amount, months, figures), None


def _amount(job: Job, figures: Figures) -> int:
    if job.is_referred and job.wage is not None:
        return activation_supplement(gross_gr=job.wage.gross_gr, law=figures)
    return most_activation_supplement(law=figures)


def _gained(paid: Held, job: Job, amount_gr: int, months: int, figures: Figures) -> Outcome:
    return Outcome(
        held=Held(benefit_id="", owner=paid.owner, code=_SUPPLEMENT, amount_gr=amount_gr, is_gained=True),
        becomes="gained",
        why="supplement_rule" if job.is_referred else "supplement_alone_rule",
        kept_months=months,
        figures=figures.used,
        notes=() if job.is_referred else ("at_most",),
    )


def _months_left(start: date, until: date, share_bp: int) -> int:
    """Return the months, begun ones too, of a share of the time for which the benefit would have been paid on."""
    rest = (until - start).days + 1
    return min(MONTHS, max(0, -(-rest * share_bp // (MONTH_DAYS * WHOLE_BP))))
