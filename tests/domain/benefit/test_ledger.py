"""The ledger: what is due is a function of what was granted and what is newest; entries are differences."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.ledger import Entry, Months, Sums, corrections, due, lowers, proposed, sums

from .builders import OPS, PROPERTY, PUP


def month(name: str, pup: int = 0, ops: int = 0) -> dict[str, Any]:
    """Return a month as a result has it."""
    return {"month": name, "amount_gr": pup + ops, "shares_gr": {OPS: ops, PUP: pup}}


MARCH, APRIL = "2026-03", "2026-04"
GRANTED = [month(MARCH, 100, 50), month(APRIL, 80)]


def changes(newest: Months, granted: Months = GRANTED) -> list[Entry]:
    booked = due(granted=granted, newest=granted)
    return corrections(due=due(granted=granted, newest=newest), booked=booked)


def test_what_stands_in_the_books_is_what_was_entered_added_up() -> None:
    entries = [Entry(MARCH, PUP, 100), Entry(APRIL, OPS, 5), Entry(MARCH, PUP, -30), Entry(MARCH, OPS, 1)]
    assert sums(entries) == {(MARCH, PUP): 70, (APRIL, OPS): 5, (MARCH, OPS): 1}


def test_nothing_is_due_before_a_grant() -> None:
    assert due(granted=None, newest=GRANTED) == {}
    assert proposed(granted=None, newest=GRANTED) == []


def test_a_grant_books_each_share_of_each_month() -> None:
    entries = corrections(due=due(granted=GRANTED, newest=GRANTED), booked={})
    assert entries == [Entry(MARCH, OPS, 50), Entry(MARCH, PUP, 100), Entry(APRIL, PUP, 80)]


def test_the_same_again_books_nothing() -> None:
    assert changes(GRANTED) == []


def test_a_month_that_is_raised_books_the_difference() -> None:
    raised = [month(MARCH, 130, 50), month(APRIL, 80), month("2026-05", 20)]
    assert changes(raised) == [Entry(MARCH, PUP, 30), Entry("2026-05", PUP, 20)]
    assert proposed(granted=GRANTED, newest=raised) == []


def test_a_month_that_is_lowered_stays_and_is_proposed() -> None:
    lowered = [month(MARCH, 70, 50), month(APRIL, 90)]
    assert changes(lowered) == [Entry(APRIL, PUP, 10)]
    assert proposed(granted=GRANTED, newest=lowered) == [Entry(MARCH, PUP, -30)]
    assert lowers(granted=GRANTED, newest=lowered)


def test_a_month_that_falls_away_is_proposed_whole() -> None:
    assert changes([month(APRIL, 80)]) == []
    assert proposed(granted=GRANTED, newest=[month(APRIL, 80)]) == [Entry(MARCH, OPS, -50), Entry(MARCH, PUP, -100)]


def test_a_month_of_nothing_cannot_fall_and_one_of_a_grosz_can() -> None:
    assert not lowers(granted=[month(MARCH)], newest=[])
    assert lowers(granted=[month(MARCH, 1)], newest=[])


def test_a_share_that_moves_is_booked_at_both_where_the_month_does_not_fall() -> None:
    assert changes([month(MARCH, 60, 90), month(APRIL, 80)]) == [Entry(MARCH, OPS, 40), Entry(MARCH, PUP, -40)]


def test_a_month_that_falls_while_shares_move_is_proposed_as_one() -> None:
    moved = [month(MARCH, 40, 60), month(APRIL, 80)]
    assert changes(moved) == []
    assert proposed(granted=GRANTED, newest=moved) == [Entry(MARCH, OPS, 10), Entry(MARCH, PUP, -60)]


def test_a_raise_that_is_taken_back_leaves_no_trace_in_the_sums() -> None:
    raised = due(granted=GRANTED, newest=[month(MARCH, 130, 50), month(APRIL, 80)])
    assert corrections(due=due(granted=GRANTED, newest=GRANTED), booked=raised) == [Entry(MARCH, PUP, -30)]


shares = st.integers(0, 9)
schedules = st.dictionaries(st.sampled_from([MARCH, APRIL, "2026-05"]), st.tuples(shares, shares), max_size=3).map(
    lambda found: [month(name, *each) for name, each in sorted(found.items())]
)


def booked_after(newest: list[Months], granted: Months) -> Sums:
    """Return the sums of the books after assessments in an order."""
    entries: list[Entry] = []
    for each in newest:
        entries += corrections(due=due(granted=granted, newest=each), booked=sums(entries))
    return {at: amount for at, amount in sums(entries).items() if amount}


@PROPERTY
@given(schedules, st.lists(schedules, max_size=4), schedules)
def test_whatever_came_between_the_books_hold_what_the_newest_makes_due(
    granted: Months, between: list[Months], newest: Months
) -> None:
    assert booked_after([granted, *between, newest], granted) == booked_after([newest], granted)


@PROPERTY
@given(schedules, schedules)
def test_no_month_is_below_what_was_granted_and_what_is_missing_is_proposed(granted: Months, newest: Months) -> None:
    owed = due(granted=granted, newest=newest)
    lowering = proposed(granted=granted, newest=newest)
    for name in {each["month"] for each in (*granted, *newest)}:
        old, new = (sum(m["amount_gr"] for m in each if m["month"] == name) for each in (granted, newest))
        stands = sum(gr for (at, _), gr in owed.items() if at == name)
        assert stands == max(old, new)
        assert stands + sum(entry.amount_gr for entry in lowering if entry.month == name) == new


@pytest.mark.parametrize("newest", [GRANTED, [month(MARCH, 60, 90), month(APRIL, 80)], [*GRANTED, month("2026-05", 1)]])
def test_what_lowers_no_month_lowers_nothing(newest: Months) -> None:
    assert not lowers(granted=GRANTED, newest=newest)
