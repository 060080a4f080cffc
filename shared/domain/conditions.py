"""The conditions of the degressive benefit, one by one, with the figures that decide: why a person may not have it.

Source: BENEFIT.md, "Eligible". A condition that an office cannot know of is ``None``: only the labour office that holds
the programme membership knows the arm, and a welfare centre that shares the client with nobody knows no registration.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shared.domain.assemble import Told, jobs_of
from shared.domain.before_job import days_before
from shared.domain.benefit.eligibility import DAYS_NEEDED, MONTHS_LOOKED_AT, LookedAt
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
    """A condition: its name, whether it is met, what is needed and what was found, in plain English, with figures."""

    name: str
    met: bool | None
    expected: str
    found: str
    figures: Mapping[str, int] = field(default_factory=dict)


def conditions(facts: Facts, *, today: date, not_before: date | None) -> list[Condition]:
    """Return every condition for the newest recorded job that could begin a case; ``not_before``: after the last lock.

    Where no job is recorded, the days are counted back from today.

    :raises Invalid: the leading office's records are beyond what a case may hold.
    """
    starts = [event.effective for event in jobs_of(facts.told, facts.lead) if event.kind == "start"]
    return _of_starts(facts, starts, today=today, not_before=not_before)


def conditions_of_job(facts: Facts, *, start: date, not_before: date | None) -> list[Condition]:
    """Return every condition for a job that is not recorded yet."""
    return _of_starts(facts, [start], today=start, not_before=not_before)


def verdict(found: Iterable[Condition]) -> bool | None:
    """Tell whether all conditions are met; ``None`` where none fails but one cannot be known."""
    answers = {one.met for one in found}
    return False if False in answers else None if None in answers else True


def _of_starts(facts: Facts, starts: Sequence[date], *, today: date, not_before: date | None) -> list[Condition]:
    days = {on: days_before(facts.told, start=on) for on in starts or [today]}
    long_term = [on for on in starts if days[on].counted > DAYS_NEEDED]
    free = [_is_free(long_term or starts, not_before)] if not_before else []
    return [
        _is_joint(facts),
        _is_recipient(facts),
        _has_job(facts, starts),
        _is_long_term(facts, days, long_term),
        *free,
    ]


def _is_joint(facts: Facts) -> Condition:
    kinds = {kind_of(member) for member in facts.members}
    met = "pup" in kinds and len(kinds) > 1
    found = ", ".join(facts.members) if met else "the client is not joint: no office of the other side shares it"
    return Condition("joint_client", met, "a labour office and a welfare centre share the client", found)


def _is_recipient(facts: Facts) -> Condition:
    expected = "the recipient arm of the programme"
    if not facts.knows_arm:
        return Condition("recipient", None, expected, "the labour office that holds the membership knows the arm")
    return Condition("recipient", facts.arm == "recipient", expected, facts.arm or "this office holds no membership")


def _has_job(facts: Facts, starts: Sequence[date]) -> Condition:
    found = f"a job that starts on {starts[-1]}" if starts else f"no job recorded at {facts.lead}"
    return Condition("job", bool(starts), "a job that starts", found)


def _is_long_term(facts: Facts, days: Mapping[date, LookedAt], long_term: Sequence[date]) -> Condition:
    name = "long_term_unemployed"
    expected = f"over {DAYS_NEEDED} days registered in the {MONTHS_LOOKED_AT} months before the job"
    if not facts.knows_days:
        return Condition(name, None, expected, "only a labour office keeps registrations")
    on = (long_term or list(days))[-1]
    looked_at = days[on]
    found = (
        f"{looked_at.counted} days before {on}: {looked_at.registered} registered,"
        f" {looked_at.placements} of placements taken off"
    )
    figures = {
        "registered_days": looked_at.registered,
        "placement_days": looked_at.placements,
        "counted_days": looked_at.counted,
    }
    return Condition(name, looked_at.counted > DAYS_NEEDED, expected, found, figures)


def _is_free(starts: Sequence[date], not_before: date) -> Condition:
    met = any(start >= not_before for start in starts)
    found = f"a job that starts on {starts[-1]}" if starts else "no job"
    return Condition("no_lock", met, f"a job that starts on {not_before} or later, after the last case", found)
