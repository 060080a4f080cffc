"""What goes between offices over the local API: referrals and their answers, and how costs are shared."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from shared.domain.errors import Invalid
from shared.domain.events.payloads.between import (
    ANSWER_REASONS,
    REFERRAL_PURPOSES,
    REFERRAL_RESULTS,
    SHARE_UNITS,
    WHOLE_BP,
)
from shared.domain.institutions import kind_of
from shared.institution.models.base import (
    Day,
    Due,
    From,
    Grosze,
    LocalModel,
    MemberRequired,
    Note,
    RecordView,
    Until,
    one_of,
    partial_of,
    require_both,
    require_period,
)

ANSWER_RESULTS = ("refused", "done", "broken_off")


def _institution(value: str) -> str:
    kind_of(value)
    return value


InstitutionId = Annotated[
    str,
    AfterValidator(_institution),
    Field(pattern=r"^(pup|pcpr|ops|ngo)-[0-9]{4,10}$", description="The id of an institution.", examples=["pup-2478"]),
]
TheirId = Annotated[
    str, Field(pattern=r"^[0-9a-f-]{36}$", examples=["0198c6a0-0000-7000-8000-000000000000"], description="Their id.")
]
_SOME_ID = "0198c6a0-0000-7000-8000-000000000000"


class NewReferral(LocalModel):
    """A referral to an office of the other side, which is told once it has the client too."""

    to: Annotated[InstitutionId, Field(description="The office to which the client is referred.")]
    purpose: Annotated[str, one_of(REFERRAL_PURPOSES), Field(description="What the client is referred for.")]
    made_on: Annotated[Day, Field(description="The day of the referral.", examples=["2026-10-01"])]
    due: Annotated[Due, Field(description="The day by which an answer is awaited.")]
    result: Annotated[str, one_of(REFERRAL_RESULTS), Field(description="How it ended.")] | None = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"to": "ops-2478011", "purpose": "social_contract_b", "made_on": "2026-10-01", "due": "2026-10-31"}
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if self.due < self.made_on:
            raise Invalid("The answer is due before the referral.", field="due", expected="made_on or later")
        return self


class ReferralEnd(LocalModel):
    """How a referral ended: it was answered, it was withdrawn, or nobody answered."""

    result: Annotated[str, one_of(REFERRAL_RESULTS)]
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "answered"}]})


class Referral(RecordView):
    """A referral to another office (*skierowanie*)."""

    to: str
    purpose: str
    made_on: date
    due: date
    result: str | None


AnswerResult = Annotated[str, one_of(ANSWER_RESULTS), Field(description="What came of it, once it is over.")]
AnswerReason = Annotated[str, one_of(ANSWER_REASONS), Field(description="Why it was refused or broken off.")]


class NewReferralAnswer(LocalModel):
    """An answer to a referral that came: accepted on a day, or refused; later done or broken off."""

    referrer: Annotated[InstitutionId, Field(description="The office that made the referral.")]
    referral_id: Annotated[TheirId, Field(description="The id that the referral has there.")]
    accepted_on: Day | None = Field(default=None, description="The day on which it was accepted.")
    result: AnswerResult | None = None
    reason: AnswerReason | None = None
    ended_on: Day | None = Field(default=None, description="The day of the result.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"referrer": "pup-2478", "referral_id": _SOME_ID, "accepted_on": "2026-10-06"}]}
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.ended_on, "ended_on")
        if self.result in (None, "done", "broken_off") and self.accepted_on is None:
            raise MemberRequired(
                field="accepted_on", expected="the day on which it was accepted, unless it was refused"
            )
        if self.result == "refused" and self.accepted_on is not None:
            raise Invalid("What was accepted is no more refused.", field="result", expected="done or broken_off")
        if self.result in ("refused", "broken_off") and self.reason is None:
            raise MemberRequired(field="reason", expected=f"one of {', '.join(ANSWER_REASONS)}")
        if self.result in (None, "done") and self.reason is not None:
            raise Invalid("Only what is refused or broken off has a reason.", field="reason", expected="no reason")
        if self.accepted_on and self.ended_on and self.ended_on < self.accepted_on:
            raise Invalid("It would end before it was accepted.", field="ended_on", expected="accepted_on or later")
        return self


class ReferralAnswerEnd(LocalModel):
    """What came of an accepted referral, and on which day."""

    result: AnswerResult
    ended_on: Day
    reason: AnswerReason | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "done", "ended_on": "2026-12-11"}]})


class ReferralAnswer(RecordView):
    """An answer to a referral (*odpowiedź na skierowanie*)."""

    referrer: str
    referral_id: str
    accepted_on: date | None
    result: str | None
    reason: str | None
    ended_on: date | None


class NewCostAgreement(LocalModel):
    """What this office states on the sharing of costs; it holds once the other office states the same.

    Shares are basis points that add up to 10 000 (5000 is a half), or amounts in grosze.
    """

    other: Annotated[InstitutionId, Field(description="The office with which costs are shared.")]
    form_id: TheirId | None = Field(
        default=None, description="The form of support, of either office; all of the person's costs where missing."
    )
    unit: Annotated[str, one_of(SHARE_UNITS), Field(description="In what the shares are stated.")]
    own: Annotated[Grosze, Field(description="What this office bears, in the unit.", examples=[5000])]
    other_share: Annotated[Grosze, Field(description="What the other office bears, in the unit.", examples=[5000])]
    total: Grosze | None = Field(
        default=None, description="What both add up to, in grosze; needed where shares are amounts."
    )
    confirms: TheirId | None = Field(default=None, description="The other office's statement that this one confirms.")
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "other": "ops-2478011",
                    "unit": "basis_points",
                    "own": 6000,
                    "other_share": 4000,
                    "from": "2026-10-01",
                    "until": "2027-03-31",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        if self.unit == "grosze" and self.total is None:
            raise MemberRequired(field="total", expected="what both shares add up to, in grosze")
        if self.unit == "basis_points" and self.total is not None:
            raise Invalid("Basis points have no total of their own.", field="total", expected="no total, or grosze")
        whole = WHOLE_BP if self.total is None else self.total
        if self.own + self.other_share != whole:
            expected = f"{max(0, whole - self.own)}, so that both add up to {whole}"
            raise Invalid("The shares do not add up.", field="other_share", expected=expected)
        return self


class CostAgreement(RecordView):
    """What this office states on the sharing of costs (*podział kosztów*)."""

    other: str
    form_id: str | None
    unit: str
    own: int
    other_share: int
    total: int | None
    confirms: str | None
    from_: date = Field(alias="from")
    until: date | None


ChangedReferral = partial_of(NewReferral, "ChangedReferral")
ChangedReferralAnswer = partial_of(NewReferralAnswer, "ChangedReferralAnswer")
ChangedCostAgreement = partial_of(NewCostAgreement, "ChangedCostAgreement")
