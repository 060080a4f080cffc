"""What becomes of each benefit on taking a job: by the catalogue's effect, the owner's word and the rules of law.

What depends on income is tested once, in the order family allowance, housing allowance, maintenance fund, temporary
allowance, so that nothing is tested in a circle; see ``income_tests``.
Source: BENEFIT.md, "Inputs" and "Before the job".

>>> from datetime import date
>>> paid = Held(benefit_id="1", owner="ops-2478011", code="OPS-ZOK", amount_gr=50500)
>>> job = Job(start=date(2026, 3, 2), net_gr=60000)
>>> found, = outcomes([paid], job=job, household=Household(members=1))
>>> found.becomes, found.remaining_gr, found.kept_months
('shrinks', 20500, 0)
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from shared.domain.benefit.dated import Table
from shared.domain.benefit.prospect.figures import Figures
from shared.domain.benefit.prospect.held import Becomes, Held, Job, Note, Outcome, Why
from shared.domain.benefit.prospect.household import Household
from shared.domain.benefit.prospect.income_tests import FAMILY, TESTS, Asked, Tested

_NEVER: Final[dict[str, Why]] = {"one_off": "one_off", "is_job": "job_itself"}
_DEGRESSIVE: Final = "BRK-DEG"


def outcomes(
    held: Sequence[Held],
    *,
    job: Job,
    household: Household | None,
    beside: Sequence[Outcome] = (),
    extra_income_gr: int = 0,
    law: Table | None = None,
) -> tuple[Outcome, ...]:
    """Return what becomes of each benefit, in the order given.

    ``beside`` is paid as well and may be income: a supplement that the job brings. ``extra_income_gr`` counts as income
    beside the wage: the degressive benefit itself, should the law say so. ``law`` is a reform's table.

    :raises NoValue: a rule needs a figure that the table of law does not have for the day of the start.
    """
    found = [settled(one, job=job, law=law) for one in held]
    for code, test in TESTS.items():
        places = [place for place, one in enumerate(held) if one.code == code and not one.is_kept_stated]
        if not places:
            continue
        if household is None or (code == FAMILY and not household.ages):
            note: Note = "children_missing" if household else "household_missing"
            for place in places:
                found[place] = _unknowing(found[place], note)
            continue
        asked = Asked(
            amounts_gr=[held[place].amount_gr for place in places],
            others=[one for one in (*found, *beside) if one.held.code != code],
            household=household,
            earned_gr=household.other_income_gr + job.net_gr + extra_income_gr,
            on=job.start,
            law=law,
        )
        tested = test(asked)
        for place, left in zip(places, tested.left_gr, strict=True):
            found[place] = _by_rule(found[place], tested, min(left, held[place].amount_gr))
    return tuple(found)


def settled(one: Held, *, job: Job, law: Table | None = None) -> Outcome:
    """Return what becomes of a benefit by catalogue and owner alone."""
    form = one.form
    if not one.is_exchanged:
        return Outcome(held=one, becomes="outside", why="not_exchanged")
    if one.code == _DEGRESSIVE:
        return Outcome(held=one, becomes="outside", why="degressive")
    if form is not None and form.effect in _NEVER:
        return Outcome(held=one, becomes="outside", why=_NEVER[form.effect])
    figures = Figures(job.start, law)
    kept, why = _kept(one, figures)
    remaining = 0 if kept is None else one.remaining_gr or 0
    notes: tuple[Note, ...] = ("kind_hidden",) if one.is_masked else ()
    outcome = Outcome(
        held=one,
        becomes="lost",
        why="recorded_rest" if remaining else why,
        kept_months=kept,
        remaining_gr=remaining,
        figures=figures.used,
        notes=notes,
    )
    return replace(outcome, becomes=_named(outcome))


def _kept(one: Held, law: Figures) -> tuple[int | None, Why]:
    """Return for how many clock months a benefit is kept, and by what; as ``assemble`` does for the case."""
    form = one.form
    if one.is_kept_stated:
        return one.kept_months, "stated"
    if form is None or form.effect == "lost":
        return 0, "catalogue"
    if form.effect == "shrinks":
        return 0, "recorded_rest"
    if form.effect == "bridge":
        law.whole("SA_BRIDGE_AFTER_JOB")
        return (form.kept_months or 0, "contract") if one.has_contract else (0, "no_contract")
    return None, "catalogue"


def _named(outcome: Outcome) -> Becomes:
    if outcome.held.is_gained:
        return "gained"
    if outcome.kept_months is None or not outcome.passing_gr:
        return "kept_for_good"
    if outcome.remaining_gr:
        return "shrinks"
    return "kept" if outcome.kept_months else "lost"


def _unknowing(outcome: Outcome, note: Note) -> Outcome:
    """Return an outcome with a note of what its rule of law would have had to know."""
    if outcome.becomes == "outside":
        return outcome
    missing: tuple[Note, ...] = ("rest_missing",) if outcome.held.remaining_gr is None else ()
    return replace(outcome, notes=(*outcome.notes, note, *missing))


def _by_rule(outcome: Outcome, tested: Tested, remaining_gr: int) -> Outcome:
    """Return an outcome as a rule of law makes it: what it leaves stays for good."""
    if outcome.becomes == "outside":
        return outcome
    changed = replace(
        outcome,
        why=tested.why,
        remaining_gr=remaining_gr,
        income_gr=tested.income_gr,
        limit_gr=tested.limit_gr,
        share_bp=tested.share_bp,
        figures=(*outcome.figures, *tested.figures),
        notes=(*outcome.notes, *tested.notes),
    )
    return replace(changed, becomes=_named(changed))
