"""What the office pays over the local API: budgets, payable lists, claims."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from shared.institution.models.base import Grosze, LocalModel, View
from shared.institution.models.benefit import ReasonCode

Month = Annotated[str, Field(pattern=r"^2[01][0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-03"])]
CaseId = Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
_CASE = "0192f0c1-7c00-7abc-8def-0123456789ab"
_ITEMS: dict[str, JsonValue] = {"items": [{"case_id": _CASE, "payable_gr": 130520}]}


class NewBudget(LocalModel):
    """What the office may spend on its shares in some months."""

    from_month: Month
    until_month: Month
    amount_gr: Grosze
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"from_month": "2026-01", "until_month": "2026-12", "amount_gr": 25000000}]}
    )


class ChangedBudget(LocalModel):
    """Another amount for a budget."""

    amount_gr: Grosze
    model_config = ConfigDict(json_schema_extra={"examples": [{"amount_gr": 30000000}]})


class Budget(View):
    """A budget (*plan wydatków*); ``reserved_gr`` is what the books reserve of it, ``short_gr`` what it lacks."""

    id: str
    from_month: str
    until_month: str
    amount_gr: int
    reserved_gr: int
    free_gr: int
    short_gr: int
    version: int
    updated_at: datetime


class PayableLine(View):
    """What is payable for a case: by the month it is for, less what is held back of an overpayment."""

    client_id: str
    case_id: str
    covers: dict[str, int]
    held_back_gr: int
    payable_gr: int
    overpaid_gr: int = Field(description="What stays overpaid after this payment.")
    state: str = Field(description="open or booked")
    booked_at: datetime | None


class PayableList(View):
    """The payable list (*lista wypłat*) of a month."""

    institution: str
    month: str
    lines: list[PayableLine]
    payable_gr: int
    booked_gr: int


class Booked(LocalModel):
    """A line that was paid: its case and the amount of the list."""

    case_id: CaseId
    payable_gr: Annotated[int, Field(ge=0, le=9_999_999_999)]


class BookedLines(LocalModel):
    """Lines that were paid; all are marked or none."""

    items: Annotated[list[Booked], Field(min_length=1, max_length=1000)]
    model_config = ConfigDict(json_schema_extra={"examples": [_ITEMS]})


class Claim(View):
    """What is overpaid on a case: a claim (*należność*) once the case has ended, till then held back from payments."""

    client_id: str
    case_id: str
    overpaid_gr: int
    state: str = Field(description="claim, or open while the case goes on or its work may be resumed")


class ClaimSettlement(LocalModel):
    """An official recovered or remitted a claim, or a part of it."""

    kind: Annotated[str, Field(pattern="^(recovered|remitted)$")]
    amount_gr: Annotated[int, Field(ge=1, le=9_999_999_999)]
    reason_code: ReasonCode
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "remitted", "amount_gr": 4200, "reason_code": "hardship"}]}
    )
