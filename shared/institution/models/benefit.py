"""The degressive benefit, the merged view and match confirmation over the local API."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, JsonValue

from shared.domain.reasons import codes_of
from shared.institution.models.base import LocalModel, View
from shared.institution.models.beside import BesideMonth, Remark
from shared.institution.models.contests import PLACE, Place
from shared.institution.models.exchanged import Desk

HashText = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
ReasonCode = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,40}$")]
_DECISION: dict[str, JsonValue] = {
    "result_hash": "dTdUWayoGe7PTZUNLWHHcVi36POQ_szMhHAVVuOH0-Q",
    "decision": "approved",
    "reason_code": "conditions_met",
}


class NewDecision(LocalModel):
    """A decision of an official, on the result whose hash was on the screen.

    On a case that was granted: approved takes over what late news make of it, refused leaves a lowering undone.
    """

    result_hash: HashText
    decision: Annotated[str, Field(pattern="^(approved|refused)$")]
    reason_code: ReasonCode | None = Field(
        default=None,
        description="Needed where something is refused: "
        + ", ".join((*codes_of("refused"), *codes_of("kept")))
        + "; left out of an approval it is conditions_met.",
    )
    model_config = ConfigDict(json_schema_extra={"examples": [_DECISION]})


class Decision(View):
    """A decision as it stands here; ``returned`` when the broker refused it, with the problem."""

    id: str
    case_id: str
    assessment_id: str
    result_hash: str
    decision: str = Field(description="approved, refused, appealed, upheld, changed or withdrawn")
    reason_code: str
    iss: str
    happened_on: date | None
    late: bool | None = Field(
        default=None,
        description="Of an appeal: lodged later after the day of the decision than the time limit from its delivery.",
    )
    state: str
    reason: str | None
    decided_at: datetime


class ExplainedMonth(View):
    """One month of a schedule with its explanation."""

    month: str = Field(examples=["2026-03"])
    amount_gr: int
    codes: str
    shares_gr: dict[str, int]
    explanation: str | None = None


class MonthWithBeside(ExplainedMonth):
    """One month of the schedule with what stands beside it; null where the office cannot recompute the schedule."""

    beside: BesideMonth | None


class LedgerEntry(View):
    """A difference of the ledger: what an institution owes for a month."""

    month: str = Field(examples=["2026-03"])
    institution: str
    amount_gr: int


class DegressiveBenefit(View):
    """The newest assessment of a client; ``recomputed`` tells whether this office's own records give the same.

    ``proposed`` is what late news would lower of what was granted: it waits for an official. ``ends_on`` is the last
    day that counts on the clock, while no break is open; no new case begins until ``locked_until`` has passed, where
    something was granted.
    """

    client_id: str
    case_id: str
    assessment_id: str
    result_hash: str
    state: str = Field(
        description="provisional, proposed, approved, refused, corrected, appealed, upheld, changed or ended"
    )
    complete: bool
    open_discrepancies: int
    recomputed: bool
    months: list[MonthWithBeside]
    remarks: list[Remark] = Field(description="What of the figures beside the months is not known, and why.")
    total_gr: int
    gap_gr: int
    summary: str | None
    counts_as_income: str
    proposed: list[LedgerEntry]
    booked_gr: int
    ends_on: date | None
    locked_until: date | None
    versions: dict[str, str]
    inputs: list[str]
    received_at: datetime
    decisions: list[Decision]


class MergedEntry(View):
    """One record of a shared client, whichever office gave it."""

    iss: str
    record: str
    id: str
    code: str | None = None
    name_pl: str | None = None
    from_: date = Field(alias="from")
    until: date | None = None
    payload: dict[str, Any]


class MergedMember(View):
    """An office that shares the client: whether it has told all, and how many of its events are missing here.

    ``restricted_on`` is the day from which it restricts the use of what it told (GDPR, art. 18), while that lasts.
    """

    id: str
    name: str
    contact: str
    desks: list[Desk]
    complete: bool
    events: int
    missing: int
    restricted_on: date | None = None


class Frozen(View):
    """What an office told that shares the client no longer: kept as it was, used for nothing, purged after a day."""

    iss: str
    frozen_on: date
    kept_until: date
    entries: list[MergedEntry]


class MergedView(View):
    """One history of both offices (*wspólna historia*); ``as_of`` is when the mailbox last brought news.

    ``frozen`` is apart: copies of offices that share the client no longer.
    """

    client_id: str
    joint: bool
    contest: Place | None = Field(description=PLACE)
    generation: int
    members: list[MergedMember]
    entries: list[MergedEntry]
    frozen: list[Frozen]
    as_of: datetime | None


class Suspicion(View):
    """A suspected match that waits for an official, or how it was answered.

    ``contest``: it is one person, and the question is whether a second labour office is let in beside the one that
    leads; it lapses once nobody contests the client any more.
    """

    id: str
    client_id: str
    state: str = Field(description="open, confirmed, refused or lapsed")
    contest: bool
    raised_at: datetime


class SuspicionAnswer(LocalModel):
    """Why an official confirms or refuses a suspected match, as a code."""

    reason_code: Annotated[str, Field(pattern="^(same_person|other_person|other_area|unclear)$")]
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason_code": "same_person"}]})
