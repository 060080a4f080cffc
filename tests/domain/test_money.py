"""Grosze: whole numbers, never floats."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import MAX_GROSZE, AmountOutOfRange, NegativeAmount, amount, grosze, in_zloty
from shared.domain.pesel import holds_a_pesel

from .builders import PROPERTY

amounts = st.integers(0, MAX_GROSZE)


@PROPERTY
@given(amounts)
def test_an_amount_in_range_passes_unchanged(value: int) -> None:
    assert amount(value) == value


@PROPERTY
@given(amounts)
def test_no_amount_can_pass_as_a_pesel(value: int) -> None:
    assert not holds_a_pesel(str(value))
    assert not holds_a_pesel(str(MAX_GROSZE))


@pytest.mark.parametrize("value", [MAX_GROSZE + 1, 10**30, 1.0, 1.5, "100", None, True, False, Decimal(5), [1], b"1"])
def test_what_is_no_whole_number_in_range_is_out_of_range(value: object) -> None:
    with pytest.raises(AmountOutOfRange) as refused:
        amount(value, field="monthly_net")
    assert (refused.value.field, refused.value.problem) == ("monthly_net", "request-invalid")


@pytest.mark.parametrize("value", [-1, -(10**30)])
def test_a_negative_amount_has_its_own_problem(value: int) -> None:
    with pytest.raises(NegativeAmount) as refused:
        amount(value, field="amount")
    assert (refused.value.field, refused.value.problem, refused.value.received) == ("amount", "amount-negative", value)


@PROPERTY
@given(amounts)
def test_a_decimal_number_is_read_exactly(value: int) -> None:
    assert grosze(str(Decimal(value) / 100)) == value
    assert grosze(f"{value // 100}.{value % 100:02d}") == value


@pytest.mark.parametrize(
    "text",
    ["", ".", "1.", ".5", "1,50", "1.234", "-1", "+1", " 1", "1 ", "1e3", "1_000", "١", "123456789", "1.5\n", "NaN"],
)
def test_what_is_no_decimal_number_of_zloty_is_refused(text: str) -> None:
    with pytest.raises(AmountOutOfRange):
        grosze(text)


@PROPERTY
@given(st.integers(-MAX_GROSZE, MAX_GROSZE))
def test_an_amount_is_written_with_two_places_and_thousands_apart(value: int) -> None:
    said = in_zloty(value)
    assert said.endswith("\u00a0zł")
    assert " " not in said, "an amount would break over lines"
    number = said.removesuffix("\u00a0zł")
    assert int(number.replace("\u00a0", "").replace(",", "")) == value
    assert len(number.rpartition(",")[2]) == 2


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0,00 zł"), (5, "0,05 zł"), (-5, "-0,05 zł"), (99_999, "999,99 zł"), (100_000, "1 000,00 zł")],
)
def test_small_amounts_are_written_as_people_write_them(value: int, said: str) -> None:
    assert in_zloty(value).replace("\u00a0", " ") == said
