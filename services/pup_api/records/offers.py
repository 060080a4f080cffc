"""Offers of work, or of a form of support, to an unemployed person, and what came of each.

Whether a refusal has consequences depends on the act in force; an official decides, and nothing follows by itself.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.pup_api.tables import OfferRow
from shared.domain import catalogue
from shared.domain.errors import Invalid
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    Code,
    Day,
    Due,
    LocalModel,
    MemberRequired,
    Note,
    RecordView,
    Text100,
    one_of,
    partial_of,
    require_both,
)

OFFER_RESULTS = ("accepted", "hired", "refused", "refused_by_employer", "no_answer", "withdrawn")
REFUSAL_REASONS = ("pay", "distance", "health", "care", "qualifications", "conditions", "other_job", "other")

OfferResult = Annotated[str, one_of(OFFER_RESULTS), Field(description="What came of the offer.")]
RefusalReason = Annotated[str, one_of(REFUSAL_REASONS), Field(description="Why the person refused.")]


class NewOffer(LocalModel):
    """An offer of a job or, where it has a code, of that form of support; the answer is due by a day."""

    offered_on: Annotated[Day, Field(description="The day of the offer.")]
    position: Annotated[Text100, Field(description="What the work is.", examples=["kelner"])]
    employer: Text100 | None = Field(default=None, description="Who offers it.")
    code: Code | None = Field(default=None, description="The form of support that is offered; missing for a job.")
    due: Due
    result: OfferResult | None = None
    reason: RefusalReason | None = None
    answered_on: Day | None = Field(default=None, description="The day on which its outcome was known.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"offered_on": "2026-10-05", "position": "kelner", "employer": "Bar Przykład", "due": "2026-10-12"}
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.answered_on, "answered_on")
        if (self.result == "refused") != (self.reason is not None):
            raise MemberRequired(field="reason", expected="why, of an offer that the person refused, and of no other")
        for name in ("due", "answered_on"):
            if (day := getattr(self, name)) is not None and day < self.offered_on:
                raise Invalid("The day lies before the offer.", field=name, expected=f"{self.offered_on} or later")
        if self.code is not None:
            catalogue.form(self.code).require_in_force(self.offered_on, field="offered_on")
        return self


class OfferEnd(LocalModel):
    """What came of an offer, on which day and, where the person refused, why."""

    result: OfferResult
    answered_on: Day
    reason: RefusalReason | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"result": "refused", "reason": "distance", "answered_on": "2026-10-09"}]}
    )


class Offer(RecordView):
    """An offer (*propozycja pracy*)."""

    offered_on: date
    position: str
    employer: str | None
    code: str | None
    due: date
    result: str | None
    reason: str | None
    answered_on: date | None


OFFERS = RecordKind(
    name="job_offer",
    path="job-offers",
    label="offer (*propozycja pracy*)",
    row=OfferRow,
    create=NewOffer,
    change=partial_of(NewOffer, "ChangedOffer"),
    view=Offer,
    close=OfferEnd,
    ends_with="result",
    filters=("code", "result", "reason"),
)
