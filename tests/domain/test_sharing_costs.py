"""Shared costs: what one office sees is what the other one sees from its side."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.period import Period
from shared.domain.sharing_costs import Sharing, Statement, sharings
from tests.domain.builders import PROPERTY

PUP, OPS = "pup-2478", "ops-2478011"
OURS = Statement(
    id="a",
    office=PUP,
    other=OPS,
    unit="basis_points",
    own=6000,
    other_share=4000,
    days=Period(date(2026, 1, 1), date(2026, 6, 30)),
)
THEIRS = replace(OURS, id="b", office=OPS, other=PUP, own=4000, other_share=6000, confirms="a")
SWAPPED = {"agreed": "agreed", "differs": "differs", "awaits_us": "awaits_other", "awaits_other": "awaits_us"}


@st.composite
def statements(draw: st.DrawFn, office: str, other: str, ids: str, links: str) -> list[Statement]:
    found = []
    for name in ids:
        own = draw(st.sampled_from([4000, 5000, 6000]))
        days = Period(date(2026, draw(st.integers(1, 2)), 1))
        confirms = draw(st.none() | st.sampled_from(list(links)))
        one = replace(OURS, id=name, office=office, other=other, own=own, other_share=10_000 - own, days=days)
        found.append(replace(one, confirms=confirms))
    return found


def seen(found: list[Sharing], swap: bool) -> set[Any]:
    pairs = {(one.ours and one.ours.id, one.theirs and one.theirs.id, one.standing) for one in found}
    return {(theirs, ours, SWAPPED[how]) for ours, theirs, how in pairs} if swap else pairs


@PROPERTY
@given(statements(PUP, OPS, "ab", "cd"), statements(OPS, PUP, "cd", "ab"))
def test_both_offices_see_the_same(ours: list[Statement], theirs: list[Statement]) -> None:
    assert seen(sharings(ours, theirs), swap=False) == seen(sharings(theirs, ours), swap=True)


@PROPERTY
@given(statements(PUP, OPS, "ab", "cd"), statements(OPS, PUP, "cd", "ab"))
def test_no_statement_is_lost_or_shown_twice(ours: list[Statement], theirs: list[Statement]) -> None:
    found = sharings(ours, theirs)
    assert sorted(one.ours.id for one in found if one.ours) == ["a", "b"]
    assert sorted(one.theirs.id for one in found if one.theirs) == ["c", "d"]
    assert all(one.ours and one.theirs and one.ours.mirrors(one.theirs) for one in found if one.standing == "agreed")


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({}, "agreed"),
        ({"own": 5000, "other_share": 5000}, "differs"),
        ({"days": Period(date(2026, 1, 1))}, "differs"),
        ({"form_id": "f"}, "differs"),
        ({"unit": "grosze"}, "differs"),
    ],
)
def test_it_is_agreed_once_both_state_the_same_and_differs_when_one_changes(
    change: dict[str, Any], standing: str
) -> None:
    [found] = sharings([OURS], [replace(THEIRS, **change)])
    assert found.standing == standing


def test_what_nobody_confirmed_awaits_who_did_not_speak() -> None:
    assert [one.standing for one in sharings([OURS], [])] == ["awaits_other"]
    assert [one.standing for one in sharings([], [THEIRS])] == ["awaits_us"]
    assert [one.standing for one in sharings([OURS], [replace(THEIRS, confirms=None)])] == ["awaits_other", "awaits_us"]
