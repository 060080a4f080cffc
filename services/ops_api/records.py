"""Records that only a welfare centre keeps: social contracts and households."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.tables import ContractRow, HouseholdRow
from shared.domain.errors import Invalid
from shared.domain.events.payloads import people, support
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    From,
    LocalModel,
    Note,
    RecordView,
    Text100,
    Until,
    partial_of,
    require_period,
)
from shared.runtime.database.encryption import PiiKeys

Heads = Annotated[int, Field(ge=0, le=50)]


class NewContract(LocalModel):
    """A social contract of form A, or B on a referral from the labour office; ``goals`` is how many."""

    form: Annotated[str, Field(pattern="^(A|B)$", description="A, or B on a referral from the labour office.")] = "A"
    goals: Annotated[int, Field(ge=0, le=100, description="How many goals it has.")] = 0
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"form": "A", "goals": 3, "from": "2026-02-01"}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        return self


class Contract(RecordView):
    """A social contract (*kontrakt socjalny*)."""

    form: str
    goals: int
    from_: date = Field(alias="from")
    until: date | None


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


def _contract(row: ContractRow) -> support.Contract:
    return support.Contract(contract_id=row.id, form=row.form, from_=row.from_, until=row.until, goals=row.goals)


def _household(row: HouseholdRow) -> people.Household | None:
    if row.state != "open":
        return None
    return people.Household(
        household=row.opaque_id, members=row.members, children=row.children, dependants=row.dependants
    )


def _opaque_id(keys: PiiKeys, body: NewHousehold) -> Mapping[str, Any]:
    digest = keys.index(body.number, "household.number")
    return {"opaque_id": urlsafe_b64encode(digest).rstrip(b"=").decode()}


CONTRACTS = RecordKind(
    name="social_contract",
    path="social-contracts",
    label="social contract (*kontrakt socjalny*)",
    row=ContractRow,
    create=NewContract,
    change=partial_of(NewContract, "ChangedContract"),
    view=Contract,
    disclosed=_contract,
    opened="contract.signed.v1",
    amended="contract.signed.v1",
    closed="contract.closed.v1",
    filters=("form",),
)

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

KINDS = (CONTRACTS, HOUSEHOLDS)
