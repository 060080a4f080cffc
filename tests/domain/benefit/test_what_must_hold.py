"""BENEFIT.md, "What must hold": one property a test."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.domain.benefit.case import Benefit, Case
from shared.domain.benefit.curves import steps_bp
from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.rule import assess, work_out

from .builders import PROPERTY, benefits, cases, employments, firsts, full_month_cases, parameters, wages, with_wage
from .oracle import months_of


def before_gr(case: Case) -> int:
    return sum(each.amount_gr for each in case.benefits if not each.gained)


def kept_gr(case: Case, clock_month: int) -> int:
    return sum(each.amount_gr for each in case.benefits if each.is_kept(clock_month))


@PROPERTY
@given(cases())
def test_an_amount_is_never_negative_and_never_above_the_need_rounded_up(case: Case) -> None:
    for month, known in zip(assess(case).months, months_of(case).values(), strict=True):
        quantum = case.parameters.quantum_gr
        assert 0 <= month.amount_gr <= ceil(known.need / quantum) * quantum


@PROPERTY
@given(full_month_cases(taper_bp=0, cap_gr=None))
def test_a_full_month_at_100_percent_brings_support_to_the_lost_benefits(case: Case) -> None:
    for index, month in enumerate(assess(case).months):
        kept = kept_gr(case, index + 1)
        if steps_bp(case.parameters.curve)[index] == 10_000 and kept <= before_gr(case):
            assert 0 <= kept + month.amount_gr - before_gr(case) < case.parameters.quantum_gr


@PROPERTY
@given(full_month_cases())
def test_support_never_rises_by_a_quantum(case: Case) -> None:
    support = [kept_gr(case, index + 1) + month.amount_gr for index, month in enumerate(assess(case).months)]
    for earlier, later in pairwise(support):
        assert later - earlier < case.parameters.quantum_gr


@PROPERTY
@given(cases(cap_gr=None))
def test_a_guarantee_month_brings_income_to_the_old_benefits_and_the_premium_on_the_wage(case: Case) -> None:
    premium = Fraction(case.parameters.premium_bp, 10_000)
    for month, known in zip(assess(case).months, months_of(case).values(), strict=True):
        if max(known.clock_months) <= case.parameters.guarantee_months:
            income = known.wage + known.kept + month.amount_gr
            assert income >= before_gr(case) * known.fraction + premium * known.wage


@PROPERTY
@given(full_month_cases(), st.integers(1_000, 10_000), st.integers(0, 9_000), st.integers(1, 10))
def test_one_more_zloty_of_wage_never_lowers_income(case: Case, premium: int, taper: int, quantum: int) -> None:
    known = replace(case.parameters, premium_bp=premium, taper_bp=taper, quantum_gr=quantum)
    case = replace(case, parameters=known)
    wage = case.employment[0].net_wage_gr or 0
    less, more = assess(with_wage(case, wage)), assess(with_wage(case, wage + 100))
    for poorer, richer in zip(less.months, more.months, strict=True):
        assert richer.amount_gr + 100 >= poorer.amount_gr


@PROPERTY
@given(cases())
def test_shares_are_never_negative_and_always_exact(case: Case) -> None:
    owners = list(dict.fromkeys(each.owner for each in case.benefits if not each.gained))
    for month in assess(case).months:
        assert [owner for owner, _ in month.shares_gr] == owners
        assert all(share >= 0 for _, share in month.shares_gr)
        assert sum(share for _, share in month.shares_gr) == month.amount_gr


@PROPERTY
@given(cases(), st.data())
def test_splitting_a_month_at_any_day_at_the_same_wage_changes_nothing(case: Case, data: st.DataObject) -> None:
    start = EmploymentEvent("start", case.employment[0].effective, 250_000)
    split = start.effective + timedelta(days=data.draw(st.integers(1, 500)))
    whole = replace(case, employment=(start,))
    parted = replace(case, employment=(start, EmploymentEvent("wage", split, 250_000)))
    assert work_out(parted) == work_out(whole)


@PROPERTY
@given(parameters(cap_gr=None), benefits, employments(wage=250_000), firsts)
def test_the_total_depends_neither_on_the_start_day_nor_on_breaks(
    known: SchemeParameters, held: tuple[Benefit, ...], events: tuple[EmploymentEvent, ...], first: date
) -> None:
    resumed = EmploymentEvent("start", max(each.effective for each in events) + timedelta(days=40), 250_000)
    broken = assess(Case("a", known, held, (*[replace(each, recorded=None) for each in events], resumed)))
    smooth = assess(Case("b", known, held, (EmploymentEvent("start", first, 250_000),)))
    assert -known.quantum_gr * len(smooth.months) < broken.total_gr - smooth.total_gr
    assert broken.total_gr - smooth.total_gr < known.quantum_gr * len(broken.months)


@PROPERTY
@given(cases(), st.data())
def test_any_order_of_events_with_distinct_counters_books_the_same(case: Case, data: st.DataObject) -> None:
    counted = [replace(each, recorded=index) for index, each in enumerate(case.employment)]
    mixed = data.draw(st.permutations(counted))
    repeated = [*mixed, *data.draw(st.lists(st.sampled_from(counted), max_size=3))]
    expected = assess(replace(case, employment=tuple(counted)))
    assert assess(replace(case, employment=tuple(repeated))) == expected


@PROPERTY
@given(cases(), wages)
def test_what_happens_after_the_clock_has_reached_12_changes_nothing(case: Case, wage: int) -> None:
    result = assess(case)
    assume(sum((month.fraction for month in months_of(case).values()), Fraction(0)) == 12)
    later = EmploymentEvent("wage", date(2060, 1, 1), wage, recorded=99)
    assert assess(replace(case, employment=(*case.employment, later))) == result
