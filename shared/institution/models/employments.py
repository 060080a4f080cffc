"""Jobs over the local API: started, paid otherwise, ended, each a dated event."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from shared.domain.errors import Invalid
from shared.domain.events.payloads.support import CONTRACT_KINDS
from shared.institution.models.base import Day, Grosze, LocalModel, Note, RecordView, Text100, View

ContractKind = Annotated[str, Field(pattern=f"^({'|'.join(CONTRACT_KINDS)})$")]
BasisPoints = Annotated[int, Field(ge=1, le=20_000, description="10 000 is full time.")]


class NetAboveGross(Invalid):
    """The net wage is higher than the gross wage it is paid of; compare both with the payslip."""


def require_wage(net_gr: int, gross_gr: int | None) -> None:
    """Refuse a net wage above its gross wage, where that is known.

    :raises NetAboveGross: it is.
    """
    if gross_gr is not None and net_gr > gross_gr:
        raise NetAboveGross(field="net_gr", expected="at most gross_gr")


class NewEmployment(LocalModel):
    """A job that starts: wages of a full month, ``effective`` the first day of work."""

    effective: Day
    net_gr: Grosze
    gross_gr: Grosze | None = None
    working_time_bp: BasisPoints | None = None
    contract_kind: ContractKind = "employment"
    employer: Text100 | None = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"effective": "2026-03-16", "net_gr": 360585, "gross_gr": 480600}]}
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_wage(self.net_gr, self.gross_gr)
        return self


class WageChange(LocalModel):
    """A wage that changes from a day on; it also corrects an earlier record of the same day."""

    effective: Day
    net_gr: Grosze
    gross_gr: Grosze | None = None
    working_time_bp: BasisPoints | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"effective": "2026-06-01", "net_gr": 400000}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_wage(self.net_gr, self.gross_gr)
        return self


class EmploymentEnd(LocalModel):
    """A job that ends: ``last_day`` is the last day worked; of one that never began, the day before its first."""

    last_day: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"last_day": "2026-07-17"}]})


class EmploymentState(NewEmployment):
    """A job as another system has it now: its wage since a day and, once it has ended, its last day."""

    last_day: Day | None = None


class EmploymentEvent(View):
    """A dated event of a job: start, wage or stop; a stop is effective on the first day not worked."""

    recorded: int
    kind: str
    effective: date
    net_gr: int | None
    gross_gr: int | None
    working_time_bp: int | None
    recorded_at: datetime


class Employment(RecordView):
    """A job (*zatrudnienie*) with its history."""

    contract_kind: str
    employer: str | None
    events: list[EmploymentEvent]
