"""Registrations as unemployed: from when to when, and why."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.pup_api.tables import RegistrationRow
from shared.domain.events.payloads import support
from shared.institution.kinds import RecordKind
from shared.institution.models.base import From, LocalModel, Note, RecordView, Until, partial_of, require_period

REASONS = (
    "job_taken",
    "own_business",
    "no_contact",
    "refused_offer",
    "own_request",
    "pension",
    "studies",
    "unable_to_work",
    "other",
)
Reason = Annotated[str, Field(pattern=f"^({'|'.join(REASONS)})$", description="Why the registration ended.")]


class NewRegistration(LocalModel):
    """A registration as unemployed, from its first day."""

    from_: From
    until: Until = None
    reason: Reason | None = None
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"from": "2024-10-01"}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        return self


class Registration(RecordView):
    """A registration as unemployed (*rejestracja bezrobotnego*)."""

    from_: date = Field(alias="from")
    until: date | None
    reason: str | None


def _registration(row: RegistrationRow) -> support.Registration:
    return support.Registration(registration_id=row.id, from_=row.from_, until=row.until, reason=row.reason)


REGISTRATIONS = RecordKind(
    name="registration",
    path="registrations",
    label="registration as unemployed (*rejestracja bezrobotnego*)",
    row=RegistrationRow,
    create=NewRegistration,
    change=partial_of(NewRegistration, "ChangedRegistration"),
    view=Registration,
    disclosed=_registration,
    opened="registration.opened.v1",
    amended="registration.opened.v1",
    closed="registration.closed.v1",
    filters=("reason",),
)
