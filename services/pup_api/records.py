"""Records that only a labour office keeps: registrations and memberships of the programme."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.pup_api.tables import MembershipRow, RegistrationRow
from shared.domain.events.payloads import people, support
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
County = Annotated[str, Field(pattern="^[0-9]{4}$", description="TERC code of the county.", examples=["2478"])]
Programme = Annotated[str, Field(pattern="^[A-Za-z][A-Za-z0-9_-]{0,39}$", examples=["innowacyjne-wsparcie"])]


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


class NewMembership(LocalModel):
    """A membership of the programme: its arm, the county, and whether unemployment is inherited."""

    programme: Programme = "innowacyjne-wsparcie"
    arm: Annotated[str, Field(pattern=f"^({'|'.join(people.ARMS)})$")]
    county: County
    inherited: bool = False
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"arm": "recipient", "county": "2478", "inherited": True, "from": "2026-01-15"}]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        return self


class Membership(RecordView):
    """A membership of the programme (*uczestnictwo w programie*)."""

    programme: str
    arm: str
    county: str
    inherited: bool
    from_: date = Field(alias="from")
    until: date | None


def _registration(row: RegistrationRow) -> support.Registration:
    return support.Registration(registration_id=row.id, from_=row.from_, until=row.until, reason=row.reason)


def _membership(row: MembershipRow) -> people.ProgrammeJoined | people.ProgrammeLeft:
    if row.state == "open":
        return people.ProgrammeJoined(programme=row.programme, arm=row.arm, county=row.county)
    return people.ProgrammeLeft(programme=row.programme)


REGISTRATIONS = RecordKind(
    name="registration",
    path="registrations",
    label="registration as unemployed (*rejestracja bezrobotnego*)",
    row=RegistrationRow,
    create=NewRegistration,
    change=partial_of(NewRegistration, "ChangedRegistration"),
    view=Registration,
    disclosed=_registration,
    void_payload=None,
    opened="registration.opened.v1",
    amended="registration.opened.v1",
    closed="registration.closed.v1",
    voided=None,
)

MEMBERSHIPS = RecordKind(
    name="programme_membership",
    path="programme-memberships",
    label="membership of the programme (*uczestnictwo w programie*)",
    row=MembershipRow,
    create=NewMembership,
    change=partial_of(NewMembership, "ChangedMembership"),
    view=Membership,
    disclosed=_membership,
    void_payload=None,
    opened="programme.joined.v1",
    amended="programme.joined.v1",
    closed="programme.left.v1",
    voided=None,
    restated=False,
    single=True,
)

KINDS = (REGISTRATIONS, MEMBERSHIPS)
