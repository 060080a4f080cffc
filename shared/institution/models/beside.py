"""What is kept with a client to be shown beside a schedule: costs of work, deductions, income of others at home."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from shared.domain.benefit.entered import COSTS, DEDUCTIONS
from shared.institution.models.base import (
    From,
    Grosze,
    LocalModel,
    Note,
    RecordView,
    Until,
    View,
    partial_of,
    require_period,
)

MOST_GR = 99_999_999
"""The largest wage, income or cost of a month that is taken, 999 999.99 zł."""
CostKind = Annotated[
    str,
    Field(
        pattern=f"^({'|'.join((*COSTS, *DEDUCTIONS))})$",
        description=f"A cost of work: {', '.join(COSTS)}; a deduction from the wage: {', '.join(DEDUCTIONS)}.",
        examples=["care"],
    ),
]
MonthlyAmount = Annotated[Grosze, Field(le=MOST_GR)]


class NewWorkCost(LocalModel):
    """What working itself costs in a full month, or what is deducted from the wage; it never leaves the office."""

    kind: CostKind
    monthly_gr: MonthlyAmount
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "care", "monthly_gr": 30000, "from": "2026-12-01"}]}
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        return self


class WorkCost(RecordView):
    """A cost of work (*koszt podjęcia pracy*) or a deduction from the wage (*potrącenie z wynagrodzenia*)."""

    kind: str
    monthly_gr: int
    from_: date = Field(alias="from")
    until: date | None


class NewHouseholdIncome(LocalModel):
    """What another member of the client's household has net in a month; it never leaves the office."""

    monthly_net_gr: MonthlyAmount
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"monthly_net_gr": 280000, "from": "2026-01-01"}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        return self


class HouseholdIncome(RecordView):
    """Income of another member of the household (*dochód gospodarstwa domowego*)."""

    monthly_net_gr: int
    from_: date = Field(alias="from")
    until: date | None


class Remark(View):
    """What a caseworker must know beside the figures."""

    code: str
    text: str


class BesideMonth(View):
    """What stands beside a month: income before and after, costs, deductions and the two tax rates.

    ``support_gr`` is what is still paid and the degressive benefit (R + C); costs and deductions change no amount.
    """

    before_gr: int
    wage_gr: int
    support_gr: int
    after_gr: int
    costs_gr: int
    deductions_gr: int
    in_hand_gr: int
    household_before_gr: int | None = Field(description="null where nobody said what the others at home have")
    household_after_gr: int | None
    household_in_hand_gr: int | None
    participation_bp: int | None = Field(description="Of the gross wage, the part that does not add to income.")
    marginal_bp: int | None = Field(description="The same of the next 100 zł gross.")
    explanation: str


ChangedWorkCost = partial_of(NewWorkCost, "ChangedWorkCost")
ChangedHouseholdIncome = partial_of(NewHouseholdIncome, "ChangedHouseholdIncome")
