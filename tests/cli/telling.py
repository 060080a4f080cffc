"""From planned people to what the federation would know of them, by the offices' own models and disclosure."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from services.cli.demo.people.people import Person, Planned
from services.ops_api import records as ops_records
from services.pup_api import records as pup_records
from shared.domain.assemble import Assembled, Told, assemble
from shared.domain.benefit.result import Result
from shared.domain.benefit.rule import assess
from shared.domain.events.payloads.support import Employed, EmploymentEnded
from shared.institution.kinds import COMMON_KINDS, RecordKind

KINDS: dict[str, dict[str, RecordKind]] = {
    "pup": {kind.path: kind for kind in (*COMMON_KINDS, *pup_records.KINDS)},
    "ops": {kind.path: kind for kind in (*COMMON_KINDS, *ops_records.KINDS)},
}


def kind_at(office: str, planned: Planned) -> RecordKind:
    return KINDS[office[:3]][planned.path]


def told(person: Person, *, late: bool = True) -> list[Told]:
    """Return what all offices would disclose; without late news, what is known when the decision is made."""
    records = [one for office in person.offices for one in _records_told(person, office)]
    return [*records, *(Told(str(person.pup), payload) for payload in _job_told(person, late))]


def assembled(person: Person, *, late: bool = True) -> Assembled:
    return assemble(case_id=str(person.number), lead=str(person.pup), told=told(person, late=late))


def assessed(person: Person, *, late: bool = True) -> Result:
    case = assembled(person, late=late).case
    assert case is not None
    return assess(case)


def _records_told(person: Person, office: str) -> Iterator[Told]:
    for number, planned in enumerate(person.records.get(office, ())):
        kind = kind_at(office, planned)
        if kind.derived:
            continue
        row = kind.row(id=f"{office}-{number:02d}", state="open", **kind.create.model_validate(planned.body).columns())
        payload = kind.disclosed(row)
        if payload is not None:
            yield Told(office, payload)


def _job_told(person: Person, late: bool) -> Iterator[Any]:
    if person.job is None:
        return
    yield _employed(person.job.start, 1)
    for number, news in enumerate(person.job.news, start=2):
        if news.late and not late:
            continue
        if news.path == "end":
            stopped = date.fromisoformat(news.body["last_day"]) + timedelta(days=1)
            yield EmploymentEnded(employment_id="job", recorded=number, effective=stopped)
        else:
            yield _employed(news.body, number)


def _employed(body: dict[str, Any], recorded: int) -> Employed:
    return Employed(
        employment_id="job",
        recorded=recorded,
        effective=date.fromisoformat(body["effective"]),
        net=body["net_gr"],
        gross=body["gross_gr"],
        working_time=body["working_time_bp"],
    )
