"""The gross wage behind each net wage of a case, and what 100 zł more of it would bring, as the leading office told.

A gross wage is never worked back from a net one: where a job was told without it, or the same net wage stands for two
gross ones, it is not known. What a rise brings is worked out by the law of the first day at the wage, for contracts of
employment alone (``net_wage``), and for all jobs held at once as if they were one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from shared.domain.assemble import Told
from shared.domain.benefit.beside import STEP_GR
from shared.domain.benefit.case import Case
from shared.domain.benefit.employment import standing
from shared.domain.benefit.jobs import JobRecord, employment_events
from shared.domain.benefit.net_wage import net_wage
from shared.domain.benefit.rule import Working, work_out
from shared.domain.errors import DomainError
from shared.domain.events.payloads import support

_Job = support.Employed | support.EmploymentEnded
_Timeline = Sequence[tuple[date, int | None]]


@dataclass(frozen=True, slots=True)
class GrossWages:
    """By net wage in grosze: ``of`` the gross wage, ``raised`` the net wage at ``STEP_GR`` more gross."""

    of: Mapping[int, int]
    raised: Mapping[int, int]


def gross_wages(case: Case, *, lead: str, told: Iterable[Told]) -> GrossWages:
    """Return what is known of the wages of a case, from what the leading office told of jobs."""
    jobs = [one.payload for one in told if one.iss == lead and isinstance(one.payload, _Job)]
    gross = _gross(jobs)
    unknown = _timeline(jobs, lambda job: int(job.gross is None))
    others = _timeline(jobs, lambda job: int(job.contract_kind != "employment"))
    wages = standing(case.employment)
    first = min((on for on, _ in wages), default=date.max)
    days = sorted({on for line in (wages, gross, unknown, others) for on, _ in line if on >= first})
    found: dict[int, set[int | None]] = {}
    raised: dict[int, int | None] = {}
    for on in days:
        net = _at(wages, on)
        if net is None:
            continue
        whole = None if _at(unknown, on) else _at(gross, on)
        found.setdefault(net, set()).add(whole)
        rise = None if whole is None or _at(others, on) else _rise(whole, on)
        if rise is None or net not in raised:
            raised[net] = None if rise is None else net + rise
    of = {net: whole for net, each in found.items() if len(each) == 1 and (whole := next(iter(each))) is not None}
    return GrossWages(
        of=MappingProxyType(of),
        raised=MappingProxyType({net: better for net, better in raised.items() if better is not None and net in of}),
    )


def work_out_raised(case: Case, raised: Mapping[int, int]) -> Working:
    """Return the working of a case whose wages are raised where it is known to what; benefits stay as recorded."""
    events = (
        replace(event, net_wage_gr=raised.get(event.net_wage_gr, event.net_wage_gr))
        if event.net_wage_gr is not None
        else event
        for event in case.employment
    )
    return work_out(replace(case, employment=tuple(events)))


def _timeline(jobs: Iterable[_Job], value_of: Callable[[support.Employed], int]) -> _Timeline:
    """Return, day by day, a value of the jobs held at once, added up."""
    return standing(employment_events(_record(job, value_of) for job in jobs))


def _gross(jobs: Iterable[_Job]) -> _Timeline:
    """Return the gross wages held at once; what adds up to more than an amount may be is not known."""
    try:
        return _timeline(jobs, lambda job: job.gross or 0)
    except DomainError:
        return []


def _record(job: _Job, value_of: Callable[[support.Employed], int]) -> JobRecord:
    if isinstance(job, support.Employed):
        return JobRecord(job.employment_id, "wage", job.effective, value_of(job), job.recorded)
    return JobRecord(job.employment_id, "stop", job.effective, None, job.recorded)


def _at(timeline: _Timeline, day: date) -> int | None:
    return next((value for on, value in reversed(timeline) if on <= day), None)


def _rise(gross_gr: int, on: date) -> int | None:
    """Return what ``STEP_GR`` more gross bring net; ``None`` where the day has no law, or the wage no bound."""
    try:
        return net_wage(gross_gr + STEP_GR, on=on).net_gr - net_wage(gross_gr, on=on).net_gr
    except DomainError:
        return None
