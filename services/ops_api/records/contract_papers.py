"""How a social contract is kept up: the days on which it is reviewed, and who signed it or would not."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.records.contracts import CONTRACTS
from services.ops_api.tables import ContractReviewRow, SignatureRow
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    Day,
    Due,
    LocalModel,
    Note,
    OurId,
    RecordView,
    one_of,
    partial_of,
    require_both,
)

REVIEW_RESULTS = ("on_course", "changed", "done", "broken", "not_held")
SIGNATURE_RESULTS = ("signed", "refused")
WHO_SIGNS = ("client", "worker", "head", "labour_office")

ReviewResult = Annotated[str, one_of(REVIEW_RESULTS), Field(description="What the review found.")]
SignatureResult = Annotated[
    str, one_of(SIGNATURE_RESULTS), Field(description="Whether it was given; missing: awaited.")
]
_CONTRACT_ID = "0198c6a0-0000-7000-8000-000000000000"


class NewContractReview(LocalModel):
    """A review of a contract that is due on a day."""

    social_contract_id: OurId
    due: Due
    result: ReviewResult | None = None
    held_on: Day | None = Field(default=None, description="The day on which it was held, or found not held.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"social_contract_id": _CONTRACT_ID, "due": "2026-05-04"}]}
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.held_on, "held_on")
        return self


class ContractReviewEnd(LocalModel):
    """What a review found, and on which day; of one not held, the day on which that was noted."""

    result: ReviewResult
    held_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "on_course", "held_on": "2026-05-04"}]})


class ContractReview(RecordView):
    """A review of a social contract (*ocena realizacji kontraktu*)."""

    social_contract_id: str
    due: date
    result: str | None
    held_on: date | None


class NewSignature(LocalModel):
    """A signature under a contract, awaited by a day; the labour office signs form B alone."""

    social_contract_id: OurId
    who: Annotated[str, one_of(WHO_SIGNS), Field(description="Who signs.")]
    due: Due
    result: SignatureResult | None = None
    signed_on: Day | None = Field(default=None, description="The day on which it was given or refused.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "social_contract_id": _CONTRACT_ID,
                    "who": "client",
                    "due": "2026-02-01",
                    "result": "signed",
                    "signed_on": "2026-02-01",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.signed_on, "signed_on")
        return self


class SignatureEnd(LocalModel):
    """Whether a signature was given, and on which day."""

    result: SignatureResult
    signed_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "signed", "signed_on": "2026-02-01"}]})


class Signature(RecordView):
    """A signature under a social contract (*podpis pod kontraktem*)."""

    social_contract_id: str
    who: str
    due: date
    result: str | None
    signed_on: date | None


REVIEWS = RecordKind(
    name="contract_review",
    path="contract-reviews",
    label="review of a social contract (*ocena realizacji kontraktu*)",
    row=ContractReviewRow,
    create=NewContractReview,
    change=partial_of(NewContractReview, "ChangedContractReview"),
    view=ContractReview,
    parent=CONTRACTS,
    close=ContractReviewEnd,
    ends_with="result",
    filters=("result",),
)

SIGNATURES = RecordKind(
    name="contract_signature",
    path="contract-signatures",
    label="signature under a social contract (*podpis pod kontraktem*)",
    row=SignatureRow,
    create=NewSignature,
    change=partial_of(NewSignature, "ChangedSignature"),
    view=Signature,
    parent=CONTRACTS,
    close=SignatureEnd,
    ends_with="result",
    filters=("who", "result"),
)
