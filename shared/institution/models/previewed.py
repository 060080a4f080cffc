"""What a job would change, asked before it is taken (*symulacja*): the answer, which is stored nowhere."""

from datetime import date, datetime
from typing import Any

from pydantic import Field

from shared.institution.models.base import BASED_ON, View
from shared.institution.models.benefit import ExplainedMonth, MergedMember
from shared.institution.models.beside import BesideMonth, Remark


class Figure(View):
    """A figure of law that was used, and whether its source was found."""

    param: str = Field(examples=["SA_CRITERION_FAMILY"])
    value: str
    unit: str
    valid_from: date
    valid_to: date | None
    verified: bool
    source: str


class PreviewedWage(View):
    """A wage of a full month taken apart; with a net wage alone, only that."""

    gross_gr: int | None
    social_gr: int | None
    health_gr: int | None
    tax_gr: int | None
    net_gr: int
    working_time_bp: int | None
    minimum_gross_gr: int | None
    verified: bool | None = Field(description="null where no figure of law was used")
    figures: list[Figure]


class PreviewedBenefit(View):
    """What becomes of a benefit: ``remaining_gr`` stays for good, the rest through ``kept_months`` of work."""

    iss: str
    benefit_id: str | None
    code: str
    name: str
    amount_gr: int
    becomes: str = Field(description="lost, kept, kept_for_good, shrinks, gained or outside")
    why: str
    kept_months: int | None
    remaining_gr: int
    income_gr: int | None
    limit_gr: int | None
    notes: list[str]
    explanation: str
    verified: bool | None = Field(description="null where the word of the office stands")
    figures: list[Figure]


class PreviewedMonth(ExplainedMonth):
    """One month of the schedule with what stands beside it."""

    beside: BesideMonth


class PreviewedVariant(View):
    """One job worked out; ``eligible`` is null where this office cannot know, ``counted_days`` too.

    ``locked_until``: the job starts in the lock of the last case, which lasts through that day; nothing is due then.
    """

    start: date
    wage: PreviewedWage
    parameters: dict[str, Any]
    eligible: bool | None
    locked_until: date | None
    counted_days: int | None
    benefits: list[PreviewedBenefit]
    months: list[PreviewedMonth]
    total_gr: int
    gap_gr: int
    referral: bool = Field(description="Above zero the gap is for the welfare centre.")
    summary: str
    remarks: list[Remark]


class BesideSources(View):
    """Where that comes from which stands beside the months: asked, recorded, or unknown."""

    costs_of_work: str = Field(description="asked or recorded", examples=["recorded"])
    deductions: str = Field(description="asked or recorded", examples=["recorded"])
    household_income: str = Field(description="asked, recorded or unknown")


class Preview(View):
    """What a job would change; the first variant is the question itself."""

    client_id: str
    joint: bool
    based_on: str = Field(description=BASED_ON)
    members: list[MergedMember]
    arm: str | None
    as_of: datetime | None
    counts_as_income: str
    versions: dict[str, str]
    beside: BesideSources
    variants: list[PreviewedVariant]
