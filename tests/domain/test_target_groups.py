"""Target groups: the last day on which a mark holds, to the day."""

from datetime import date

import pytest

from shared.domain.period import Period
from shared.domain.target_groups import Mark, groups

BORN = date(2000, 2, 29)


@pytest.mark.parametrize(
    ("mark", "first", "last"),
    [
        (Mark("after_prison", date(2026, 1, 10)), date(2026, 1, 10), date(2027, 1, 10)),
        (Mark("after_prison", date(2024, 2, 29)), date(2024, 2, 29), date(2025, 2, 28)),
        (Mark("after_prison", date(2026, 1, 10), date(2026, 5, 1)), date(2026, 1, 10), date(2026, 5, 1)),
        (Mark("after_prison", date(2026, 1, 10), date(2028, 5, 1)), date(2026, 1, 10), date(2027, 1, 10)),
        (Mark("addiction", date(2026, 1, 10)), date(2026, 1, 10), None),
        (Mark("addiction", date(2026, 1, 10), date(2026, 4, 30)), date(2026, 1, 10), date(2027, 4, 30)),
        (Mark("homeless", date(2026, 1, 10)), date(2026, 1, 10), None),
        (Mark("homeless", date(2026, 1, 10), date(2026, 4, 30)), date(2026, 1, 10), date(2026, 4, 30)),
        (Mark("youth_at_risk", date(2010, 1, 1)), date(2015, 2, 28), date(2026, 2, 27)),
        (Mark("youth_at_risk", date(2020, 1, 1), date(2020, 6, 30)), date(2020, 1, 1), date(2020, 6, 30)),
        (Mark("over_50", date(2026, 1, 10)), date(2050, 2, 28), None),
    ],
)
def test_a_mark_holds_to_the_last_day_of_its_limit(mark: Mark, first: date, last: date | None) -> None:
    assert mark.holds(BORN) == Period(first, last)


def test_a_mark_outside_the_age_of_its_group_holds_on_no_day() -> None:
    assert Mark("youth_at_risk", date(2026, 2, 28)).holds(BORN) is None
    assert Mark("over_50", date(2026, 1, 10), date(2050, 2, 27)).holds(BORN) is None


def test_every_group_is_named_in_both_languages_and_limited_in_one_way_at_most() -> None:
    for group in groups().values():
        assert group.name_pl
        assert group.name_en
        assert group.verified
        assert (group.months is None) == (group.counted_from == "")
        assert group.counted_from in ("", "since", "end")
        assert group.months is None or group.age_from is None
