"""What a benefit or a stipend amounts to by the dated figures of law."""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.pup_api.models.status import Figure
from shared.institution.models.base import Code, Day, QueryModel, View


class AmountQuery(QueryModel):
    """What the amount depends on; what a code does not ask for may be left out."""

    code: Annotated[Code, Field(description="PUP-ZAS, PUP-STA, PUP-SZK, PUP-INT, PUP-PSU or PUP-DAK.")]
    on: Day | None = Field(default=None, description="The day asked for; today, unless stated.")
    since: Day | None = Field(default=None, description="The first day of the right; the day asked for, unless stated.")
    seniority_years: int | None = Field(default=None, ge=0, le=80, description="Whole years of work; for PUP-ZAS.")
    hours_month: int | None = Field(default=None, ge=0, le=744, description="Hours a month; for PUP-SZK and PUP-PSU.")
    wage_gross_gr: Annotated[int | None, Field(ge=0, le=9_999_999_999, description="For PUP-DAK.")] = None


class BenefitAmount(View):
    """A proposed amount a month, and every figure behind it; the caseworker decides what is recorded."""

    code: str
    on: date
    since: date
    monthly_gross_gr: int
    monthly_net_gr: int | None = Field(description="Null where the figures of the day do not tell it; see missing.")
    at_most: bool = Field(description="Hours or the wage were not said: it is the most that it may be.")
    verified: bool = Field(description="Every figure was found in a source.")
    figures: list[Figure]
    missing: list[str]
