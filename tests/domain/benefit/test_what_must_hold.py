"""BENEFIT.md, "What must hold": one property a test, and that each met cases in which it could have failed.

A property over cases that never reach its condition proves nothing, so each test counts what it saw. That the batch
kernel equals the rule stands beside the kernel.
"""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.domain.benefit.case import Benefit, Case
from shared.domain.benefit.clock import MONTH_TICKS, work_months
from shared.domain.benefit.curves import steps_bp
from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.result import Result
from shared.domain.benefit.rule import assess, work_out

from .builders import PROPERTY, benefits, cases, employments, firsts, full_month_cases, parameters, wages, with_wage
from .oracle import months_of, wage_on

ENOUGH = 20
"""How often a property must have been put to the test; it is several times as often, but the draws vary with what else
is loaded, since Hypothesis picks up constants from the code."""


def before_gr(case: Case) -> int:
    return sum(each.amount_gr for each in case.benefits if not each.gained)


def kept_gr(case: Case, clock_month: int) -> int:
    return sum(each.amount_gr for each in case.benefits if each.is_kept(clock_month))


def test_an_amount_is_never_negative_and_never_above_the_need_rounded_up() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(cases())
    def holds(case: Case) -> None:
        for month, known in zip(assess(case).months, months_of(case).values(), strict=True):
            most = ceil(known.need / case.parameters.quantum_gr) * case.parameters.quantum_gr
            assert 0 <= month.amount_gr <= most
            seen.update(month.codes)
            seen["rounded"] += known.need < month.amount_gr
            seen["in two clock months"] += len(known.clock_months) > 1

    holds()
    assert min(seen[each] for each in ["G", "K", "L", "P", "Z", "rounded", "in two clock months"]) >= ENOUGH


def test_a_full_month_at_100_percent_brings_support_to_the_lost_benefits() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(full_month_cases(taper_bp=0, cap_gr=None) | cases(taper_bp=0, cap_gr=None))
    def holds(case: Case) -> None:
        before, steps = before_gr(case), steps_bp(case.parameters.curve)
        for month, known in zip(assess(case).months, months_of(case).values(), strict=True):
            at_full_rate = all(steps[m - 1] == 10_000 and kept_gr(case, m) <= before for m in known.clock_months)
            if known.fraction == 1 and at_full_rate:
                assert 0 <= known.kept + month.amount_gr - before < case.parameters.quantum_gr
                seen["paid"] += month.amount_gr > 0
                seen["paid beside a kept benefit"] += month.amount_gr > 0 and known.kept > 0
                seen["in two clock months"] += len(known.clock_months) > 1

    holds()
    assert min(seen[each] for each in ["paid", "paid beside a kept benefit", "in two clock months"]) >= ENOUGH


def test_support_never_rises_by_a_quantum() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(full_month_cases())
    def holds(case: Case) -> None:
        amounts = [month.amount_gr for month in assess(case).months]
        support = [kept_gr(case, index + 1) + amount for index, amount in enumerate(amounts)]
        for earlier, later in pairwise(support):
            assert later - earlier < case.parameters.quantum_gr
            seen["falls"] += later < earlier
        seen["amount rises as a kept benefit ends"] += any(later > earlier for earlier, later in pairwise(amounts))

    holds()
    assert min(seen["falls"], seen["amount rises as a kept benefit ends"]) >= ENOUGH


def test_a_guarantee_month_brings_income_to_the_old_benefits_and_the_premium_on_the_wage() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(cases(cap_gr=None))
    def holds(case: Case) -> None:
        premium = Fraction(case.parameters.premium_bp, 10_000)
        for month, known in zip(assess(case).months, months_of(case).values(), strict=True):
            if max(known.clock_months) <= case.parameters.guarantee_months:
                income = known.wage + known.kept + month.amount_gr
                promised = before_gr(case) * known.fraction + premium * known.wage
                assert income >= promised
                seen["just enough"] += "G" in month.codes and income < promised + case.parameters.quantum_gr
                seen["in part of a month"] += month.amount_gr > 0 and known.fraction < 1

    holds()
    assert min(seen["just enough"], seen["in part of a month"]) >= ENOUGH


def test_one_more_zloty_of_wage_never_lowers_income() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(full_month_cases(), wages, st.integers(1_000, 10_000), st.integers(0, 9_000), st.integers(1, 10))
    def holds(case: Case, wage: int, premium: int, taper: int, quantum: int) -> None:
        known = replace(case.parameters, premium_bp=premium, taper_bp=taper, quantum_gr=quantum)
        case = replace(case, parameters=known)
        less, more = assess(with_wage(case, wage)), assess(with_wage(case, wage + 100))
        for poorer, richer in zip(less.months, more.months, strict=True):
            assert richer.amount_gr + 100 >= poorer.amount_gr
            seen["the amount falls"] += richer.amount_gr < poorer.amount_gr
            seen["the amount falls by over 80 gr"] += richer.amount_gr < poorer.amount_gr - 80

    holds()
    assert min(seen["the amount falls"], seen["the amount falls by over 80 gr"]) >= ENOUGH


