"""What stands on a day: the latest record of it, by counter or by place in the list, counted from 1."""

from datetime import date

from shared.domain.benefit.case import Benefit
from shared.domain.benefit.employment import first_start, standing

from .builders import PUP, event

DAY, LATER = "2026-03-01", "2026-04-01"


def test_a_record_without_a_counter_has_its_place_for_one() -> None:
    second = [event("start", DAY, 100, recorded=2), event("wage", DAY, 200)]
    assert standing(second) == [(date(2026, 3, 1), 200)]
    third = [event("start", DAY, 100, recorded=3), event("wage", DAY, 200)]
    assert standing(third) == [(date(2026, 3, 1), 100)]


def test_of_two_records_with_one_counter_the_one_listed_later_stands() -> None:
    assert standing([event("start", DAY, 100), event("wage", DAY, 200, recorded=1)]) == [(date(2026, 3, 1), 200)]


def test_the_first_start_is_the_first_day_worked() -> None:
    outweighed = [event("start", DAY, 100), event("stop", DAY)]
    assert first_start([*outweighed, event("start", LATER, 100)]) == date(2026, 4, 1)


def test_where_every_start_was_outweighed_the_earliest_day_counts() -> None:
    outweighed = [event("start", LATER, 100), event("stop", LATER), event("start", DAY, 100), event("stop", DAY)]
    assert first_start(outweighed) == date(2026, 3, 1)


def test_a_benefit_is_lost_at_once_unless_it_is_said_to_be_kept() -> None:
    assert Benefit("PUP-ZAS", PUP, 1) == Benefit("PUP-ZAS", PUP, 1, kept_months=0, gained=False)
