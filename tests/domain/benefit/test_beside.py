"""What is printed beside the schedule: income before and after, and the two rates, against sums done by hand."""

from datetime import date

from hypothesis import given

from shared.domain.benefit.beside import Beside, beside
from shared.domain.benefit.case import Benefit, Case, parse_case
from shared.domain.benefit.entered import Entered, Monthly
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.benefit.rule import work_out
from shared.domain.period import Period

from .builders import OPS, PROPERTY, PUP, case, event, full_month_cases, with_wage, worked

NET, GROSS = 360585, 480600
MORE = 368085
"""A net wage that the next 100 zł gross would raise by 75.00."""


def months(given: Case, **options: object) -> tuple[Beside, ...]:
    return beside(work_out(given), gross_of={NET: GROSS}, **options)  # type: ignore[arg-type]


def always(*amounts_gr: int) -> tuple[Monthly, ...]:
    return tuple(Monthly(amount_gr=amount_gr) for amount_gr in amounts_gr)


def full_time(*benefits: Benefit, start: str = "2026-03-01", parameters: SchemeParameters | None = None) -> Case:
    return case(event("start", start, NET), benefits=benefits or None, parameters=parameters)


def test_the_first_month_of_a_full_time_job() -> None:
    first = months(full_time())[0]
    # 785.00 and 1 305.20 before; all of it is replaced, so the whole net wage is added.
    assert (first.before_gr, first.wage_gr, first.support_gr, first.after_gr) == (209020, NET, 209020, 569605)
    assert first.participation_bp == 2497  # (4 806.00 - 3 605.85) / 4 806.00


def test_the_participation_tax_rate_rises_as_the_schedule_falls() -> None:
    rates = [month.participation_bp for month in months(full_time())]
    # In the last quarter 2 090.20 less 522.55, 1 567.65 (1 567.60 as 522.60 is paid), are lost beside the tax.
    assert rates == [2497] * 3 + [3584] * 3 + [4672] * 3 + [5759] * 3


def test_kept_and_gained_benefits_are_support_as_much_as_the_schedule() -> None:
    kept, gained = Benefit("OPS-ZOK", OPS, 50000, kept_months=2), Benefit("PUP-DAK", PUP, 20000, None, gained=True)
    first, *_, last = months(full_time(kept, gained))
    assert (first.before_gr, first.support_gr) == (50000, 70000)
    assert last.support_gr == 20000
    assert first.participation_bp == 2081  # (4 806.00 - 3 605.85 - 200.00) / 4 806.00: the supplement lowers it


def test_part_of_a_month_is_measured_by_its_fraction() -> None:
    first = months(full_time(start="2026-03-16"))[0]
    # 16 of 31 days; the schedule pays 1 078.90 for them, 0.09 more than 16/31 of 2 090.20.
    assert (first.wage_gr, first.before_gr) == (186108, 107881)
    assert first.participation_bp == 2497


def test_the_marginal_rate_is_that_of_the_rule_worked_out_anew() -> None:
    given = full_time()
    raised = work_out(with_wage(given, MORE))
    assert {month.marginal_bp for month in months(given, raised=raised)} == {2500}
    tapered = full_time(parameters=SchemeParameters(taper_bp=2_000, guarantee_months=0))
    raised = work_out(with_wage(tapered, MORE))
    # 75.00 of wage come and a fifth of it, 15.00, goes off the curve while it pays anything.
    assert [month.marginal_bp for month in months(tapered, raised=raised)][:6] == [4000] * 6


def test_where_the_guarantee_binds_four_fifths_of_a_rise_are_taken_off() -> None:
    small, rise = 50000, 7500
    given = case(event("start", "2026-03-01", small), parameters=SchemeParameters(quantum_gr=1))
    found = beside(work_out(given), gross_of={small: 60000}, raised=work_out(with_wage(given, small + rise)))
    # The guarantee pays 80 % of a rise less: 15.00 of 75.00 are left of 100.00.
    assert found[-1].marginal_bp == 8500
    assert found[0].marginal_bp == 2500


def test_without_a_gross_wage_there_are_no_rates() -> None:
    found = beside(work_out(full_time()), gross_of={})
    assert {(month.participation_bp, month.marginal_bp) for month in found} == {(None, None)}
    assert found[0].after_gr > found[0].before_gr


def test_a_wage_of_nothing_has_no_participation_tax_rate() -> None:
    idle = case(event("start", "2026-03-01", 0))
    assert beside(work_out(idle), gross_of={0: 0})[0].participation_bp is None


