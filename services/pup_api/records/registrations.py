"""Registrations as unemployed: from when to when, and why."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.pup_api.tables import RegistrationRow
from shared.domain.events.payloads import support
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    Day,
    From,
    LocalModel,
    Note,
    RecordView,
    Until,
    one_of,
    partial_of,
    require_period,
)

REASONS = (
    "job_taken",
    "own_business",
    "no_contact",
    "refused_offer",
    "own_request",
    "pension",
    "studies",
    "unable_to_work",
    "three_years",
    "moved",
    "other",
)
START_REASONS = ("first", "after_job", "after_business", "after_studies", "after_care", "moved_here", "again", "other")
Reason = Annotated[str, one_of(REASONS), Field(description="Why the registration ended.")]
StartReason = Annotated[str, one_of(START_REASONS), Field(description="What went before the registration.")]


class NewRegistration(LocalModel):
    """A registration as unemployed, from its first day."""

    from_: From
    until: Until = None
    start_reason: StartReason = "other"
    reason: Reason | None = None
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"from": "2024-10-01", "start_reason": "after_job"}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        return self


class RegistrationEnd(LocalModel):
    """The last day of a registration, and why it ended."""

    until: Day
    reason: Reason
    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2026-08-31", "reason": "job_taken"}]})


class Registration(RecordView):
    """A registration as unemployed (*rejestracja bezrobotnego*)."""

    from_: date = Field(alias="from")
    until: date | None
    start_reason: str
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
    apart=True,
    close=RegistrationEnd,
    filters=("start_reason", "reason"),
)
