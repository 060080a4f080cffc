"""Care of a child or a dependant while the client takes part in an activity, and what it costs (seed 002)."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.tables import CareCostRow
from shared.institution.kinds import SUPPORT_FORMS, RecordKind
from shared.institution.models.base import (
    From,
    Grosze,
    LocalModel,
    Note,
    OurId,
    RecordView,
    Until,
    one_of,
    partial_of,
    require_period,
)

CARED_FOR = ("child", "dependant")


class NewCareCost(LocalModel):
    """What care costs while the client takes part in a form of support; its days lie within those of the form."""

    support_form_id: OurId
    household_member_id: OurId | None = Field(default=None, description="The member of the household who is cared for.")
    cared_for: Annotated[str, one_of(CARED_FOR), Field(description="Who is cared for.")]
    hours: Annotated[int | None, Field(ge=0, le=100_000, description="Hours of care in these days.")] = None
    amount_gr: Annotated[Grosze, Field(description="What it costs in these days, in grosze; it enters no rule.")]
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "support_form_id": "0198c6a0-0000-7000-8000-000000000000",
                    "cared_for": "child",
                    "hours": 60,
                    "amount_gr": 180000,
                    "from": "2026-03-02",
                    "until": "2026-03-31",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        return self


class CareCost(RecordView):
    """What care of a child or a dependant costs during an activity (*koszt opieki na czas zajęć*)."""

    support_form_id: str
    household_member_id: str | None
    cared_for: str
    hours: int | None
    amount_gr: int
    from_: date = Field(alias="from")
    until: date | None


CARE_COSTS = RecordKind(
    name="care_cost",
    path="care-costs",
    label="cost of care during an activity (*koszt opieki na czas zajęć*)",
    row=CareCostRow,
    create=NewCareCost,
    change=partial_of(NewCareCost, "ChangedCareCost"),
    view=CareCost,
    parent=SUPPORT_FORMS,
    references={"household_member_id": "household-members"},
    filters=("cared_for",),
)
