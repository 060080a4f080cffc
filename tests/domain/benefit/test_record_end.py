"""A benefit whose record ends is kept through as many months of the clock as it lasts, to the nearest."""

from datetime import date

import pytest

from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.record_end import months_kept

MARCH = EmploymentEvent("start", date(2026, 3, 1), 180000, 1)


@pytest.mark.parametrize(
    ("end", "kept"),
    [
        (None, None),
        (date(2026, 2, 28), 0),
        (date(2026, 3, 15), 0),
        (date(2026, 3, 16), 1),
        (date(2026, 3, 31), 1),
        (date(2026, 4, 15), 1),  # 1 month and a half: the half is left out
        (date(2026, 4, 16), 2),
        (date(2027, 1, 31), 11),
        (date(2027, 2, 14), 11),
        (date(2027, 2, 15), 12),
        (date(2027, 2, 27), 12),
        (date(2027, 2, 28), None),
        (date(2030, 1, 1), None),
    ],
)
def test_the_end_of_a_record_is_a_month_of_the_clock(end: date | None, kept: int | None) -> None:
    assert months_kept(end, [MARCH]) == kept


def test_months_without_work_do_not_count_nor_does_work_after_the_end() -> None:
    works = [
        MARCH,
        EmploymentEvent("stop", date(2026, 4, 1), None, 2),
        EmploymentEvent("start", date(2026, 6, 1), 180000, 3),
        EmploymentEvent("wage", date(2026, 7, 1), 190000, 4),
    ]
    ends = (date(2026, 3, 31), date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31))
    assert [months_kept(end, works) for end in ends] == [1, 1, 2, 3]


def test_a_wage_that_changes_on_the_last_day_or_the_day_after_changes_nothing() -> None:
    works = [MARCH, EmploymentEvent("wage", date(2026, 4, 1), 190000, 2)]
    assert months_kept(date(2026, 3, 31), works) == 1
    assert months_kept(date(2026, 4, 1), works) == 1
