"""How a person stands as unemployed on a day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.eligibility import counted_days, is_long_term
from shared.domain.period import Period
from shared.domain.unemployment import Placement, unemployment

START = date(2024, 1, 1)
ON = date(2026, 3, 1)


def period(first: int, last: int | None) -> Period:
    return Period(START + timedelta(first), None if last is None else START + timedelta(last))


periods = st.tuples(st.integers(0, 900), st.integers(0, 500)).map(lambda pair: period(pair[0], sum(pair)))


def test_long_term_begins_on_the_day_after_the_366th_counted_day() -> None:
    found = unemployment(on=ON, registered=[Period(date(2025, 1, 1))], placements=[])
    assert found.long_term_since == date(2026, 1, 2)
    on_the_day = unemployment(on=date(2026, 1, 2), registered=[Period(date(2025, 1, 1))], placements=[])
    assert (on_the_day.counted_days, on_the_day.is_long_term) == (366, True)
    assert not unemployment(on=date(2026, 1, 1), registered=[Period(date(2025, 1, 1))], placements=[]).is_long_term


def test_a_stretch_that_was_broken_begins_anew() -> None:
    registered = [Period(date(2022, 1, 1), date(2023, 6, 30)), Period(date(2025, 1, 1))]
    assert unemployment(on=ON, registered=registered, placements=[]).long_term_since == date(2026, 1, 2)


def test_who_left_the_register_meets_the_rule_and_is_not_registered() -> None:
    found = unemployment(on=ON, registered=[Period(date(2024, 6, 1), date(2026, 2, 27))], placements=[])
    assert (found.is_registered, found.is_long_term) == (False, True)


def test_a_day_of_two_placements_is_taken_off_once_and_outside_the_register_not_at_all() -> None:
    placements = [
        Placement("PUP-STA", "b", Period(date(2025, 2, 1), date(2025, 2, 20))),
        Placement("PUP-PZD", "a", Period(date(2025, 2, 11), date(2025, 3, 2))),
        Placement("PUP-STA", "c", Period(date(2023, 1, 1), date(2023, 12, 31))),
    ]
    found = unemployment(on=ON, registered=[Period(date(2024, 10, 1))], placements=placements)
    assert [(one.record, one.days) for one in found.taken_off] == [("b", 20), ("a", 10)]
    assert found.counted_days == found.registered_days - 30


def test_nobody_is_long_term_who_was_never_registered() -> None:
    found = unemployment(on=ON, registered=[], placements=[])
    assert (found.registered_days, found.is_long_term, found.long_term_since) == (0, False, None)


@given(st.lists(periods, max_size=4), st.lists(periods, max_size=3), st.integers(0, 1500))
def test_it_is_the_rule_of_the_benefit_told_with_its_days(
    registered: list[Period], placed: list[Period], later: int
) -> None:
    on = START + timedelta(later)
    placements = [Placement("PUP-STA", str(number), one) for number, one in enumerate(placed)]
    found = unemployment(on=on, registered=registered, placements=placements)
    assert found.counted_days == counted_days(start=on, registered=registered, placements=placed)
    assert found.counted_days == found.registered_days - sum(one.days for one in found.taken_off)
    assert found.is_long_term == is_long_term(start=on, registered=registered, placements=placed)
    if found.long_term_since is None:
        assert not found.is_long_term
    else:
        before = found.long_term_since - timedelta(days=1)
        assert not is_long_term(start=before, registered=registered, placements=placed)
        for day in (found.long_term_since, found.long_term_since + (on - found.long_term_since) // 2, on):
            assert is_long_term(start=day, registered=registered, placements=placed)
