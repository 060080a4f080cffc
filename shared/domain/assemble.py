"""From what the members told about a person to the case of the rule; broker and office run the same code.

The leading labour office (*wiodący PUP*) is the one source of employment; what another member says of the job is
compared, never mixed in, and a difference is a discrepancy (*rozbieżność*) that blocks the decision.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from shared.domain import catalogue
from shared.domain.benefit.case import Benefit, Case, case_json, parse_case
from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.eligibility import NOT_COUNTED, is_long_term
from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.jobs import JobRecord, employment_events
from shared.domain.benefit.members import day
from shared.domain.benefit.parameters import scheme_parameters
from shared.domain.benefit.record_end import months_kept
from shared.domain.benefit.span import ends_on, last_day, without_long_breaks
from shared.domain.errors import DomainError
from shared.domain.events.payloads import support
from shared.domain.events.schema import UNSET
from shared.domain.period import Period


@dataclass(frozen=True, slots=True)
class Told:
    """A record as a member told it last; ``payload`` is a payload of ``events.payloads.support``."""

    iss: str
    payload: Any


@dataclass(frozen=True, slots=True)
class Assembled:
    """A case and how many members contradict its employment; or no case, and why.

    ``is_cut``: work went on after a break that was too long to be resumed, and belongs to this case no more.
    """

    case: Case | None
    discrepancies: int = 0
    reason: str | None = None
    is_cut: bool = False

    @property
    def first_start(self) -> date | None:
        """Return the first day of work, if there is a case."""
        return self.case.employment[0].effective if self.case and self.case.employment else None

    def ends_on(self, today: date) -> date | None:
        """Return the day on which the case ended or will end; ``None`` while a break may be resumed."""
        if self.case is None or self.first_start is None:
            return None
        if self.is_cut:
            return last_day(self.case.employment)
        months = case_settings(on=self.first_start).break_months
        return ends_on(self.case.employment, today=today, break_months=months)


def assemble(
    *, case_id: str, lead: str, told: Sequence[Told], known: bool = False, not_before: date | None = None
) -> Assembled:
    """Return the case that the records make; ``lead`` is the leading labour office.

    ``reason`` is ``no_job`` or ``not_long_term_unemployed`` where they make none. ``known``: the case was assessed
    before; if late news left nothing of it, it is a case of which nothing is due, so that a correction says so.
    ``not_before``: the first day on which the case may start, after the lock of the one before.

    :raises Invalid: the leading office's records, or the benefits together, are beyond what a case may hold.
    """
    all_jobs = jobs_of(told, lead)
    if not all_jobs:
        return _nothing_due(case_id, told, lead, "no_job", known=known)
    start = _eligible_start(all_jobs, registered(told), placements_of(told), not_before)
    if start is None:
        return _nothing_due(case_id, told, lead, "not_long_term_unemployed", known=known)
    later = _since(start, all_jobs)
    jobs = without_long_breaks(later, break_months=case_settings(on=start).break_months)
    benefits = tuple(row for one in _in_order(told) for row in _benefit_rows(one, told, jobs))
    case = Case(case_id=case_id, parameters=scheme_parameters(on=start), benefits=benefits, employment=jobs)
    others = {one.iss for one in told if one.iss != lead and _is_job(one.payload)}
    differing = sum(not _agrees(told, other, start, jobs) for other in others)
    return Assembled(parse_case(case_json(case)), discrepancies=differing, is_cut=len(jobs) < len(later))


def _eligible_start(
    jobs: Sequence[EmploymentEvent],
    registered: Sequence[Period],
    placements: Sequence[Period],
    not_before: date | None,
) -> date | None:
    """Return the first start of work before which the person was long-term unemployed: jobs of before are history."""
    starts = (event.effective for event in jobs if event.kind == "start")
    if not_before is not None:
        starts = (on for on in starts if on >= not_before)
    return next((on for on in starts if is_long_term(start=on, registered=registered, placements=placements)), None)


def _since(start: date, jobs: Sequence[EmploymentEvent]) -> tuple[EmploymentEvent, ...]:
    """Return the employment from a day on, counted from 1."""
    later = (event for event in jobs if event.effective >= start)
    return tuple(replace(event, recorded=number) for number, event in enumerate(later, 1))


def _agrees(told: Sequence[Told], other: str, start: date, jobs: Sequence[EmploymentEvent]) -> bool:
    """Tell whether another member says the same of the job, or speaks of earlier ones alone.

    What no case can hold is not the same, and stops nobody.
    """
    try:
        said = jobs_of(told, other)
    except DomainError:
        return False
    later = without_long_breaks(_since(start, said), break_months=case_settings(on=start).break_months)
    is_over = not later and (not said or said[-1].kind == "stop")
    return is_over or later == jobs


def _nothing_due(case_id: str, told: Sequence[Told], lead: str, reason: str, *, known: bool) -> Assembled:
    """Return no case or, where there was one, the case without a day of work that counts."""
    days = [one.payload.effective for one in told if one.iss == lead and _is_job(one.payload)]
    if not known or not days:
        return Assembled(None, reason=reason)
    case = Case(case_id=case_id, parameters=scheme_parameters(on=min(days)), benefits=(), employment=())
    return Assembled(case, reason=reason)


def jobs_of(told: Iterable[Told], iss: str) -> tuple[EmploymentEvent, ...]:
    """Return the employment as one member told it.

    :raises Invalid: a day or a wage that a case cannot hold.
    """
    events = employment_events(_job_record(one.payload) for one in told if one.iss == iss and _is_job(one.payload))
    for event in events:
        day(event.effective.isoformat(), field="employment")
    return events


def _is_job(payload: Any) -> bool:
    return isinstance(payload, support.Employed | support.EmploymentEnded)


def _job_record(payload: Any) -> JobRecord:
    net = payload.net if isinstance(payload, support.Employed) else None
    kind = "stop" if net is None else "wage"
    return JobRecord(payload.employment_id, kind, payload.effective, net, payload.recorded)  # type: ignore[arg-type]


def registered(told: Iterable[Told]) -> list[Period]:
    """Return the periods of registration as unemployed (*rejestracja bezrobotnego*) that members told."""
    return [
        Period(one.payload.from_, one.payload.until) for one in told if isinstance(one.payload, support.Registration)
    ]


def placements_of(told: Iterable[Told]) -> list[Period]:
    """Return the periods of placements whose days do not count as unemployed."""
    forms = (one.payload for one in told if isinstance(one.payload, support.SupportForm))
    return [Period(form.from_, form.until) for form in forms if form.code in NOT_COUNTED]


def _in_order(told: Iterable[Told]) -> list[Told]:
    benefits = [one for one in told if isinstance(one.payload, support.Benefit)]
    return sorted(benefits, key=lambda one: (one.iss, one.payload.benefit_id))


def _benefit_rows(one: Told, told: Sequence[Told], jobs: Sequence[EmploymentEvent]) -> Iterator[Benefit]:
    """Yield the rows of a benefit: none if it was not in force, two if a part of it remains.

    What would be kept for good is kept while its record, or the next one of it, runs (docs/decisions/0024).
    Source: ``../data/README.md`` of the design, "Effect to the benefit rule".
    """
    benefit: support.Benefit = one.payload
    start = jobs[0].effective
    if not is_in_force(benefit, start):
        return
    for_good = months_kept(recorded_end(one, told), jobs)
    kept = _kept_months(benefit, one.iss, told, start)
    kept = for_good if kept is None else kept
    remaining = benefit.remaining_net or 0
    lost = benefit.monthly_net - remaining
    if lost:
        yield Benefit(benefit.code, one.iss, lost, kept, benefit.gained)
    if remaining:
        yield Benefit(benefit.code, one.iss, remaining, for_good, benefit.gained)


def recorded_end(one: Told, told: Iterable[Told]) -> date | None:
    """Return the last day of a benefit as its office recorded it, renewals taken in; ``None`` where none is known.

    A renewal is a record of the same code at the same office that begins the day after.
    """
    benefit: support.Benefit = one.payload
    same = [
        other.payload
        for other in told
        if other.iss == one.iss and isinstance(other.payload, support.Benefit) and other.payload.code == benefit.code
    ]
    longest: dict[date, date] = {}
    for record in same:
        longest[record.from_] = max(longest.get(record.from_, date.min), record.until or date.max)
    end = benefit.until or date.max
    while end != date.max and (day_after := end + timedelta(days=1)) in longest:
        end = longest[day_after]
    return None if end == date.max else end


def is_in_force(benefit: support.Benefit, start: date) -> bool:
    """Tell whether a benefit counts: on the last day of the month before the start, a gained one from the start on."""
    period = Period(benefit.from_, benefit.until)
    if benefit.gained:
        return period.end is None or period.end >= start
    return start.replace(day=1) - timedelta(days=1) in period


def _kept_months(benefit: support.Benefit, iss: str, told: Sequence[Told], start: date) -> int | None:
    """Return for how many clock months a benefit is kept: as stated, else as the catalogue says."""
    if benefit.kept_months is not UNSET:
        return benefit.kept_months  # type: ignore[return-value]  # the sentinel is excluded
    form = catalogue.forms().get(benefit.code)
    if form is None or form.effect in ("lost", "shrinks"):
        return 0
    if form.effect == "bridge":
        return (form.kept_months or 0) if has_contract(iss, told, start) else 0
    return None


def has_contract(iss: str, told: Iterable[Told], start: date) -> bool:
    """Tell whether the welfare centre has a social contract (*kontrakt socjalny*) with the person at the start."""
    contracts = (one.payload for one in told if one.iss == iss and isinstance(one.payload, support.Contract))
    return any(start in Period(contract.from_, contract.until) for contract in contracts)
