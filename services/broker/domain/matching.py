"""Who shares a client: which pairs of a labour office and a welfare centre belong together, and which wait.

A pair is automatic when the welfare side's area lies in the labour office's and the checks on the surname agree; any
other pair is suspected and held until officials of both sides confirm it (WIRE.md, section 5). Where two labour
offices have such pairs and each an open registration, one leads and the other is held with all that it alone brings,
until officials let it in (``contest``).
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from services.broker.domain.contest import Claim, Lead, lead
from shared.domain.institutions import kind_of

Pair = tuple[str, str]
Standing = Literal["open", "confirmed", "refused"]
_NOTHING: Mapping[Pair, Standing] = MappingProxyType({})
_NONE: frozenset[Pair] = frozenset()
_NOBODY: Mapping[str, date | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An active enrolment: who, with which check on the surname, in the order of arrival.

    ``check`` is by the match key in force, empty where the office knows the next one alone; ``next_check`` by the next.
    """

    institution: str
    check: str
    seat: int
    next_check: str | None = None

    def agrees_with(self, other: "Enrolled") -> bool | None:
        """Tell whether the checks agree by every key that both know; ``None`` where they know none in common.

        >>> both = Enrolled(institution="pup-2478", check="3f", next_check="a1", seat=1)
        >>> both.agrees_with(Enrolled(institution="ops-2478011", check="3f", seat=2))
        True
        >>> both.agrees_with(Enrolled(institution="ops-2478011", check="", next_check="a2", seat=2))
        False
        >>> Enrolled(institution="a", check="3f", seat=1).agrees_with(
        ...     Enrolled(institution="b", check="", next_check="a1", seat=2)
        ... )
        """
        known = [
            mine == theirs
            for mine, theirs in ((self.check, other.check), (self.next_check, other.next_check))
            if mine and theirs
        ]
        return all(known) if known else None


@dataclass(frozen=True, slots=True)
class Matching:
    """The outcome: who shares the client, which pairs are newly suspected, who would share it and is held.

    ``contested``: a labour office is held because another one leads; ``leader`` is named as long as two registrations
    are open, though officials let the other in. ``questions`` are the pairs to ask whether it is to be let in.
    """

    members: frozenset[str]
    suspected: tuple[Pair, ...]
    held: frozenset[str] = frozenset()
    leader: str | None = None
    contested: bool = False
    questions: tuple[Pair, ...] = ()


def match(
    *,
    enrolled: Sequence[Enrolled],
    areas: Mapping[str, frozenset[str]],
    standing: Mapping[Pair, Standing],
    members: frozenset[str],
    known: frozenset[str] = frozenset(),
    doubted: Set[Pair] = _NONE,
    registered: Mapping[str, date | None] = _NOBODY,
    let_in: Mapping[Pair, Standing] = _NOTHING,
) -> Matching:
    """Return who shares a client now.

    ``areas`` holds the gminas each institution serves, ``standing`` what officials made of suspected pairs,
    ``members`` who shared the client until now, ``known`` who was held, ``doubted`` the pairs that were suspected or
    refused until now and are looked at anew. ``registered`` holds, for each labour office that has said what
    registrations it has, the first day of the newest open one; ``let_in`` what officials made of the questions.
    """
    ordered = sorted(enrolled, key=lambda one: (one.seat, one.institution))
    pups = [one for one in ordered if kind_of(one.institution) == "pup"]
    pairs = [(pup, other) for pup in pups for other in ordered if kind_of(other.institution) != "pup"]
    together = {_pair(*pair) for pair in pairs if set(_pair(*pair)) <= members | known}
    linking = [_pair(*pair) for pair in pairs if _links(*pair, areas, standing, known=together - doubted)]
    suspected = [pair for pair in (_pair(*pair) for pair in pairs) if pair not in linking and pair not in standing]
    found = lead(_claims(linking, members, registered))
    sharing = _sharing(linking, found, let_in)
    shared = _offices(linking, sharing)
    held = found.contesting - sharing
    asked = [pair for pair in linking if pair[0] in held and pair[1] in shared and pair not in let_in]
    return Matching(
        members=shared,
        suspected=tuple(suspected),
        held=_offices(linking, found.contesting | found.waiting) - shared,
        leader=found.leader,
        contested=bool(held),
        questions=tuple(asked),
    )


def _claims(linking: Sequence[Pair], members: frozenset[str], registered: Mapping[str, date | None]) -> Sequence[Claim]:
    """Return what each labour office with a pair claims, in the order of arrival."""
    return [
        Claim(institution=name, told=name in registered, opened=registered.get(name), shares=name in members)
        for name in dict.fromkeys(pup for pup, _ in linking)
    ]


def _sharing(linking: Sequence[Pair], found: Lead, let_in: Mapping[Pair, Standing]) -> frozenset[str]:
    """Return the labour offices that share: who is not held, and whom an office that shares let in with it."""
    sharing = frozenset(pup for pup, _ in linking) - found.contesting - found.waiting
    while True:
        shared = _offices(linking, sharing)
        joining = {pair[0] for pair in linking if let_in.get(pair) == "confirmed" and pair[1] in shared}
        wider = sharing | joining & found.contesting
        if wider == sharing:
            return sharing
        sharing = wider


def _offices(linking: Iterable[Pair], pups: Set[str]) -> frozenset[str]:
    return frozenset(name for pair in linking if pair[0] in pups for name in pair)


def _pair(pup: Enrolled, other: Enrolled) -> Pair:
    return pup.institution, other.institution


def _links(
    pup: Enrolled,
    other: Enrolled,
    areas: Mapping[str, frozenset[str]],
    standing: Mapping[Pair, Standing],
    *,
    known: Set[Pair],
) -> bool:
    """Tell whether a pair shares the client by itself, were there no other labour office.

    A pair that is ``known`` to share it goes on until both have told by one match key again; one that is suspected
    never is: it waits for officials until the checks can be compared.
    """
    answer = standing.get(_pair(pup, other))
    if answer in ("confirmed", "refused"):
        return answer == "confirmed"
    here, there = areas.get(pup.institution, frozenset()), areas.get(other.institution, frozenset())
    agreed = pup.agrees_with(other)
    if agreed is None:
        agreed = answer is None and _pair(pup, other) in known
    return agreed and bool(here & there)
