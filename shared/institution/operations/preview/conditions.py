"""Whether the benefit could be had with a job that is looked at ahead: conditions of eligibility on its first day."""

from dataclasses import dataclass
from datetime import date, timedelta

from shared.domain.conditions import conditions_of_job, verdict
from shared.institution.operations.benefit.known import Known


@dataclass(frozen=True, slots=True)
class JobConditions:
    """``eligible`` and ``counted_days`` are ``None`` where the office cannot know, ``locked_until`` without a lock."""

    eligible: bool | None
    locked_until: date | None
    counted_days: int | None


def job_conditions(knows: Known, start: date) -> JobConditions:
    """Return how the conditions stand for a job that starts on a day."""
    free = knows.last.free_from(start) if knows.last else None
    found = conditions_of_job(knows.facts, start=start, not_before=free)
    figures = next(one.figures for one in found if one.name == "long_term_unemployed")
    return JobConditions(
        eligible=verdict(found),
        locked_until=free - timedelta(days=1) if free and start < free else None,
        counted_days=figures.get("counted_days"),
    )
