"""Memberships of the programme: its arm, and whether unemployment is inherited, which stays here."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.pup_api.tables import MembershipRow
from shared.domain.events.payloads import people
from shared.institution.kinds import RecordKind
from shared.institution.models.base import From, LocalModel, Note, RecordView, Until, one_of, partial_of, require_period

County = Annotated[str, Field(pattern="^[0-9]{4}$", description="TERC code of the county.", examples=["2478"])]
Programme = Annotated[
    str,
    Field(
        pattern="^[A-Za-z][A-Za-z0-9_-]{0,39}$",
        description="The name of the programme.",
        examples=["innowacyjne-wsparcie"],
    ),
]


class NewMembership(LocalModel):
    """A membership of the programme: its arm, the county, and whether unemployment is inherited."""

    programme: Programme = "innowacyjne-wsparcie"
    arm: Annotated[str, one_of(people.ARMS), Field(description="The arm of the study.")]
    county: County
    inherited: bool = Field(default=False, description="Unemployment is inherited; it stays here.")
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


def _membership(row: MembershipRow) -> people.ProgrammeJoined | people.ProgrammeLeft:
    if row.state == "open":
        return people.ProgrammeJoined(programme=row.programme, arm=row.arm, county=row.county)
    return people.ProgrammeLeft(programme=row.programme)


MEMBERSHIPS = RecordKind(
    name="programme_membership",
    path="programme-memberships",
    label="membership of the programme (*uczestnictwo w programie*)",
    row=MembershipRow,
    create=NewMembership,
    change=partial_of(NewMembership, "ChangedMembership"),
    view=Membership,
    disclosed=_membership,
    opened="programme.joined.v1",
    amended="programme.joined.v1",
    closed="programme.left.v1",
    filters=("arm", "county", "programme"),
    restated=False,
    single=True,
)
