"""Which of two labour offices leads: the rule alone. By registrations, never by order; never two; never on a guess."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.broker.domain.contest import Claim, Lead, lead
from services.broker.domain.matching import Enrolled, Matching, Pair, Standing, match
from shared.domain.contest import LetsNobodyIn, require_letting_in
from shared.domain.institutions import kind_of
from tests.domain.builders import PROPERTY

PUP, SECOND, THIRD = "pup-1611", "pup-2478", "pup-3010"
OPS, FAR, NGO = "ops-1611012", "ops-2478011", "ngo-0000123456"
AREAS = {
    PUP: frozenset({"1611012"}),
    SECOND: frozenset({"2478011"}),
    THIRD: frozenset({"3010011"}),
    OPS: frozenset({"1611012"}),
    FAR: frozenset({"2478011"}),
    NGO: frozenset({"1611012", "2478011", "3010011"}),
}
EARLY, LATE = date(2025, 3, 1), date(2026, 9, 1)
NOTHING: Mapping[Pair, Standing] = {}
Fact = tuple[str, str, date | None]


def outcome(
    *names: str,
    registered: Mapping[str, date | None],
    members: Sequence[str] = (),
    let_in: Mapping[Pair, Standing] = NOTHING,
    standing: Mapping[Pair, Standing] = NOTHING,
) -> Matching:
    """Return what comes of offices that enrolled one after the other, with what they said of registrations."""
    return match(
        enrolled=[Enrolled(institution=name, check="a7", seat=seat) for seat, name in enumerate(names, 1)],
        areas=AREAS,
        standing=standing,
        members=frozenset(members),
        registered=registered,
        let_in=let_in,
    )


def test_one_labour_office_contests_with_nobody_whatever_it_said() -> None:
    for claim in (Claim(institution=PUP, told=False), Claim(institution=PUP, opened=LATE)):
        assert lead([]) == lead([claim]) == Lead()


def test_the_registration_that_opened_last_leads() -> None:
    for opened, leader, other in (({PUP: EARLY, SECOND: LATE}, SECOND, PUP), ({PUP: LATE, SECOND: EARLY}, PUP, SECOND)):
        found = outcome(PUP, NGO, SECOND, registered=opened, members=(PUP, NGO))
        assert (found.members, found.held, found.leader) == ({leader, NGO}, {other}, leader)
        assert found.contested


def test_of_two_registrations_of_one_day_the_same_office_leads_on_any_order_of_arrival() -> None:
    found = {outcome(*names, registered={PUP: LATE, SECOND: LATE}).leader for names in permutations((PUP, SECOND, NGO))}
    assert found == {SECOND}


@pytest.mark.parametrize(
    "registered", [{PUP: EARLY, SECOND: None}, {PUP: None, SECOND: LATE}, {PUP: None, SECOND: None}]
)
def test_who_has_no_open_registration_contests_with_nobody(registered: dict[str, date | None]) -> None:
    found = outcome(PUP, NGO, SECOND, registered=registered)
    assert found == Matching(frozenset({PUP, SECOND, NGO}), ())


def test_a_second_labour_office_waits_until_it_has_said_what_it_has() -> None:
    found = outcome(PUP, NGO, SECOND, registered={PUP: EARLY}, members=(PUP, NGO))
    assert (found.members, found.held, found.leader, found.contested) == ({PUP, NGO}, {SECOND}, None, False)
    assert found.questions == ()


def test_while_who_shares_has_said_nothing_all_others_wait_even_with_a_later_registration() -> None:
    found = outcome(PUP, NGO, SECOND, registered={SECOND: LATE}, members=(PUP, NGO))
    assert (found.members, found.held, found.leader) == ({PUP, NGO}, {SECOND}, None)


def test_where_nobody_has_said_anything_the_first_to_come_shares_and_the_other_is_asked() -> None:
    found = outcome(SECOND, PUP, NGO, registered={})
    assert (found.members, found.held, found.leader) == ({SECOND, NGO}, {PUP}, None)


def test_what_the_held_office_alone_brings_is_held_with_it() -> None:
    found = outcome(PUP, OPS, SECOND, FAR, registered={PUP: EARLY, SECOND: LATE}, members=(PUP, OPS))
    assert (found.members, found.held) == ({SECOND, FAR}, {PUP, OPS})
    assert set(found.suspected) == {(PUP, FAR), (SECOND, OPS)}
    assert found.questions == ()


def test_who_may_let_the_held_office_in_is_asked_once() -> None:
    registered = {PUP: EARLY, SECOND: LATE}
    found = outcome(PUP, NGO, SECOND, registered=registered)
    assert found.questions == ((PUP, NGO),)
    for answer in ("open", "refused"):
        again = outcome(PUP, NGO, SECOND, registered=registered, let_in={(PUP, NGO): answer})
        assert (again.members, again.held, again.questions) == ({SECOND, NGO}, {PUP}, ())


def test_a_confirmation_lets_the_held_office_in_with_all_that_it_brings() -> None:
    registered = {PUP: EARLY, SECOND: LATE}
    found = outcome(PUP, OPS, NGO, SECOND, registered=registered, let_in={(PUP, NGO): "confirmed"})
    assert (found.members, found.held, found.leader) == ({PUP, SECOND, OPS, NGO}, frozenset(), SECOND)
    assert not found.contested


def test_those_who_share_nothing_with_who_leads_let_nobody_in() -> None:
    found = outcome(PUP, OPS, SECOND, FAR, registered={PUP: EARLY, SECOND: LATE}, let_in={(PUP, OPS): "confirmed"})
    assert (found.members, found.held) == ({SECOND, FAR}, {PUP, OPS})


def test_that_it_is_one_person_was_confirmed_before_and_lets_nobody_in() -> None:
    standing: dict[Pair, Standing] = {(PUP, NGO): "confirmed", (SECOND, NGO): "confirmed"}
    found = outcome(PUP, NGO, SECOND, registered={PUP: EARLY, SECOND: LATE}, standing=standing)
    assert (found.members, found.held, found.questions) == ({SECOND, NGO}, {PUP}, ((PUP, NGO),))


def test_closing_hands_the_lead_to_the_next_of_three() -> None:
    registered: dict[str, date | None] = {PUP: EARLY, SECOND: date(2026, 1, 1), THIRD: LATE}
    assert outcome(PUP, SECOND, THIRD, NGO, registered=registered).leader == THIRD
    found = outcome(PUP, SECOND, THIRD, NGO, registered=registered | {THIRD: None})
    assert (found.leader, found.members, found.held) == (SECOND, {SECOND, THIRD, NGO}, {PUP})


@pytest.mark.parametrize("code", ["other_person", "other_area", "unclear", ""])
def test_a_reason_that_speaks_against_it_lets_nobody_in(code: str) -> None:
    with pytest.raises(LetsNobodyIn) as refused:
        require_letting_in(code)
    assert refused.value.expected == "same_person"


@dataclass
class World:
    """What happens, one fact after another; a labour office that shares or is held says what it has once reached."""

    enrolled: dict[str, int] = field(default_factory=dict)
    opened: dict[str, date | None] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    reached: set[str] = field(default_factory=set)
    found: Matching = field(default_factory=lambda: Matching(frozenset(), ()))

    def happen(self, fact: Fact) -> None:
        """Let one thing happen at one office."""
        name, what, day = fact
        if what == "enrols":
            self.enrolled[name] = 1 + max(self.enrolled.values(), default=0)
        elif what == "is reached":
            self.reached.add(name)
        elif what == "withdraws":
            self.enrolled.pop(name, None)
        else:
            self.opened[name] = day if what == "opens" else None
        self.settle()

    def settle(self) -> None:
        """Work out who shares, ask whoever is to be asked, until nothing changes."""
        while True:
            told = self.asked & self.reached
            found = match(
                enrolled=[Enrolled(institution=name, check="a7", seat=seat) for name, seat in self.enrolled.items()],
                areas=AREAS,
                standing={},
                members=self.found.members,
                registered={name: self.opened.get(name) for name in told},
            )
            asked = {name for name in found.members | found.held if kind_of(name) == "pup"}
            if (found, asked) == (self.found, self.asked):
                return
            self.found, self.asked = found, asked


FACTS = st.lists(
    st.tuples(
        st.sampled_from([PUP, SECOND, THIRD]),
        st.lists(st.tuples(st.sampled_from(["opens", "closes"]), st.sampled_from([EARLY, LATE])), max_size=3),
        st.booleans(),
    ),
    unique_by=lambda one: one[0],
    min_size=1,
)


def told_of(name: str, changes: Sequence[tuple[str, date]], leaves: bool) -> list[Fact]:
    """Return what happens at one labour office, in its own order."""
    facts: list[Fact] = [(name, "enrols", None)]
    facts += [(name, what, day) for what, day in changes]
    return [*facts, *([(name, "withdraws", None)] if leaves else [])]


def merged(streams: list[list[Fact]], dice: st.DataObject) -> Iterator[Fact]:
    """Yield what happens at several offices in some order that keeps each one's own."""
    while left := [stream for stream in streams if stream]:
        yield dice.draw(st.sampled_from(left)).pop(0)


