"""What people ask of their data over the local API: rectification, restriction, objection."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from shared.domain.subject_requests import KINDS
from shared.institution.models.base import Day, LocalModel, Note, OurId, View, one_of
from shared.institution.models.notices import RecipientNotice
from shared.institution.models.protection import ReasonCode

_ID = "0198c6a0-0000-7000-8000-000000000000"


class NewSubjectRequest(LocalModel):
    """What a person asked for, and on which day the office received it."""

    kind: Annotated[str, one_of(KINDS)]
    received_on: Day
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "restriction", "received_on": "2026-11-02"}]})


class Amended(LocalModel):
    """A record that was put right, as it stands since; the whole client is of kind ``client``."""

    kind: Annotated[str, Field(pattern=r"^[a-z-]{1,30}$", description="As its path names it, or client.")]
    record_id: OurId
    version: Annotated[int, Field(ge=1, le=1_000_000, description="The version that put it right.")]


class SubjectAnswer(LocalModel):
    """The office's answer; a rectification that is upheld names what was amended."""

    answer: Annotated[str, one_of(("upheld", "refused"))]
    reason_code: ReasonCode
    amended: Annotated[list[Amended], Field(max_length=50, default_factory=list)]
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "answer": "upheld",
                    "reason_code": "data_wrong",
                    "amended": [{"kind": "client", "record_id": _ID, "version": 2}],
                }
            ]
        }
    )


class Lifting(LocalModel):
    """Why a restriction ends; the person is told before (GDPR, art. 18(3))."""

    reason_code: ReasonCode
    model_config = ConfigDict(json_schema_extra={"examples": [{"reason_code": "accuracy_verified"}]})


class SubjectRequest(View):
    """A request of a person, and what became of it; ``state``: open, upheld, refused, lifted."""

    id: str
    client_id: str
    kind: str
    received_on: date
    due_on: date = Field(description="The day by which it is to be answered: one month (GDPR, art. 12(3)).")
    state: str
    note: str | None
    reason_code: str | None
    reason_pl: str | None
    reason_en: str | None
    answered_on: date | None
    answered_by: str | None
    amended: list[Amended]
    lifted_on: date | None
    lifted_by: str | None
    recorded_by: str
    recorded_at: datetime
    recipients: list[RecipientNotice] = Field(
        default_factory=list, description="Once it is upheld: the offices that got the data, and who told each."
    )
