"""Duplicates (*dublowanie wsparcia*): two offices give one person forms of the same class on the same days.

The class is the catalogue's column ``duplicate_class``; a form that left masked has none and is never compared. The
rule looks at what stands, so it does not matter in which order forms became known.

>>> stage = Given("pup-2478", "f-1", "PUP-STA", Period(date(2026, 3, 2), date(2026, 8, 31)))
>>> practice = Given("ops-2478011", "f-2", "AI-Z03", Period(date(2026, 6, 1)))
>>> [found] = duplicates([stage, practice])
>>> found.first.iss, found.days.start.isoformat(), found.days.end.isoformat()
('ops-2478011', '2026-06-01', '2026-08-31')
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from heapq import nlargest
from itertools import combinations

from shared.domain import catalogue
from shared.domain.period import Period

__all__ = ["Duplicate", "Given", "Period", "date", "duplicates", "pair_id"]

MOST_FORMS = 60
MOST_PAIRS = 100
EXPLANATIONS = ("complementary", "different_scope", "costs_shared", "handed_over", "one_ends_soon", "told_by_mistake")
"""Why two forms of one class on the same days are right, as a code."""


@dataclass(frozen=True, slots=True)
class Given:
    """A form of support that an institution gives, or plans to give, on some days."""

    iss: str
    form_id: str
    code: str
    days: Period

    @property
    def duplicate_class(self) -> str:
        """Return the class in which it can be a duplicate; empty where there is none."""
        form = catalogue.forms().get(self.code)
        return form.duplicate_class if form else ""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two forms of one class by two institutions, in the order of their institutions, and the days they share."""

    first: Given
    second: Given
    days: Period

    @property
    def id(self) -> str:
        """Return what names the pair, whatever its days are."""
        return pair_id(self.first, self.second)


def duplicates(given: Iterable[Given]) -> frozenset[Duplicate]:
    """Return every pair of forms of different institutions, of one class, that have days in common; each once.

    Of a class the newest ``MOST_FORMS`` forms are compared, and the newest ``MOST_PAIRS`` pairs returned: no person is
    helped so often, and nobody's forms without number keep others waiting.
    """
    by_class: dict[str, list[Given]] = {}
    for one in given:
        if one.duplicate_class:
            by_class.setdefault(one.duplicate_class, []).append(one)
    found = (
        _pair(pair[0], pair[1], days)
        for members in by_class.values()
        for pair in combinations(nlargest(MOST_FORMS, members, key=_newest), 2)
        if pair[0].iss != pair[1].iss and (days := pair[0].days.overlap(pair[1].days))
    )
    return frozenset(nlargest(MOST_PAIRS, found, key=lambda one: (one.days.start, one.id)))


def duplicates_with(changed: Iterable[Given], others: Iterable[Given]) -> frozenset[Duplicate]:
    """Return those pairs that have a form of ``changed``, which one institution gives; ``others`` are not of it.

    They are the ones that ``duplicates`` finds with such a form as long as nobody is given forms without number.
    """
    by_class: dict[str, list[Given]] = {}
    for one in others:
        if one.duplicate_class:
            by_class.setdefault(one.duplicate_class, []).append(one)
    found = (
        _pair(form, other, days)
        for form in changed
        for other in nlargest(MOST_FORMS, by_class.get(form.duplicate_class, ()), key=_newest)
        if (days := form.days.overlap(other.days))
    )
    return frozenset(nlargest(MOST_PAIRS, found, key=lambda one: (one.days.start, one.id)))


def pair_id(one: Given, other: Given) -> str:
    """Return a SHA-256 that names a pair of forms, the same from both sides."""
    text = "|".join(f"{iss}|{form_id}" for iss, form_id in sorted([_place(one), _place(other)]))
    digest = hashlib.sha256(f"zwornik/v1|duplicate|{text}".encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _pair(one: Given, other: Given, days: Period) -> Duplicate:
    first, second = sorted((one, other), key=_place)
    return Duplicate(first, second, days)


def _newest(given: Given) -> tuple[date, str, str]:
    return given.days.start, *_place(given)


def _place(given: Given) -> tuple[str, str]:
    return given.iss, given.form_id
