"""The curves, figure by figure, and what a curve of one's own must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.curves import NAMED, RisingCurve, fourth_root_up, parse_curve, steps_bp
from shared.domain.benefit.members import MalformedMember, OutOfBounds
from shared.domain.errors import Invalid

from .builders import PROPERTY, own_curves


def test_the_halving_curve_has_the_published_values() -> None:
    assert steps_bp("halving") == (10000, 8409, 7072, 5947, 5000, 4205, 3536, 2974, 2500, 2103, 1768, 1487)


def test_the_stepped_curve_has_four_steps_of_three_months() -> None:
    assert steps_bp("stepped") == (10000,) * 3 + (7500,) * 3 + (5000,) * 3 + (2500,) * 3


def test_a_curve_of_ones_own_is_taken_as_it_is() -> None:
    own = (10000, 9000, *(500,) * 9, 0)
    assert steps_bp(parse_curve(list(own), field="curve")) == own


@pytest.mark.parametrize(("number", "root"), [(1, 1), (2, 2), (16, 2), (17, 3), (81, 3), (82, 4)])
def test_the_fourth_root_is_rounded_up(number: int, root: int) -> None:
    assert fourth_root_up(number) == root


def test_the_linear_curve_falls_by_a_twelfth_rounded_up() -> None:
    assert steps_bp("linear") == (10000, 9167, 8334, 7500, 6667, 5834, 5000, 4167, 3334, 2500, 1667, 834)


@pytest.mark.parametrize("name", NAMED)
def test_every_named_curve_keeps_the_bounds_of_a_curve_of_ones_own(name: str) -> None:
    assert parse_curve(list(steps_bp(parse_curve(name, field="c"))), field="c") == steps_bp(
        parse_curve(name, field="c")
    )


@PROPERTY
@given(st.integers(1, 10**40))
def test_the_fourth_root_is_exact(number: int) -> None:
    root = fourth_root_up(number)
    assert (root - 1) ** 4 < number <= root**4


@PROPERTY
@given(own_curves)
def test_twelve_falling_rates_are_taken_as_they_are(rates: tuple[int, ...]) -> None:
    assert steps_bp(parse_curve(list(rates), field="curve")) == rates


@pytest.mark.parametrize(
    ("value", "error", "field"),
    [
        ("cubic", MalformedMember, "curve"),
        ([10000] * 11, MalformedMember, "curve"),
        ([10000] * 13, MalformedMember, "curve"),
        (12, MalformedMember, "curve"),
        ([10000] * 11 + [-1], OutOfBounds, "curve[11]"),
        ([10001] + [10000] * 11, OutOfBounds, "curve[0]"),
        ([9999] * 12, RisingCurve, "curve[0]"),
        ([10000, 5000, 5001] + [0] * 9, RisingCurve, "curve[2]"),
        ([10000, 5000.0] + [0] * 10, MalformedMember, "curve[1]"),
        ([10000, True] + [0] * 10, MalformedMember, "curve[1]"),
    ],
)
def test_a_curve_that_is_none_is_refused_by_name(value: object, error: type[Invalid], field: str) -> None:
    with pytest.raises(error) as caught:
        parse_curve(value, field="curve")
    assert caught.value.field == field
