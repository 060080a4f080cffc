"""Social contracts of form A, or B for an unemployed person whom the labour office referred.

That there is a contract, of which form and with how many goals, may leave; its words, actions and signatures stay here.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.tables import ContractRow
from shared.domain.errors import Invalid
from shared.domain.events.payloads import support
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    Day,
    From,
    LocalModel,
    MemberRequired,
    Note,
    RecordView,
    Text100,
    Until,
    one_of,
    partial_of,
    require_period,
)
from shared.institution.models.between import TheirId

REFERRAL = ("referral_id", "referral_day")
_OF_B = (*REFERRAL, "received_referral_id")


class NewContract(LocalModel):
    """A social contract of form A, or B on a referral from the labour office; ``goals`` is how many."""

    form: Annotated[str, one_of("AB"), Field(description="A, or B on a referral from the labour office.")] = "A"
    goals: Annotated[int, Field(ge=0, le=100, description="How many goals it has.")] = 0
    referral_id: Text100 | None = Field(
        default=None, description="The referral's number at the labour office; of form B alone.", examples=["S/7/2026"]
    )
    referral_day: Day | None = Field(default=None, description="The day of the referral; of form B alone.")
    received_referral_id: TheirId | None = Field(
        default=None, description="The referral as it came from the labour office's service; of form B alone."
    )
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"form": "A", "goals": 3, "from": "2026-02-01"},
                {
                    "form": "B",
                    "goals": 2,
                    "referral_id": "S/7/2026",
                    "referral_day": "2026-01-20",
                    "from": "2026-02-01",
                },
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        for name in _OF_B:
            stated = getattr(self, name) is not None
            if self.form == "B" and not stated and name in REFERRAL:
                raise MemberRequired(field=name, expected="the referral from the labour office, of form B")
            if self.form == "A" and stated:
                raise Invalid("A contract on a referral is one of form B.", field=name, expected="no referral, or B")
        if self.referral_day is not None and self.referral_day > self.from_:
            raise Invalid(
                "The referral comes after the contract.", field="referral_day", expected="its first day or before"
            )
        return self


class Contract(RecordView):
    """A social contract (*kontrakt socjalny*)."""

    form: str
    goals: int
    referral_id: str | None
    referral_day: date | None
    received_referral_id: str | None
    from_: date = Field(alias="from")
    until: date | None


def _contract(row: ContractRow) -> support.Contract:
    return support.Contract(contract_id=row.id, form=row.form, from_=row.from_, until=row.until, goals=row.goals)


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