def test_costs_and_deductions_are_shown_beside_and_change_nothing_else() -> None:
    entered = Entered(costs=always(40000, 10000), deductions=always(60000, 30000), other_income=always(150000, 50000))
    plain, shown = months(full_time())[0], months(full_time(), entered=entered)[0]
    assert (shown.costs_gr, shown.deductions_gr) == (50000, 90000)
    assert shown.in_hand_gr == shown.after_gr - 140000 == plain.after_gr - 140000
    assert (shown.household_before_gr, shown.household_after_gr) == (plain.before_gr + 200000, plain.after_gr + 200000)
    assert shown.household_in_hand_gr == shown.in_hand_gr + 200000
    assert (shown.participation_bp, shown.marginal_bp) == (plain.participation_bp, plain.marginal_bp)


def test_costs_of_part_of_a_month_are_in_proportion() -> None:
    entered = Entered(costs=always(31000), deductions=always(62000))
    first = months(full_time(start="2026-03-16"), entered=entered)[0]
    assert (first.costs_gr, first.deductions_gr) == (16000, 32000)


def test_in_hand_may_be_less_than_nothing() -> None:
    assert months(full_time(), entered=Entered(deductions=always(1_000_000)))[0].in_hand_gr < 0


def test_a_cost_counts_for_the_days_worked_on_which_it_is_in_force() -> None:
    fare = Monthly(amount_gr=31000, period=Period(date(2026, 3, 24), date(2026, 5, 10)))
    found = months(full_time(start="2026-03-16"), entered=Entered(costs=(fare,)))
    # 8 of the 16 days worked of 31; all of April; 10 days of May; then no more.
    assert [month.costs_gr for month in found[:4]] == [8000, 31000, 10000, 0]


def test_days_after_the_clock_has_run_out_count_for_nothing() -> None:
    before = Entered(costs=(Monthly(amount_gr=31000, period=Period(date(2026, 1, 1), date(2027, 3, 15))),))
    after = Entered(costs=(Monthly(amount_gr=31000, period=Period(date(2027, 3, 16))),))
    given = full_time(start="2026-03-16")
    last, later = months(given, entered=before)[-1], months(given, entered=after)[-1]
    assert (last.month, last.costs_gr, later.costs_gr) == ("2027-03", 15000, 0)


def test_a_cost_counts_for_no_day_of_a_break() -> None:
    given = case(
        event("start", "2026-04-01", NET), event("stop", "2026-04-11"), event("start", "2026-04-21", NET), benefits=()
    )
    fare = Monthly(amount_gr=30000, period=Period(date(2026, 4, 6), date(2026, 4, 25)))
    assert months(given, entered=Entered(costs=(fare,)))[0].costs_gr == 10000  # 5 days before the break, 5 after it


def test_without_a_word_on_the_others_at_home_nothing_is_said_of_the_household() -> None:
    silent, nothing = months(full_time())[0], months(full_time(), entered=Entered(other_income=()))[0]
    assert (silent.household_before_gr, silent.household_after_gr, silent.household_in_hand_gr) == (None, None, None)
    assert (nothing.household_before_gr, nothing.household_after_gr) == (nothing.before_gr, nothing.after_gr)


def test_a_wage_that_rises_within_a_month_is_held_against_its_own_gross() -> None:
    given = case(event("start", "2026-04-01", NET), event("wage", "2026-04-16", MORE), benefits=())
    first = beside(work_out(given), gross_of={NET: GROSS, MORE: GROSS + 10000})[0]
    assert first.wage_gr == (NET + MORE) // 2
    assert first.participation_bp == 2497  # (4 856.00 - 3 643.35) / 4 856.00
    assert beside(work_out(given), gross_of={NET: GROSS})[0].participation_bp is None


def test_months_stand_beside_those_of_the_schedule() -> None:
    given = parse_case(worked("05")["case"])
    working = work_out(given)
    assert [one.month for one in beside(working, gross_of={})] == [month.month for month in working.result.months]


@PROPERTY
@given(full_month_cases(cap_gr=None))
def test_income_after_is_wage_and_support_and_never_less_than_the_guarantee(given: Case) -> None:
    wage = given.employment[0].net_wage_gr or 0
    premium = given.parameters.premium_bp
    for number, month in enumerate(beside(work_out(given), gross_of={wage: wage + 1}), start=1):
        assert month.after_gr == month.wage_gr + month.support_gr
        if number <= given.parameters.guarantee_months:
            assert month.after_gr * 10_000 >= month.before_gr * 10_000 + premium * wage
