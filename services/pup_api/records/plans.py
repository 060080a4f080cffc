"""Individual action plans: what a person and the office agreed, step by step, and the days on which it is reviewed.

The words of a plan never leave the office; that there is one, the other office learns of the form PUP-IPD.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.pup_api.tables import PlanReviewRow, PlanRow, PlanStepRow
from shared.domain import catalogue
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    Code,
    Day,
    Due,
    From,
    LocalModel,
    MemberRequired,
    Note,
    OurId,
    RecordView,
    Text500,
    Until,
    one_of,
    partial_of,
    require_both,
    require_period,
)

PLAN_RESULTS = ("reached", "job_taken", "broken_off", "status_lost", "other")
STEP_RESULTS = ("done", "not_done", "dropped")
REVIEW_RESULTS = ("on_course", "changed", "done", "not_held")

PlanResult = Annotated[str, one_of(PLAN_RESULTS), Field(description="What became of the plan.")]
StepResult = Annotated[str, one_of(STEP_RESULTS), Field(description="What became of the step.")]
ReviewResult = Annotated[str, one_of(REVIEW_RESULTS), Field(description="What the review found.")]
_PLAN_ID = "0198c6a0-0000-7000-8000-000000000000"


class NewPlan(LocalModel):
    """An individual action plan: its aim, and from when to when it is meant to run."""

    aim: Annotated[Text500, Field(description="What the plan is to reach.", examples=["praca w gastronomii"])]
    from_: From
    until: Until = None
    result: PlanResult | None = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"aim": "praca w gastronomii", "from": "2026-10-01", "until": "2027-03-31"}]}
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        if self.result is not None and self.until is None:
            raise MemberRequired(field="until", expected="the last day of the plan, beside its result")
        return self


class PlanEnd(LocalModel):
    """How a plan ended."""

    until: Day
    result: PlanResult
    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2027-02-14", "result": "job_taken"}]})


class Plan(RecordView):
    """An individual action plan (*indywidualny plan działania*)."""

    aim: str
    from_: date = Field(alias="from")
    until: date | None
    result: str | None


class NewStep(LocalModel):
    """A step of a plan: what is to be done by when, and the form of support it takes, where it takes one."""

    action_plan_id: OurId
    what: Annotated[Text500, Field(description="What is to be done.", examples=["szkolenie: kelner"])]
    code: Code | None = Field(default=None, description="The form of support, by the catalogue's code.")
    due: Due
    result: StepResult | None = None
    ended_on: Day | None = Field(default=None, description="The day of its outcome.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action_plan_id": _PLAN_ID, "what": "szkolenie: kelner", "code": "PUP-SZK", "due": "2026-12-15"}
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.ended_on, "ended_on")
        if self.code is not None:
            catalogue.form(self.code).require_in_force(self.due, field="due")
        return self


class StepEnd(LocalModel):
    """What became of a step, and on which day."""

    result: StepResult
    ended_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "done", "ended_on": "2026-12-11"}]})


class Step(RecordView):
    """A step of an action plan."""

    action_plan_id: str
    what: str
    code: str | None
    due: date
    result: str | None
    ended_on: date | None


class NewReview(LocalModel):
    """A review of a plan that is due on a day."""

    action_plan_id: OurId
    due: Due
    result: ReviewResult | None = None
    held_on: Day | None = Field(default=None, description="The day on which it was held, or found not held.")
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"action_plan_id": _PLAN_ID, "due": "2026-11-02"}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.held_on, "held_on")
        return self


class ReviewEnd(LocalModel):
    """What a review found, and on which day; of one not held, the day on which that was noted."""

    result: ReviewResult
    held_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "on_course", "held_on": "2026-11-02"}]})


class Review(RecordView):
    """A review of an action plan."""

    action_plan_id: str
    due: date
    result: str | None
    held_on: date | None


PLANS = RecordKind(
    name="action_plan",
    path="action-plans",
    label="individual action plan (*indywidualny plan działania*)",
    row=PlanRow,
    create=NewPlan,
    change=partial_of(NewPlan, "ChangedPlan"),
    view=Plan,
    single=True,
    close=PlanEnd,
    ends_with="result",
    filters=("result",),
)

STEPS = RecordKind(
    name="action_plan_step",
    path="action-plan-steps",
    label="step of an individual action plan",
    row=PlanStepRow,
    create=NewStep,
    change=partial_of(NewStep, "ChangedStep"),
    view=Step,
    parent=PLANS,
    close=StepEnd,
    ends_with="result",
    filters=("code", "result"),
)

REVIEWS = RecordKind(
    name="action_plan_review",
    path="action-plan-reviews",
    label="review of an individual action plan",
    row=PlanReviewRow,
    create=NewReview,
    change=partial_of(NewReview, "ChangedReview"),
    view=Review,
    parent=PLANS,
    close=ReviewEnd,
    ends_with="result",
    filters=("result",),
)
