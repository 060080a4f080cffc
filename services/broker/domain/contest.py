"""Contested clients (*klient sporny*): two labour offices have an open registration of one person; one of them leads.

Who leads is settled by the registrations alone: the one that opened last, and of two that opened on one day the office
whose id comes last. Nothing turns on who came first, so any order of arrival ends alike. Only while an office has not
yet said which registrations it has does it count who shares the person already: nobody is told anything on a guess.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a labour office that could share a person says of its registration.

    ``told``: it has said which registrations it has; ``opened``: the first day of the newest that is open.
    ``shares``: it shares the person until now.
    """

    institution: str
    told: bool = True
    opened: date | None = None
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """Who leads, where two or more registrations are open; who else has one; and who waits until all have said.

    >>> lead([Claim(institution="pup-1611", opened=date(2025, 3, 1)), Claim(institution="pup-2478")])
    Lead(leader=None, contesting=frozenset(), waiting=frozenset())
    >>> found = lead(
    ...     [
    ...         Claim(institution="pup-1611", opened=date(2025, 3, 1)),
    ...         Claim(institution="pup-2478", opened=date(2026, 9, 1)),
    ...     ]
    ... )
    >>> found.leader, sorted(found.contesting)
    ('pup-2478', ['pup-1611'])
    """

    leader: str | None = None
    contesting: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()


def lead(claims: Sequence[Claim]) -> Lead:
    """Return who leads; ``claims`` are in the order of arrival, which counts only where nobody has said anything.

    Who shares the person and has not yet said what it has goes on, and all others wait for its word.
    """
    if len(claims) < 2:
        return Lead()
    silent = [claim for claim in claims if not claim.told]
    if any(claim.shares for claim in silent):
        return Lead(waiting=frozenset(claim.institution for claim in claims if not claim.shares))
    if len(silent) == len(claims):
        return Lead(waiting=frozenset(claim.institution for claim in claims[1:]))
    waiting = frozenset(claim.institution for claim in silent)
    opened = sorted((claim.opened, claim.institution) for claim in claims if claim.told and claim.opened)
    if len(opened) < 2:
        return Lead(waiting=waiting)
    *contesting, (_, leader) = opened
    return Lead(leader, frozenset(name for _, name in contesting), waiting)
