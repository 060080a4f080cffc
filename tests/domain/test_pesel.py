"""The PESEL, against python-stdnum as the oracle."""

import random
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.pl import pesel as oracle

from shared.domain.pesel import MalformedPesel, Pesel, check_digit, holds_a_pesel
from tests.builders import pesel as synthetic

from .builders import PESEL, PROPERTY, pesels

DIGITS = st.text("0123456789", min_size=11, max_size=11)


def accepts(text: str) -> bool:
    try:
        Pesel(text)
    except MalformedPesel:
        return False
    return True


@PROPERTY
@given(DIGITS | pesels())
def test_eleven_digits_pass_exactly_where_the_oracle_lets_them_pass(digits: str) -> None:
    assert accepts(digits) == oracle.is_valid(digits)


@PROPERTY
@given(st.text("0123456789", min_size=10, max_size=10))
def test_of_ten_digits_exactly_one_continuation_fits(first: str) -> None:
    fits = [digit for digit in "0123456789" if digit == check_digit(first)]
    assert fits == [oracle.calc_check_digit(first)]


def test_twenty_thousand_numbers_of_every_month_pass_and_date_as_the_oracle_says() -> None:
    rng = random.Random(11)
    passed = 0
    for number in range(20_000):
        first = f"{rng.randrange(100):02d}{number % 100:02d}{rng.randrange(1, 32):02d}{rng.randrange(10_000):04d}"
        digits = first + check_digit(first)
        assert accepts(digits) == oracle.is_valid(digits), digits
        if accepts(digits):
            passed += 1
            assert Pesel(digits).birth_date() == oracle.get_birth_date(digits)
    assert passed > 10_000


@PROPERTY
@given(pesels())
def test_the_day_of_birth_is_the_oracles(digits: str) -> None:
    assert Pesel(digits).birth_date() == oracle.get_birth_date(digits)


@pytest.mark.parametrize(
    ("first", "born"),
    [
        ("0081010000", date(1800, 1, 1)),
        ("9992310000", date(1899, 12, 31)),
        ("0001010000", date(1900, 1, 1)),
        ("9912310000", date(1999, 12, 31)),
        ("0021010000", date(2000, 1, 1)),
        ("0022290000", date(2000, 2, 29)),
        ("9952310000", date(2199, 12, 31)),
        ("0061010000", date(2200, 1, 1)),
        ("0462290000", date(2204, 2, 29)),
        ("9972310000", date(2299, 12, 31)),
    ],
)
def test_the_month_tells_the_century(first: str, born: date) -> None:
    assert Pesel(first + check_digit(first)).birth_date() == born


@pytest.mark.parametrize("month", ["00", "13", "20", "33", "40", "60", "73", "80", "93", "99"])
def test_a_month_that_no_century_has_is_refused_though_the_check_digit_fits(month: str) -> None:
    first = f"90{month}010000"
    with pytest.raises(MalformedPesel, match="not a date"):
        Pesel(first + check_digit(first))


@pytest.mark.parametrize("day", ["000229", "900229", "210229", "900431", "900100", "900132"])
def test_a_day_that_does_not_exist_is_refused_though_the_check_digit_fits(day: str) -> None:
    first = day + "0000"
    with pytest.raises(MalformedPesel, match="not a date"):
        Pesel(first + check_digit(first))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4465140135",
        "446514013570",
        " 44651401357",
        "44651401357\n",
        "446514-01357",
        "4465140135x",
        "٤٤٦٥١٤٠١٣٥٧",
        "４４６５１４０１３５７",
        "4465140135²",
        "+4465140135",
    ],
)
def test_whatever_is_not_eleven_ascii_digits_is_refused(text: str) -> None:
    with pytest.raises(MalformedPesel, match="eleven digits"):
        Pesel(text)


@pytest.mark.parametrize("value", [None, 44651401357, b"44651401357", ["4"] * 11, 1.5, Pesel(PESEL)])
def test_whatever_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(MalformedPesel):
        Pesel(value)  # type: ignore[arg-type]


@PROPERTY
@given(pesels(), st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, at: int, by: int) -> None:
    wrong = digits[:at] + str((int(digits[at]) + by) % 10) + digits[at + 1 :]
    assert not accepts(wrong)


@PROPERTY
@given(DIGITS)
def test_a_refusal_says_neither_the_number_nor_a_part_of_it(digits: str) -> None:
    assume(not accepts(digits))
    with pytest.raises(MalformedPesel) as refused:
        Pesel(digits)
    said = f"{refused.value!r} {refused.value} {vars(refused.value)}"
    assert not any(character.isdigit() for character in said)
    assert (refused.value.field, refused.value.problem) == ("pesel", "malformed-pesel")


@PROPERTY
@given(pesels())
def test_text_and_repr_show_the_last_two_digits_alone(digits: str) -> None:
    pesel = Pesel(digits)
    assert str(pesel) == "*" * 9 + digits[9:]
    for said in (str(pesel), repr(pesel), f"{pesel}", f"{[pesel]}"):
        assert digits[:9] not in said
        assert not holds_a_pesel(said)


@PROPERTY
@given(pesels(), pesels())
def test_equal_numbers_are_equal_and_hash_alike(one: str, other: str) -> None:
    assert (Pesel(one) == Pesel(other)) == (one == other)
    assert hash(Pesel(one)) == hash(Pesel(one))
    assert Pesel(one) != one


@PROPERTY
@given(pesels())
def test_synthetic_people_are_born_300_years_earlier_on_the_same_day(digits: str) -> None:
    pesel = Pesel(digits)
    born = pesel.birth_date()
    assert pesel.is_synthetic() == (born.year >= 2200)
    if pesel.is_synthetic():
        earlier = pesel.birth_date(synthetic=True)
        assert (earlier.year, earlier.month, earlier.day) == (born.year - 300, born.month, born.day)


def test_every_synthetic_person_of_the_tests_stands_in_the_block_of_the_2200s() -> None:
    assert all(Pesel(synthetic(number)).is_synthetic() for number in range(2_000))


@PROPERTY
@given(pesels(), st.text("0123456789ab -|", max_size=6), st.text("0123456789ab -|", max_size=6))
def test_a_number_is_found_wherever_it_stands_in_a_text(digits: str, before: str, after: str) -> None:
    assert holds_a_pesel(before + digits + after)


@PROPERTY
@given(st.text("0123456789", max_size=24))
def test_a_run_of_digits_holds_a_number_exactly_where_the_oracle_finds_one(digits: str) -> None:
    expected = any(oracle.is_valid(digits[start : start + 11]) for start in range(max(0, len(digits) - 10)))
    assert holds_a_pesel(digits) == expected


@pytest.mark.parametrize(
    "text", ["", "4465140135", "4465140-1357", "446514 01357", "0192f0c1-7c00-7abc-8def-0123456789ab"]
)
def test_no_number_is_found_where_no_eleven_digits_stand_in_a_row(text: str) -> None:
    assert not holds_a_pesel(text)
