"""What a social contract agrees: its goals, and who does what by when to reach them. Its words never leave."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.records.contracts import CONTRACTS
from services.ops_api.tables import ActionRow, GoalRow
from shared.domain import catalogue
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    Code,
    Day,
    Due,
    LocalModel,
    Note,
    OurId,
    RecordView,
    Text500,
    one_of,
    partial_of,
    require_both,
)

GOAL_RESULTS = ("reached", "partly_reached", "not_reached", "dropped")
ACTION_RESULTS = ("done", "not_done", "dropped")
WHO_ACTS = ("client", "family", "office", "labour_office", "other")

GoalResult = Annotated[str, one_of(GOAL_RESULTS), Field(description="What became of the goal.")]
ActionResult = Annotated[str, one_of(ACTION_RESULTS), Field(description="What became of the action.")]
_CONTRACT_ID = "0198c6a0-0000-7000-8000-000000000000"
_GOAL_ID = "0198c6a0-0000-7000-8000-000000000001"


class NewGoal(LocalModel):
    """A goal of a contract, to be reached by a day."""

    social_contract_id: OurId
    what: Annotated[Text500, Field(description="What is to be reached.", examples=["stała praca"])]
    due: Due
    result: GoalResult | None = None
    ended_on: Day | None = Field(default=None, description="The day of its outcome.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"social_contract_id": _CONTRACT_ID, "what": "stała praca", "due": "2026-12-31"}]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.ended_on, "ended_on")
        return self


class GoalEnd(LocalModel):
    """What became of a goal, and on which day."""

    result: GoalResult
    ended_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "reached", "ended_on": "2026-12-01"}]})


class Goal(RecordView):
    """A goal of a social contract (*cel kontraktu socjalnego*)."""

    social_contract_id: str
    what: str
    due: date
    result: str | None
    ended_on: date | None


class NewAction(LocalModel):
    """An action of a contract: who does what by when, for which goal, and the form of support it takes, if any."""

    social_contract_id: OurId
    contract_goal_id: OurId | None = Field(default=None, description="The goal of this contract that it serves.")
    what: Annotated[Text500, Field(description="What is to be done.", examples=["kurs: opiekun osób starszych"])]
    who: Annotated[str, one_of(WHO_ACTS), Field(description="Who does it.")] = "client"
    code: Code | None = Field(
        default=None, description="The form of support that this office gives for it, by its code."
    )
    due: Due
    result: ActionResult | None = None
    ended_on: Day | None = Field(default=None, description="The day of its outcome.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "social_contract_id": _CONTRACT_ID,
                    "contract_goal_id": _GOAL_ID,
                    "what": "kurs: opiekun osób starszych",
                    "who": "client",
                    "code": "AI-E01",
                    "due": "2026-06-30",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.ended_on, "ended_on")
        if self.code is not None:
            catalogue.form(self.code).require_in_force(self.due, field="due")
        return self


class ActionEnd(LocalModel):
    """What became of an action, and on which day."""

    result: ActionResult
    ended_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "done", "ended_on": "2026-06-19"}]})


class Action(RecordView):
    """An action of a social contract (*działanie w kontrakcie socjalnym*)."""

    social_contract_id: str
    contract_goal_id: str | None
    what: str
    who: str
    code: str | None
    due: date
    result: str | None
    ended_on: date | None


GOALS = RecordKind(
    name="contract_goal",
    path="contract-goals",
    label="goal of a social contract (*cel kontraktu socjalnego*)",
    row=GoalRow,
    create=NewGoal,
    change=partial_of(NewGoal, "ChangedGoal"),
    view=Goal,
    parent=CONTRACTS,
    close=GoalEnd,
    ends_with="result",
    filters=("result",),
)

ACTIONS = RecordKind(
    name="contract_action",
    path="contract-actions",
    label="action of a social contract (*działanie w kontrakcie socjalnym*)",
    row=ActionRow,
    create=NewAction,
    change=partial_of(NewAction, "ChangedAction"),
    view=Action,
    parent=CONTRACTS,
    references={"contract_goal_id": "contract-goals"},
    close=ActionEnd,
    ends_with="result",
    filters=("contract_goal_id", "who", "code", "result"),
)
