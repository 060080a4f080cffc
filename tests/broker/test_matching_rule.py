"""Who shares a client: the rule alone. Automatic where area and surname agree, suspected where not, never by order."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.broker.domain.matching import Enrolled, Matching, Pair, Standing, match
from shared.domain.institutions import kind_of
from tests.domain.builders import PROPERTY

PUP, SECOND, OPS, NEAR, FAR, NGO = "pup-1611", "pup-2478", "ops-1611012", "ops-1611053", "ops-2478011", "ngo-0000123456"
AREAS = {
    PUP: frozenset({"1611012", "1611053"}),
    SECOND: frozenset({"2478011", "1611012"}),
    OPS: frozenset({"1611012"}),
    NEAR: frozenset({"1611053"}),
    FAR: frozenset({"2478011"}),
    NGO: frozenset({"1611012", "9999999"}),
}
SAME, OTHER = "a7", "b8"


def outcome(
    *names: str,
    checks: Mapping[str, str] | None = None,
    standing: Mapping[Pair, Standing] | None = None,
    members: Sequence[str] = (),
    areas: Mapping[str, frozenset[str]] = AREAS,
    registered: Mapping[str, date | None] | None = None,
) -> Matching:
    """Return what comes of offices that enrolled one after the other."""
    enrolled = [
        Enrolled(institution=name, check=(checks or {}).get(name, SAME), seat=seat)
        for seat, name in enumerate(names, 1)
    ]
    return match(
        enrolled=enrolled,
        areas=areas,
        standing=standing or {},
        members=frozenset(members),
        registered=registered or {},
    )


def test_nobody_and_one_office_alone_share_nothing() -> None:
    for names in ((), (PUP,), (OPS,), (OPS, NEAR), (PUP, SECOND)):
        assert outcome(*names) == Matching(frozenset(), ())


def test_a_pair_of_one_area_with_one_surname_matches_by_itself() -> None:
    assert outcome(PUP, OPS) == Matching(frozenset({PUP, OPS}), ())
    assert outcome(OPS, PUP) == Matching(frozenset({PUP, OPS}), ())


def test_areas_that_overlap_in_one_gmina_are_enough() -> None:
    assert outcome(PUP, NGO).members == {PUP, NGO}


def test_another_area_is_suspected_and_nobody_is_a_member() -> None:
    assert outcome(PUP, FAR) == Matching(frozenset(), ((PUP, FAR),))


def test_another_surname_is_suspected_even_in_one_area() -> None:
    assert outcome(PUP, OPS, checks={OPS: OTHER}) == Matching(frozenset(), ((PUP, OPS),))


def test_an_office_whose_area_nobody_knows_is_suspected() -> None:
    assert outcome(PUP, OPS, areas={PUP: AREAS[PUP]}) == Matching(frozenset(), ((PUP, OPS),))
    assert outcome(PUP, OPS, areas={}) == Matching(frozenset(), ((PUP, OPS),))


def test_what_is_suspected_already_is_not_suspected_again_and_holds_nobody() -> None:
    assert outcome(PUP, FAR, standing={(PUP, FAR): "open"}) == Matching(frozenset(), ())


@pytest.mark.parametrize("checks", [{}, {FAR: OTHER}])
def test_what_officials_confirmed_is_a_match_whatever_the_rest_says(checks: dict[str, str]) -> None:
    assert outcome(PUP, FAR, checks=checks, standing={(PUP, FAR): "confirmed"}).members == {PUP, FAR}


def test_what_officials_refused_is_none_even_where_it_would_match_by_itself() -> None:
    assert outcome(PUP, OPS, standing={(PUP, OPS): "refused"}) == Matching(frozenset(), ())


def test_a_refusal_is_of_one_pair_alone() -> None:
    found = outcome(PUP, OPS, NEAR, standing={(PUP, OPS): "refused"})
    assert found == Matching(frozenset({PUP, NEAR}), ())


def test_two_welfare_offices_share_with_one_labour_office_and_a_third_is_suspected() -> None:
    assert outcome(PUP, OPS, NEAR, FAR) == Matching(frozenset({PUP, OPS, NEAR}), ((PUP, FAR),))


def test_a_second_labour_office_of_the_area_is_held_and_not_suspected() -> None:
    found = outcome(PUP, OPS, SECOND, members=(PUP, OPS))
    assert (found.members, found.held, found.suspected) == ({PUP, OPS}, {SECOND}, ())


def test_of_two_labour_offices_that_said_nothing_the_first_shares_and_a_member_before_it() -> None:
    assert outcome(SECOND, PUP, OPS).members == {SECOND, OPS}
    assert outcome(SECOND, PUP, OPS, members=(PUP, OPS)).members == {PUP, OPS}


def test_a_first_labour_office_that_matches_nobody_does_not_keep_the_second_from_it() -> None:
    found = outcome(PUP, SECOND, FAR)
    assert found == Matching(frozenset({SECOND, FAR}), ((PUP, FAR),))


def test_a_second_labour_office_that_officials_confirmed_shares_once_it_said_that_it_has_nothing_open() -> None:
    standing: dict[Pair, Standing] = {(SECOND, OPS): "confirmed"}
    assert outcome(PUP, OPS, SECOND, members=(PUP, OPS), standing=standing).held == {SECOND}
    said = {PUP: date(2026, 1, 1), SECOND: None}
    assert outcome(PUP, OPS, SECOND, standing=standing, registered=said).members == {PUP, OPS, SECOND}


def test_when_the_leading_office_withdraws_the_other_takes_its_place() -> None:
    assert outcome(OPS, SECOND, members=(PUP, OPS)).members == {OPS, SECOND}


WELFARE = st.lists(st.sampled_from([OPS, NEAR, FAR, NGO]), unique=True, max_size=4)
CHECKS = st.dictionaries(st.sampled_from([PUP, SECOND, OPS, NEAR, FAR, NGO]), st.sampled_from([SAME, OTHER]))
ANSWERS = st.sampled_from(["confirmed", "refused", "open"])


def arrive(names: Sequence[str], checks: Mapping[str, str], answers: Mapping[Pair, Standing]) -> frozenset[str]:
    """Let offices enrol one after the other; officials answer each suspicion as soon as it is raised."""
    members: frozenset[str] = frozenset()
    standing: dict[Pair, Standing] = {}
    for count in range(1, len(names) + 1):
        while True:
            found = outcome(*names[:count], checks=checks, standing=standing, members=tuple(members))
            members = found.members
            if not found.suspected:
                break
            standing |= {pair: answers.get(pair, "open") for pair in found.suspected}
    return members


@PROPERTY
@given(WELFARE, CHECKS, st.dictionaries(st.tuples(st.just(PUP), st.sampled_from([OPS, NEAR, FAR, NGO])), ANSWERS))
def test_with_one_labour_office_the_order_of_arrival_changes_nothing(
    welfare: list[str], checks: dict[str, str], answers: dict[Pair, Standing]
) -> None:
    outcomes = {arrive(order, checks, answers) for order in permutations([PUP, *welfare])}
    assert len(outcomes) == 1


@PROPERTY
@given(
    st.lists(st.sampled_from(list(AREAS)), unique=True),
    CHECKS,
    st.dictionaries(st.tuples(st.sampled_from([PUP, SECOND]), st.sampled_from([OPS, NEAR, FAR, NGO])), ANSWERS),
    st.sets(st.sampled_from(list(AREAS))),
    st.randoms(use_true_random=False),
)
def test_whatever_comes_sharing_takes_both_sides_and_two_labour_offices_do_not_begin_at_once(
    names: list[str], checks: dict[str, str], standing: dict[Pair, Standing], members: set[str], dice: object
) -> None:
    found = outcome(*names, checks=checks, standing=standing, members=tuple(members))
    assert found.members <= set(names)
    kinds = {kind_of(name) == "pup" for name in found.members}
    assert kinds in (set(), {True, False})
    assert not set(found.suspected) & standing.keys()
    assert all(first in names and other in names for first, other in found.suspected)
    labour_offices = {name for name in found.members if kind_of(name) == "pup"}
    assert len(labour_offices - members) <= 1
    enrolled = [
        Enrolled(institution=name, check=checks.get(name, SAME), seat=seat) for seat, name in enumerate(names, 1)
    ]
    dice.shuffle(enrolled)  # type: ignore[attr-defined]
    assert match(enrolled=enrolled, areas=AREAS, standing=standing, members=frozenset(members)) == found


@PROPERTY
@given(WELFARE, CHECKS)
def test_asking_again_changes_nothing(welfare: list[str], checks: dict[str, str]) -> None:
    first = outcome(PUP, *welfare, checks=checks)
    standing: dict[Pair, Standing] = dict.fromkeys(first.suspected, "open")
    again = outcome(PUP, *welfare, checks=checks, standing=standing, members=tuple(first.members))
    assert again == Matching(first.members, ())


KNOWN = st.sampled_from([(SAME, None), (SAME, SAME), ("", SAME)])
"""Who knows a person by the key in force alone, by both keys, and by the next one alone."""


@PROPERTY
@given(st.tuples(KNOWN, KNOWN), st.tuples(KNOWN, KNOWN))
def test_no_order_in_which_offices_take_the_next_key_ends_a_match(
    before: tuple[tuple[str, str | None], ...], after: tuple[tuple[str, str | None], ...]
) -> None:
    names = (PUP, OPS)
    members: frozenset[str] = frozenset()
    for known in (before, after):
        enrolled = [
            Enrolled(institution=name, check=check, next_check=next_check, seat=seat)
            for seat, (name, (check, next_check)) in enumerate(zip(names, known, strict=True), 1)
        ]
        found = match(enrolled=enrolled, areas=AREAS, standing={}, members=members).members
        assert members <= found
        members = found
    share = (before[0][0] and before[1][0]) or (before[0][1] and before[1][1])
    later = (after[0][0] and after[1][0]) or (after[0][1] and after[1][1])
    assert members == (frozenset(names) if share or later else frozenset())


@pytest.mark.parametrize(
    ("answer", "goes_on"), [(None, True), ("confirmed", True), ("open", False), ("refused", False)]
)
def test_who_is_known_goes_on_without_a_key_in_common_unless_the_pair_is_suspected(
    answer: Standing | None, *, goes_on: bool
) -> None:
    enrolled = [
        Enrolled(institution=PUP, check=SAME, seat=1),
        Enrolled(institution=OPS, check="", next_check=SAME, seat=2),
    ]
    standing: dict[Pair, Standing] = {} if answer is None else {(PUP, OPS): answer}
    known = frozenset({PUP, OPS})
    for members, others in ((known, frozenset[str]()), (frozenset[str](), known)):
        found = match(enrolled=enrolled, areas=AREAS, standing=standing, members=members, known=others)
        assert found.members == (known if goes_on else frozenset())
        assert found.suspected == ()
    doubted = match(enrolled=enrolled, areas=AREAS, standing=standing, members=known, doubted=frozenset({(PUP, OPS)}))
    assert doubted.members == (known if answer == "confirmed" else frozenset())
    assert doubted.suspected == (() if answer else ((PUP, OPS),))


def test_checks_by_the_next_key_alone_tell_people_apart_too() -> None:
    for other, same in ((SAME, True), (OTHER, False)):
        enrolled = [
            Enrolled(institution=PUP, check="", next_check=SAME, seat=1),
            Enrolled(institution=OPS, check=SAME, next_check=other, seat=2),
        ]
        outcome_ = match(enrolled=enrolled, areas=AREAS, standing={}, members=frozenset({PUP, OPS}))
        assert outcome_.members == (frozenset({PUP, OPS}) if same else frozenset())