@PROPERTY
@given(FACTS, st.data())
def test_any_order_of_arrival_ends_in_the_same_state(
    facts: list[tuple[str, list[tuple[str, date]], bool]], dice: st.DataObject
) -> None:
    ends = []
    for _ in range(2):
        world = World()
        streams = [told_of(*one) for one in facts] + [[(name, "is reached", None)] for name, *_ in facts]
        streams += [[(NGO, "enrols", None)], [(OPS, "enrols", None)]]
        for fact in merged(streams, dice):
            world.happen(fact)
            require_one_leader(world)
        ends.append((world.found.members, world.found.held, world.found.leader, world.found.contested))
    assert ends[0] == ends[1]


def require_one_leader(world: World) -> None:
    """Hold what holds at any moment: one leads, who is held gets nothing, and a contest takes two open ones."""
    found = world.found
    open_ = {name: day for name in world.asked & world.reached if (day := world.opened.get(name))}
    assert not found.members & found.held
    assert found.members | found.held <= world.enrolled.keys()
    assert len(open_.keys() & found.members) <= 1
    if found.leader is not None:
        assert found.leader in found.members
        assert found.contested
        assert len(open_) > 1
        assert max((day, name) for name, day in open_.items())[1] == found.leader
    else:
        assert not found.contested
    if len(open_) < 2 and world.asked <= world.reached:
        assert not found.held


