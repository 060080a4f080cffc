"""Payable lists: arrears at once, overpayments held back up to the limit, the rest a claim."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.payments import Payable, Payment, payable

from .builders import PROPERTY

MARCH, APRIL, MAY = "2026-03", "2026-04", "2026-05"
QUARTER_BP = 2_500


def pay(month: str, due: dict[str, int], *payments: Payment, limit_bp: int = QUARTER_BP) -> Payable:
    return payable(month, due=due, payments=payments, limit_bp=limit_bp)


def test_a_month_is_payable_as_booked() -> None:
    assert pay(MARCH, {MARCH: 100, APRIL: 80}) == Payable({MARCH: 100}, 0, 0)


def test_what_was_paid_is_not_payable_again() -> None:
    assert pay(MARCH, {MARCH: 100}, Payment({MARCH: 100}, 0)) == Payable({}, 0, 0)


def test_a_month_that_was_missed_is_paid_with_the_next() -> None:
    found = pay(APRIL, {MARCH: 100, APRIL: 80})
    assert (found.covers, found.payable_gr) == ({MARCH: 100, APRIL: 80}, 180)


def test_a_raise_of_a_paid_month_is_paid_at_once() -> None:
    found = pay(APRIL, {MARCH: 130, APRIL: 80}, Payment({MARCH: 100}, 0))
    assert found.covers == {MARCH: 30, APRIL: 80}


def test_an_overpayment_is_held_back_up_to_the_limit() -> None:
    found = pay(APRIL, {MARCH: 60, APRIL: 100}, Payment({MARCH: 100}, 0))
    assert (found.held_back_gr, found.payable_gr, found.overpaid_gr) == (25, 75, 15)


def test_a_month_that_is_due_no_more_is_overpaid_whole() -> None:
    assert pay(APRIL, {}, Payment({MARCH: 100}, 0)) == Payable({}, 0, 100)


def test_a_grosz_is_paid_and_a_grosz_is_held_back() -> None:
    assert pay(MARCH, {MARCH: 1}) == Payable({MARCH: 1}, 0, 0)
    assert pay(APRIL, {MARCH: 99, APRIL: 100}, Payment({MARCH: 100}, 0)) == Payable({APRIL: 100}, 1, 0)


def test_months_are_listed_in_their_order() -> None:
    months = [f"2026-{number:02d}" for number in range(1, 13)]
    assert list(pay(months[-1], dict.fromkeys(reversed(months), 100)).covers) == months


def test_a_small_overpayment_is_held_back_whole() -> None:
    found = pay(APRIL, {MARCH: 90, APRIL: 100}, Payment({MARCH: 100}, 0))
    assert (found.held_back_gr, found.payable_gr, found.overpaid_gr) == (10, 90, 0)


def test_the_limit_is_rounded_in_favour_of_the_person() -> None:
    assert pay(APRIL, {MARCH: 0, APRIL: 99}, Payment({MARCH: 100}, 0)).held_back_gr == 24


def test_holding_back_goes_on_over_the_months_until_all_is_back() -> None:
    due = {MARCH: 60, APRIL: 100, MAY: 100}
    payments = [Payment({MARCH: 100}, 0), Payment({APRIL: 100}, 25)]
    assert pay(MAY, due, *payments) == Payable({MAY: 100}, 15, 0)
    assert pay("2026-06", due, *payments, Payment({MAY: 100}, 15)) == Payable({}, 0, 0)


def test_what_was_recovered_or_remitted_is_overpaid_no_more() -> None:
    found = pay(APRIL, {MARCH: 60}, Payment({MARCH: 100}, 0), Payment({}, 30))
    assert (found.payable_gr, found.overpaid_gr) == (0, 10)


def test_what_was_held_back_for_a_lowering_that_was_taken_back_is_given_back() -> None:
    due = {MARCH: 100, APRIL: 100}
    found = pay(MAY, due, Payment({MARCH: 100}, 0), Payment({APRIL: 100}, 25))
    assert (found.covers, found.held_back_gr, found.payable_gr, found.overpaid_gr) == ({}, -25, 25, 0)


def test_months_to_come_are_not_paid_but_an_overpaid_one_counts() -> None:
    found = pay(MARCH, {MARCH: 100, APRIL: 0}, Payment({APRIL: 20}, 0))
    assert (found.covers, found.held_back_gr) == ({MARCH: 100}, 20)


MONTHS = [f"2026-{number:02d}" for number in range(1, 13)]
amounts = st.dictionaries(st.sampled_from(MONTHS), st.integers(0, 500), max_size=12)


@PROPERTY
@given(st.lists(amounts, min_size=1, max_size=6), st.integers(0, 10_000))
def test_whatever_becomes_due_in_the_end_all_is_paid_or_overpaid_and_never_more_than_the_limit_is_held_back(
    dues: list[dict[str, int]], limit_bp: int
) -> None:
    payments: list[Payment] = []
    out = 0
    for number, due in enumerate(dues):
        found = pay(MONTHS[min(number * 2, 11)], due, *payments, limit_bp=limit_bp)
        assert found.payable_gr >= 0
        assert found.held_back_gr <= sum(found.covers.values()) * limit_bp // 10_000
        payments.append(Payment(found.covers, found.held_back_gr))
        out += found.payable_gr
    last = pay("2026-12", dues[-1], *payments, limit_bp=limit_bp)
    out += last.payable_gr
    assert out - last.overpaid_gr == sum(dues[-1].values())