def test_shares_are_never_negative_and_always_exact() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(cases())
    def holds(case: Case) -> None:
        owners = list(dict.fromkeys(each.owner for each in case.benefits if not each.gained))
        for month in assess(case).months:
            shares = [share for _, share in month.shares_gr]
            assert [owner for owner, _ in month.shares_gr] == owners
            assert all(share >= 0 for share in shares)
            assert sum(shares) == month.amount_gr
            seen["several pay"] += sum(share > 0 for share in shares) > 1
            seen["one pays nothing"] += 0 in shares and month.amount_gr > 0

    holds()
    assert min(seen["several pay"], seen["one pays nothing"]) >= ENOUGH


def test_any_order_of_events_with_distinct_counters_books_the_same_and_a_repeated_one_books_nothing() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(cases(), st.data())
    def holds(case: Case, data: st.DataObject) -> None:
        counted = [replace(each, recorded=index) for index, each in enumerate(case.employment)]
        mixed = data.draw(st.permutations(counted))
        repeated = [*mixed, *data.draw(st.lists(st.sampled_from(counted), max_size=3))]
        expected = assess(replace(case, employment=tuple(counted)))
        assert assess(replace(case, employment=tuple(repeated))) == expected
        seen["another order"] += mixed != counted
        seen["several records of a day"] += len({each.effective for each in counted}) < len(counted)

    holds()
    assert min(seen["another order"], seen["several records of a day"]) >= ENOUGH


def test_any_batching_of_events_books_the_same_ledger() -> None:
    """What each institution owes for each month is booked after every batch, as the difference to what was booked."""
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(cases(), st.data())
    def holds(case: Case, data: st.DataObject) -> None:
        counted = [replace(each, recorded=index) for index, each in enumerate(case.employment)]
        arriving = [*data.draw(st.permutations(counted)), data.draw(st.sampled_from(counted))]
        booked: Counter[tuple[str, str]] = Counter()
        arrived: list[EmploymentEvent] = []
        while arriving:
            size = data.draw(st.integers(1, len(arriving)))
            arrived, arriving = arrived + arriving[:size], arriving[size:]
            entries = difference(owed(assess(replace(case, employment=tuple(arrived)))), booked)
            booked.update(entries)
            assert not difference(owed(assess(replace(case, employment=tuple(arrived * 2)))), booked)
            seen["lowered"] += any(entry < 0 for entry in entries.values())
        assert not difference(owed(assess(replace(case, employment=tuple(counted)))), booked)

    holds()
    assert seen["lowered"] >= ENOUGH


def owed(result: Result) -> dict[tuple[str, str], int]:
    return {(month.month, owner): share for month in result.months for owner, share in month.shares_gr}


def difference(due: dict[tuple[str, str], int], booked: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    return {key: due.get(key, 0) - booked[key] for key in due.keys() | booked.keys() if due.get(key, 0) != booked[key]}


def test_splitting_a_month_at_any_day_at_the_same_wage_changes_nothing() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(cases(), st.integers(1, 500))
    def holds(case: Case, later: int) -> None:
        split = min(each.effective for each in case.employment) + timedelta(days=later)
        wage = wage_on(split, case.employment)
        taken = split in {each.effective for each in case.employment}
        assume(wage is not None and not taken)
        working = work_out(case)
        again = EmploymentEvent("wage", split, wage, recorded=len(case.employment))
        split_up = work_out(replace(case, employment=(*case.employment, again)))
        assert split_up._replace(employment=case.employment) == working
        seen["in a month that is paid"] += any(
            month.month == f"{split:%Y-%m}" and month.amount_gr > 0 for month in working.result.months
        )

    holds()
    assert seen["in a month that is paid"] >= ENOUGH


@st.composite
def same_work_with_breaks(draw: st.DrawFn) -> tuple[int, tuple[EmploymentEvent, ...]]:
    """Return a wage and employment at it that stops and resumes, until the clock is full."""
    wage = draw(wages)
    events = [replace(each, recorded=None) for each in draw(employments(wage=wage))]
    resumed = max(each.effective for each in events) + timedelta(days=40)
    return wage, (*events, EmploymentEvent("start", resumed, wage))


def test_without_a_cap_the_total_depends_neither_on_the_start_day_nor_on_breaks() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(parameters(cap_gr=None), benefits(), same_work_with_breaks(), firsts)
    def holds(
        known: SchemeParameters, held: tuple[Benefit, ...], work: tuple[int, tuple[EmploymentEvent, ...]], first: date
    ) -> None:
        wage, events = work
        broken = assess(Case("a", known, held, events))
        smooth = assess(Case("b", known, held, (EmploymentEvent("start", first, wage),)))
        quantum = known.quantum_gr
        assert -quantum * len(smooth.months) < broken.total_gr - smooth.total_gr < quantum * len(broken.months)
        seen["paid in more months"] += smooth.total_gr > 0 and len(broken.months) > 13
        seen["totals differ"] += smooth.total_gr != broken.total_gr

    holds()
    assert min(seen["paid in more months"], seen["totals differ"]) >= ENOUGH


def test_what_happens_after_the_clock_has_reached_12_changes_nothing() -> None:
    seen: Counter[str] = Counter()

    @PROPERTY
    @given(cases(), wages)
    def holds(case: Case, wage: int) -> None:
        result = assess(case)
        run = [ticks for _, _, stretches in work_months(case.employment) for _, _, ticks in stretches]
        assume(sum(run) == 12 * MONTH_TICKS)
        later = EmploymentEvent("wage", date(2060, 1, 1), wage, recorded=99)
        assert assess(replace(case, employment=(*case.employment, later))) == result
        seen["paid"] += result.total_gr > 0

    holds()
    assert seen["paid"] >= ENOUGH