CLAIMS = st.lists(
    st.builds(
        Claim,
        institution=st.sampled_from([PUP, SECOND, THIRD]),
        told=st.booleans(),
        opened=st.sampled_from([None, EARLY, LATE]),
        shares=st.booleans(),
    ),
    unique_by=lambda claim: claim.institution,
)


@PROPERTY
@given(CLAIMS)
def test_whatever_is_claimed_somebody_goes_on_and_nobody_leads_on_a_guess(claims: list[Claim]) -> None:
    found = lead(claims)
    names = {claim.institution for claim in claims}
    apart = found.contesting | found.waiting
    assert apart <= names
    assert not found.contesting & found.waiting
    if claims:
        assert names - apart
    if found.leader is not None:
        assert found.leader not in apart
        assert all(claim.opened and claim.told for claim in claims if claim.institution in found.contesting)
    silent = {claim.institution for claim in claims if not claim.told and not claim.shares}
    if len(claims) > 1 and any(claim.told or claim.shares for claim in claims):
        assert silent <= found.waiting


@PROPERTY
@given(CLAIMS, st.randoms(use_true_random=False))
def test_once_all_have_said_what_they_have_neither_order_nor_who_shares_counts(
    claims: list[Claim], dice: Random
) -> None:
    told = [Claim(institution=claim.institution, opened=claim.opened) for claim in claims]
    shuffled = [Claim(institution=one.institution, opened=one.opened, shares=i % 2 == 0) for i, one in enumerate(told)]
    dice.shuffle(shuffled)
    assert lead(shuffled) == lead(told)
