"""Gross to net, against the published figures."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.dated import NoValue
from shared.domain.benefit.net_wage import NetWage, net_wage
from shared.domain.benefit.overlay import parse_overlay, reform
from shared.domain.money import AmountOutOfRange, NegativeAmount

from .builders import PROPERTY


@pytest.mark.parametrize(
    ("gross", "on", "net"),
    [
        (480600, date(2026, 1, 1), 360585),
        (240300, date(2026, 12, 31), 188693),
        (466600, date(2025, 7, 1), 351092),
        (0, date(2026, 1, 1), 0),
    ],
)
def test_the_published_net_wages_match(gross: int, on: date, net: int) -> None:
    assert net_wage(gross, on=on).net_gr == net


def test_the_minimum_wage_of_2026_taken_apart() -> None:
    assert net_wage(480600, on=date(2026, 1, 1)) == NetWage(480600, 65891, 37324, 16800, 360585, verified=False)


def test_health_is_limited_at_a_very_low_wage_by_the_advance_of_2021() -> None:
    # 1 000.00 less 137.10: (863 - 250 = 613) x 17 % = 104.21, less 43.76 = 60.45, where 9 % would be 77.66.
    assert net_wage(100000, on=date(2026, 1, 1)).health_gr == 6045


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2022, 3, 1), "PIT_RELIEF_MONTH has no value from 2022-01-01 to 2022-06-30."),
        (date(2021, 3, 1), "HEALTH has no value before 2022-01-01."),
        (date(2007, 3, 1), "ZUS_EMPLOYEE_PENSION has no value before 2008-01-01."),
    ],
)
def test_a_day_whose_law_is_not_known_is_refused_by_the_name_of_the_gap(on: date, said: str) -> None:
    with pytest.raises(NoValue) as caught:
        net_wage(300000, on=on)
    assert caught.value.detail == said


def test_a_gross_wage_must_be_an_amount() -> None:
    with pytest.raises(NegativeAmount):
        net_wage(-1, on=date(2026, 1, 1))
    with pytest.raises(AmountOutOfRange):
        net_wage(10**11, on=date(2026, 1, 1))


@PROPERTY
@given(st.integers(0, 1_500_000))
def test_the_parts_of_a_wage_add_up_and_a_zloty_more_gross_is_never_a_zloty_less_net(gross: int) -> None:
    wage, more = net_wage(gross, on=date(2026, 1, 1)), net_wage(gross + 100, on=date(2026, 1, 1))
    assert wage.net_gr + wage.social_gr + wage.health_gr + wage.tax_gr == gross
    assert 0 <= wage.net_gr <= gross
    assert more.net_gr > wage.net_gr - 100


@pytest.mark.parametrize(
    ("row", "net"),
    [
        ("PIT_RATE,0,%,2027-01-01,,false,draft,", 377385),
        ("PIT_RELIEF_MONTH,400,PLN/month,2027-01-01,,false,draft,", 370585),
        ("PIT_COSTS_MONTH,0,PLN/month,2027-01-01,,false,draft,", 357585),
        ("HEALTH,0,% of (gross - ZUS); not deductible,2027-01-01,,false,draft,", 397909),
        ("ZUS_EMPLOYEE_PENSION,0,% of gross,2027-01-01,,false,draft,", 397671),
    ],
)
def test_a_reform_of_a_figure_of_law_changes_the_net_wage_from_its_day_on(row: str, net: int) -> None:
    law = reform(parse_overlay(f"param,value,unit,valid_from,valid_to,verified,status,source\n{row}")).law
    before, after = (net_wage(480600, on=on, law=law) for on in (date(2026, 12, 31), date(2027, 1, 1)))
    assert (before.net_gr, after.net_gr) == (360585, net)
    assert row.partition(",")[0] in {figure.param for figure in after.figures if figure.status == "draft"}
    assert net_wage(480600, on=date(2027, 1, 1)).net_gr == 360585
