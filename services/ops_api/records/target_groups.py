"""Target-group marks: to which group of seed 002 a client belongs, since when, and until when what it says went on.

Prison, addiction, disability: what a mark says is of the special categories of data (GDPR art. 9 and 10), so the group
and its days stand encrypted, no list is narrowed by them, and nothing of a mark ever leaves the office. On which days a
client is of a group, ``GET /v1/clients/{client_id}/target-groups`` works out.
"""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.tables import TargetGroupRow
from shared.domain.errors import Invalid
from shared.domain.target_groups import groups
from shared.institution.kinds import RecordKind
from shared.institution.models.base import Day, LocalModel, Note, RecordView, one_of, partial_of

Group = Annotated[str, one_of(groups()), Field(description="The target group.")]


class NewTargetGroup(LocalModel):
    """A mark: a client is of a group since a day, and to its last day where it has ended."""

    group: Group
    since: Annotated[
        Day, Field(description="Its first day; of after_prison, the day of leaving.", examples=["2026-01-10"])
    ]
    ended_on: Day | None = Field(default=None, description="Its last day; of addiction, the end of the treatment.")
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"group": "after_prison", "since": "2026-01-10"}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if self.ended_on is not None and self.ended_on < self.since:
            raise Invalid("It ends before it begins.", field="ended_on", expected=f"{self.since} or later")
        return self

    def columns(self) -> dict[str, Any]:
        """Return the values of the row; days are text there, because they stand encrypted."""
        return self.model_dump() | {
            "since": self.since.isoformat(),
            "ended_on": self.ended_on.isoformat() if self.ended_on else None,
        }


class TargetGroupEnd(LocalModel):
    """The last day of what a mark says; the limit of its group may keep it in force after that day."""

    ended_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"ended_on": "2026-04-30"}]})


class TargetGroupMark(RecordView):
    """A target-group mark (*grupa docelowa*)."""

    group: str
    since: date
    ended_on: date | None


TARGET_GROUPS = RecordKind(
    name="target_group_mark",
    path="target-group-marks",
    label="target-group mark (*grupa docelowa*)",
    row=TargetGroupRow,
    create=NewTargetGroup,
    change=partial_of(NewTargetGroup, "ChangedTargetGroup"),
    view=TargetGroupMark,
    close=TargetGroupEnd,
    ends_with="ended_on",
)
