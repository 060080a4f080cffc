"""The conditions of the degressive benefit, one by one, with the figures that decide: why a person may not have it.

Source: BENEFIT.md, "Eligible". A condition that an office cannot know of is ``None``: only the labour office that holds
the programme membership knows the arm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.domain.assemble import Told, jobs_of, placements_of, registered
from shared.domain.benefit.eligibility import DAYS_NEEDED, MONTHS_LOOKED_AT, counted_days
from shared.domain.institutions import kind_of


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: its name, whether it is met, what is needed and what was found, in plain English."""

    name: str
    met: bool | None
    expected: str
    found: str


def conditions(
    *, members: Sequence[str], arm: str | None, lead: str, told: Sequence[Told], not_before: date | None
) -> list[Condition]:
    """Return every condition for the newest job that could begin a case; ``not_before``: the lock of the last one.

    :raises Invalid: the leading office's records are beyond what a case may hold.
    """
    starts = [event.effective for event in jobs_of(told, lead) if event.kind == "start"]
    days = {on: counted_days(start=on, registered=registered(told), placements=placements_of(told)) for on in starts}
    long_term = [on for on in starts if days[on] > DAYS_NEEDED]
    return [_is_joint(members), _is_recipient(arm), _has_job(starts), _is_long_term(days, long_term)] + (
        [_is_free(long_term or starts, not_before)] if not_before else []
    )


def _is_joint(members: Sequence[str]) -> Condition:
    kinds = sorted({kind_of(member) for member in members})
    met = "pup" in kinds and len(kinds) > 1
    found = ", ".join(members) if members else "no other office shares the client"
    return Condition("joint_client", met, "a labour office and a welfare centre share the client", found)


def _is_recipient(arm: str | None) -> Condition:
    met = None if arm is None else arm == "recipient"
    return Condition("recipient", met, "the recipient arm of the programme", arm or "this office holds no membership")


def _has_job(starts: Sequence[date]) -> Condition:
    found = f"a job that starts on {starts[-1]}" if starts else "no job at the leading labour office"
    return Condition("job", bool(starts), "a job that starts", found)


def _is_long_term(days: dict[date, int], long_term: Sequence[date]) -> Condition:
    expected = f"over {DAYS_NEEDED} days registered in the {MONTHS_LOOKED_AT} months before the job"
    starts = long_term or list(days)
    found = f"{days[starts[-1]]} days before {starts[-1]}" if starts else "no job to look back from"
    return Condition("long_term_unemployed", bool(long_term), expected, found)


def _is_free(starts: Sequence[date], not_before: date) -> Condition:
    met = any(start >= not_before for start in starts)
    found = f"a job that starts on {starts[-1]}" if starts else "no job"
    return Condition("no_lock", met, f"a job that starts on {not_before} or later, after the last case", found)
