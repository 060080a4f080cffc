"""Who shares a client: which pairs of a labour office and a welfare centre belong together, and which wait.

A pair is automatic when the welfare side's area lies in the labour office's and the checks on the surname agree; any
other pair is suspected and held until officials of both sides confirm it (WIRE.md, section 5). A second labour
office is never automatic: its pairs are suspected while another labour office leads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.domain.institutions import kind_of

Pair = tuple[str, str]
Standing = Literal["open", "confirmed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An active enrolment: who, with which check on the surname, in the order of arrival."""

    institution: str
    check: str
    seat: int


@dataclass(frozen=True, slots=True)
class Matching:
    """The outcome: who shares the client, and which pairs are newly suspected."""

    members: frozenset[str]
    suspected: tuple[Pair, ...]


def match(
    *,
    enrolled: Sequence[Enrolled],
    areas: Mapping[str, frozenset[str]],
    standing: Mapping[Pair, Standing],
    members: frozenset[str],
) -> Matching:
    """Return who shares a client now.

    ``areas`` holds the gminas each institution serves, ``standing`` what officials made of suspected pairs,
    ``members`` who shared the client until now.
    """
    ordered = sorted(enrolled, key=lambda one: (one.seat, one.institution))
    pups = [one for one in ordered if kind_of(one.institution) == "pup"]
    welfare = [one for one in ordered if kind_of(one.institution) != "pup"]
    natural = {
        (pup.institution, other.institution)
        for pup in pups
        for other in welfare
        if pup.check == other.check
        and standing.get((pup.institution, other.institution)) != "refused"
        and areas.get(pup.institution, frozenset()) & areas.get(other.institution, frozenset())
    }
    leader = _leader([pup.institution for pup in pups], natural, members)
    linked: set[str] = set()
    suspected: list[Pair] = []
    for pup in pups:
        for other in welfare:
            pair = (pup.institution, other.institution)
            if standing.get(pair) == "confirmed" or (pair in natural and pup.institution == leader):
                linked |= set(pair)
            elif pair not in standing:
                suspected.append(pair)
    return Matching(frozenset(linked), tuple(suspected))


def _leader(pups: Sequence[str], natural: set[Pair], members: frozenset[str]) -> str | None:
    """Return the one labour office whose pairs may match by themselves: a member already, else the first to come."""
    present = [pup for pup in pups if pup in members]
    if present:
        return present[0]
    return next((pup for pup in pups if any(pair[0] == pup for pair in natural)), None)
