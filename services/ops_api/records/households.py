"""Households, and the other people of a client's household: how they are related, and who cares for whom.

An opaque id and three numbers of a household may leave; of its members nothing ever does.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.tables import HouseholdMemberRow, HouseholdRow
from shared.domain.errors import Invalid
from shared.domain.events.payloads import people
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    From,
    LocalModel,
    Note,
    OurId,
    RecordView,
    Text100,
    Until,
    one_of,
    partial_of,
    require_period,
)
from shared.runtime.database.encryption import PiiKeys

KINSHIPS = ("spouse", "partner", "child", "foster_child", "parent", "grandparent", "grandchild", "sibling",
            "other_relative", "unrelated")  # fmt: skip
CARE_DUTIES = ("none", "needs_care", "cared_for_by_client", "cares_for_others")
Heads = Annotated[int, Field(ge=0, le=50)]


class NewHousehold(LocalModel):
    """A household by the office's own number; clients of one number share one opaque id."""

    number: Annotated[Text100, Field(description="The office's own number; it stays here.")]
    members: Annotated[int, Field(ge=1, le=50, description="How many people live in it.")]
    children: Annotated[Heads, Field(description="How many of them are children.")] = 0
    dependants: Annotated[Heads, Field(description="How many others need care.")] = 0
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"number": "GD/17/2026", "members": 4, "children": 2, "from": "2026-01-01"}]}
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        if self.children + self.dependants > self.members:
            raise Invalid("More children and dependants than members.", field="members")
        return self


class Household(RecordView):
    """A household (*gospodarstwo domowe*)."""

    number: str
    members: int
    children: int
    dependants: int
    from_: date = Field(alias="from")
    until: date | None


class NewHouseholdMember(LocalModel):
    """Another member of the client's household, from the day on which they live together."""

    household_id: OurId
    name: Text100 | None = Field(default=None, description="How the office calls the member.", examples=["syn Jan"])
    kinship: Annotated[str, one_of(KINSHIPS), Field(description="What the member is to the client.")]
    care: Annotated[str, one_of(CARE_DUTIES), Field(description="Who needs care, and whether the client gives it.")] = (
        "none"
    )
    birth_year: Annotated[int | None, Field(ge=1900, le=2199, description="The year of birth.")] = None
    member_client_id: OurId | None = Field(default=None, description="The member's id as a client of this office.")
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "household_id": "0198c6a0-0000-7000-8000-000000000000",
                    "kinship": "child",
                    "care": "cared_for_by_client",
                    "birth_year": 2021,
                    "from": "2026-01-01",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        last = self.until or self.from_
        if self.birth_year is not None and self.birth_year > last.year:
            raise Invalid("The member was born after this.", field="birth_year", expected=f"{last.year} or before")
        return self


class HouseholdMember(RecordView):
    """Another member of a client's household (*członek gospodarstwa domowego*)."""

    household_id: str
    name: str | None
    kinship: str
    care: str
    birth_year: int | None
    member_client_id: str | None
    from_: date = Field(alias="from")
    until: date | None


def _household(row: HouseholdRow) -> people.Household | None:
    if row.state != "open":
        return None
    return people.Household(
        household=row.opaque_id, members=row.members, children=row.children, dependants=row.dependants
    )


def _opaque_id(keys: PiiKeys, body: NewHousehold) -> Mapping[str, Any]:
    digest = keys.index(body.number, "household.number")
    return {"opaque_id": urlsafe_b64encode(digest).rstrip(b"=").decode()}


HOUSEHOLDS = RecordKind(
    name="household",
    path="households",
    label="household (*gospodarstwo domowe*)",
    row=HouseholdRow,
    create=NewHousehold,
    change=partial_of(NewHousehold, "ChangedHousehold"),
    view=Household,
    disclosed=_household,
    opened="household.declared.v1",
    amended="household.declared.v1",
    closed="household.declared.v1",
    restated=False,
    single=True,
    derived=_opaque_id,
)

HOUSEHOLD_MEMBERS = RecordKind(
    name="household_member",
    path="household-members",
    label="member of a client's household (*członek gospodarstwa domowego*)",
    row=HouseholdMemberRow,
    create=NewHouseholdMember,
    change=partial_of(NewHouseholdMember, "ChangedHouseholdMember"),
    view=HouseholdMember,
    parent=HOUSEHOLDS,
    references={"member_client_id": "clients"},
    filters=("kinship", "care", "member_client_id"),
)
