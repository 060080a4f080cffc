"""The conditions of the degressive benefit, one by one, with the figures that decide: why a person may not have it.

Source: BENEFIT.md, "Eligible". A condition that an office cannot know of is ``None``: only the labour office that holds
the programme membership knows the arm, and a welfare centre that shares the client with nobody knows no registration.
Polish, or English by switch; the phrases stand in ``conditions.csv``.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from shared.domain.assemble import Told, jobs_of
from shared.domain.before_job import days_before
from shared.domain.benefit.eligibility import DAYS_NEEDED, MONTHS_LOOKED_AT, LookedAt
from shared.domain.benefit.explain import Language
from shared.domain.institutions import kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an office knows of a client. ``members`` share the client, none where it is not joint.

    ``lead`` is the leading labour office or, while there is none, the office itself. ``knows_arm``: the office is of
    the kind that holds memberships of the programme. ``knows_days``: it keeps registrations, or was told of them.
    """

    members: Sequence[str]
    lead: str
    told: Sequence[Told]
    arm: str | None
    knows_arm: bool
    knows_days: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: its name, whether it is met, what is needed and what was found, in words, with figures."""

    name: str
    met: bool | None
    expected: str
    found: str
    figures: Mapping[str, int] = field(default_factory=dict)


def conditions(facts: Facts, *, today: date, not_before: date | None, language: Language = "pl") -> list[Condition]:
    """Return every condition for the newest recorded job that could begin a case; ``not_before``: after the last lock.

    Where no job is recorded, the days are counted back from today.

    :raises Invalid: the leading office's records are beyond what a case may hold.
    """
    return _Conditions(facts, language).of_starts(starts_of(facts), today=today, not_before=not_before)


def starts_of(facts: Facts) -> list[date]:
    """Return the days on which recorded work starts, in order.

    :raises Invalid: the leading office's records are beyond what a case may hold.
    """
    return [event.effective for event in jobs_of(facts.told, facts.lead) if event.kind == "start"]


def conditions_of_job(
    facts: Facts, *, start: date, not_before: date | None, language: Language = "pl"
) -> list[Condition]:
    """Return every condition for a job that is not recorded yet."""
    return _Conditions(facts, language).of_starts([start], today=start, not_before=not_before)


def verdict(found: Iterable[Condition]) -> bool | None:
    """Tell whether all conditions are met; ``None`` where none fails but one cannot be known."""
    answers = {one.met for one in found}
    return False if False in answers else None if None in answers else True


@cache
def phrases(language: Language) -> Mapping[str, str]:
    """Return the phrases of a language (``conditions.csv``)."""
    lines = files(__package__).joinpath("conditions.csv").read_text("utf-8").splitlines()
    return MappingProxyType({row["key"]: row[language] for row in csv.DictReader(lines, delimiter=";")})


class _Conditions:
    """Looks at one client and tells it in one language."""

    def __init__(self, facts: Facts, language: Language) -> None:
        self.facts, self.words = facts, phrases(language)

    def of_starts(self, starts: Sequence[date], *, today: date, not_before: date | None) -> list[Condition]:
        """Return every condition for jobs that start on some days."""
        days = {on: days_before(self.facts.told, start=on) for on in starts or [today]}
        long_term = [on for on in starts if days[on].counted > DAYS_NEEDED]
        free = [self.is_free(long_term or starts, not_before)] if not_before else []
        return [self.is_joint(), self.is_recipient(), self.has_job(starts), self.is_long_term(days, long_term), *free]

    def is_joint(self) -> Condition:
        """Look for an office of either side."""
        kinds = {kind_of(member) for member in self.facts.members}
        met = "pup" in kinds and len(kinds) > 1
        return self.told("joint_client", met, "met" if met else "missing", members=", ".join(self.facts.members))

    def is_recipient(self) -> Condition:
        """Look at the arm."""
        if not self.facts.knows_arm:
            return self.told("recipient", None, "unknown")
        return self.told("recipient", self.facts.arm == "recipient", self.facts.arm or "missing")

    def has_job(self, starts: Sequence[date]) -> Condition:
        """Look for a job."""
        start = starts[-1] if starts else None
        return self.told("job", bool(starts), "met" if starts else "missing", start=start, lead=self.facts.lead)

    def is_long_term(self, days: Mapping[date, LookedAt], long_term: Sequence[date]) -> Condition:
        """Count the days."""
        bounds = {"needed": DAYS_NEEDED, "months": MONTHS_LOOKED_AT}
        if not self.facts.knows_days:
            return self.told("long_term_unemployed", None, "unknown", **bounds)
        on = (long_term or list(days))[-1]
        looked_at = days[on]
        counts = {name: getattr(looked_at, name) for name in ("registered", "placements", "counted")}
        met = looked_at.counted > DAYS_NEEDED
        told = self.told("long_term_unemployed", met, "counted", start=on, **counts, **bounds)
        names = {"registered": "registered_days", "placements": "placement_days", "counted": "counted_days"}
        return replace(told, figures={names[name]: count for name, count in counts.items()})

    def is_free(self, starts: Sequence[date], not_before: date) -> Condition:
        """Look whether the lock has passed."""
        met = any(start >= not_before for start in starts)
        start = starts[-1] if starts else None
        return self.told("no_lock", met, "found" if starts else "missing", start=start, free=not_before)

    def told(self, name: str, met: bool | None, found: str, **facts: object) -> Condition:
        """Return a condition in words."""
        expected, said = (self.words[f"{name}.{part}"].format(**facts) for part in ("expected", found))
        return Condition(name, met, expected, said)
