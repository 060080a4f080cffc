"""Duplicates: the same pairs whatever the order, each once, the same from both sides, never of one office."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.catalogue import forms
from shared.domain.duplicates import MOST_FORMS, MOST_PAIRS, Given, duplicates, duplicates_with, pair_id
from shared.domain.period import Period
from tests.domain.builders import PROPERTY

START = date(2026, 1, 1)
CODES = ("PUP-STA", "AI-Z03", "PUP-SZK", "AI-E01", "PUP-POR", "AI-Z07", "OPS-ZOK", "social-X", "OPS-CASH", "nothing")
OFFICES = ("pup-2478", "ops-2478011", "pcpr-2478")


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = START + timedelta(days=draw(st.integers(0, 30)))
    length = draw(st.none() | st.integers(0, 20))
    return Period(start, None if length is None else start + timedelta(days=length))


@st.composite
def _given(draw: st.DrawFn, number: int) -> Given:
    return Given(draw(st.sampled_from(OFFICES)), f"f-{number}", draw(st.sampled_from(CODES)), draw(periods()))


@st.composite
def several(draw: st.DrawFn) -> list[Given]:
    return [draw(_given(number)) for number in range(draw(st.integers(0, 9)))]


def share_a_day(one: Period, other: Period) -> bool:
    days = [START + timedelta(days=number) for number in range(60)]
    return any(day in one and day in other for day in days)


@PROPERTY
@given(several(), st.randoms(use_true_random=False))
def test_the_order_in_which_forms_became_known_does_not_matter(forms_given: list[Given], order: Any) -> None:
    shuffled = list(forms_given)
    order.shuffle(shuffled)
    assert duplicates(shuffled) == duplicates(forms_given)


@PROPERTY
@given(several())
def test_a_pair_is_found_once_if_and_only_if_two_offices_give_one_class_on_one_day(forms_given: list[Given]) -> None:
    expected = {
        frozenset((one, other))
        for one in forms_given
        for other in forms_given
        if one.iss < other.iss
        and one.code in forms()
        and other.code in forms()
        and forms()[one.code].duplicate_class == forms()[other.code].duplicate_class != ""
        and share_a_day(one.days, other.days)
    }
    found = duplicates(forms_given)
    assert {frozenset((pair.first, pair.second)) for pair in found} == expected
    assert len(found) == len({pair.id for pair in found}) == len(expected)
    assert all(pair.days == pair.first.days.overlap(pair.second.days) for pair in found)
    assert all(pair.first.iss < pair.second.iss for pair in found)


@PROPERTY
@given(several(), st.sampled_from(OFFICES), st.integers(0, 511))
def test_pairs_of_changed_forms_are_found_without_the_other_forms_of_their_office(
    forms_given: list[Given], office: str, which: int
) -> None:
    changed = [one for number, one in enumerate(forms_given) if one.iss == office and which >> number & 1]
    others = [one for one in forms_given if one.iss != office]
    expected = {pair for pair in duplicates(forms_given) if {pair.first, pair.second} & set(changed)}
    assert duplicates_with(changed, others) == expected


@PROPERTY
@given(_given(1), _given(2))
def test_a_pair_has_one_name_from_both_sides(one: Given, other: Given) -> None:
    assert pair_id(one, other) == pair_id(other, one)
    assert pair_id(one, other) != pair_id(one, Given(other.iss, "f-3", other.code, other.days))


def test_forms_without_number_are_compared_up_to_the_newest() -> None:
    days = [Period(START + timedelta(days=number)) for number in range(3 * MOST_FORMS)]
    many = [Given(OFFICES[number % 2], f"f-{number}", "PUP-PSU", one) for number, one in enumerate(days)]
    found = duplicates(many)
    assert len(found) == MOST_PAIRS
    assert max(pair.days.start for pair in found) == days[-1].start
