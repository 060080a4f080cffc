"""Family interviews: the first one, and its updates, each due by a day; what was found out stays here.

Since 2021 an interview is held within 14 working days of the office learning that it is needed, within 2 where it
cannot wait; the office states the day, because working days need a calendar. Source: regulation of 8 April 2021 on the
family interview (Dz.U. 2021 poz. 893), § 3. By when the next one is due, the worker says.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.records.households import HOUSEHOLDS
from services.ops_api.tables import InterviewRow
from shared.domain.errors import Invalid
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

INTERVIEW_KINDS = ("first", "update")
INTERVIEW_RESULTS = ("held", "refused", "not_found", "called_off")
InterviewResult = Annotated[str, one_of(INTERVIEW_RESULTS), Field(description="What became of it.")]
NextDue = Annotated[Day, Field(description="The day by which the next update is due; of one that was held.")]


class NewInterview(LocalModel):
    """A family interview that is due by a day, with the client or the whole household."""

    household_id: OurId | None = Field(default=None, description="The household; missing for a client alone.")
    kind: Annotated[str, one_of(INTERVIEW_KINDS), Field(description="The first one, or an update.")] = "first"
    due: Due
    result: InterviewResult | None = None
    held_on: Day | None = Field(default=None, description="The day on which it was held, or found not to be.")
    next_due: NextDue | None = None
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "first", "due": "2026-02-20"}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.held_on, "held_on")
        if self.next_due is None:
            return self
        if self.result != "held" or self.held_on is None:
            raise Invalid("Only an interview that was held has a next one.", field="next_due", expected="result held")
        if self.next_due <= self.held_on:
            raise Invalid("The next one would come before this one.", field="next_due", expected="a later day")
        return self


class InterviewEnd(LocalModel):
    """What became of an interview, on which day, and by when the next update is due."""

    result: InterviewResult
    held_on: Day
    next_due: NextDue | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"result": "held", "held_on": "2026-02-12", "next_due": "2026-08-12"}]}
    )


class Interview(RecordView):
    """A family interview (*rodzinny wywiad środowiskowy*)."""

    household_id: str | None
    kind: str
    due: date
    result: str | None
    held_on: date | None
    next_due: date | None


INTERVIEWS = RecordKind(
    name="family_interview",
    path="family-interviews",
    label="family interview (*rodzinny wywiad środowiskowy*)",
    row=InterviewRow,
    create=NewInterview,
    change=partial_of(NewInterview, "ChangedInterview"),
    view=Interview,
    parent=HOUSEHOLDS,
    close=InterviewEnd,
    ends_with="result",
    filters=("kind", "result"),
)
