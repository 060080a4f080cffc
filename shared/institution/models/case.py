"""The life of a case of the degressive benefit over the local API: appeals, eligibility, books, printed decisions."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from shared.domain.reasons import codes_of
from shared.institution.models.base import BASED_ON, Day, LocalModel, View
from shared.institution.models.benefit import HashText, LedgerEntry, ReasonCode

_OUTCOME: dict[str, JsonValue] = {"outcome": "upheld", "decided_on": "2026-05-20", "reason_code": "decision_right"}


class NewAppeal(LocalModel):
    """An appeal (*odwołanie*) of the person against the last decision."""

    lodged_on: Annotated[Day, Field(description="From the day of the decision to today.")]
    reason_code: ReasonCode = "appeal_lodged"
    model_config = ConfigDict(json_schema_extra={"examples": [{"lodged_on": "2026-04-20"}]})


class AppealOutcome(LocalModel):
    """What became of an appeal: upheld leaves the decision, changed puts the result of that hash in its place.

    Changed takes the newest result, or the one that was granted before the last decision. Withdrawn leaves the decision
    as if there had been no appeal, so that another can be lodged: the person withdrew it, or it was noted by mistake.
    """

    outcome: Annotated[str, Field(pattern="^(upheld|changed|withdrawn)$")]
    decided_on: Annotated[Day, Field(description="From the day of the appeal to today.")]
    reason_code: Annotated[
        ReasonCode,
        Field(
            description="; ".join(f"{one}: {', '.join(codes_of(one))}" for one in ("upheld", "changed", "withdrawn"))
        ),
    ]
    result_hash: HashText | None = Field(default=None, description="Needed where the decision is changed.")
    model_config = ConfigDict(json_schema_extra={"examples": [_OUTCOME]})


class Condition(View):
    """One condition of the benefit: whether it is met, and the figures that say so."""

    name: str
    met: bool | None = Field(description="Null where this office cannot know.")
    expected: str
    found: str
    figures: dict[str, int] = Field(description="Days: registered, taken off for placements, counted.")


class Eligibility(View):
    """Whether a client may have the benefit, by what this office knows, and why not."""

    client_id: str
    joint: bool
    based_on: str = Field(description=BASED_ON)
    eligible: bool | None = Field(description="Null where this office cannot know.")
    conditions: list[Condition]


class BookedEntry(LedgerEntry):
    """An entry of the ledger (*księga*): never edited, only followed by others."""

    number: int
    assessment_id: str
    booked_at: datetime


class Payment(View):
    """What this office paid or settled."""

    id: str
    kind: str = Field(description="paid, recovered or remitted")
    month: str | None
    covers: dict[str, int]
    held_back_gr: int
    reason_code: str | None
    booked_at: datetime


class CaseBooks(View):
    """The books of the newest case of a client, of all its institutions, and what this office paid."""

    client_id: str
    case_id: str
    entries: list[BookedEntry]
    due_gr: dict[str, int] = Field(description="By institution.")
    payments: list[Payment]


class DecisionDocument(View):
    """A decision as it is printed: who decided what, when, on which basis, and how to appeal; or its translation.

    A note of an appeal that was lodged, dismissed or withdrawn is printed in the same way and says that it is one.
    """

    decision_id: str
    authority: str
    decided_on: date
    legal_basis: str | None = Field(
        description="Null for a note of an appeal, which decides nothing.",
        examples=["art. 104 Kodeksu postępowania administracyjnego i umowa o realizację programu"],
    )
    appeal_days: int | None = Field(description="Null where there is nothing to appeal against.")
    language: str = Field(description="pl or en")
    translation: bool = Field(description="Only the Polish text is binding.")
    text: str
