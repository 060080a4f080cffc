"""Decisions on allowances: permanent, temporary, for a special purpose. What is paid is a benefit or a form of support.

A decision is open until it is final (*decyzja ostateczna*): until nobody can appeal any more, or it is repealed. The
money that it grants may leave by its own record; the decision never does.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.tables import AllowanceDecisionRow
from shared.domain import catalogue
from shared.domain.allowances import bases, bases_of
from shared.domain.errors import Invalid
from shared.institution.kinds import RecordKind
from shared.institution.models.base import (
    Code,
    Day,
    From,
    Grosze,
    LocalModel,
    MemberRequired,
    Note,
    OurId,
    RecordView,
    Text100,
    Until,
    one_of,
    partial_of,
    require_both,
    require_period,
)

OUTCOMES = ("granted", "refused", "changed", "ended")
DECISION_RESULTS = ("final", "repealed", "replaced")
BASES = tuple(basis.name for basis in bases())

DecisionResult = Annotated[
    str,
    one_of(DECISION_RESULTS),
    Field(description="final: nobody can appeal any more; missing: still open to appeal."),
]


class NewAllowanceDecision(LocalModel):
    """A decision on an allowance: what was decided, on which basis, for which days, and the record of what is paid."""

    number: Annotated[Text100, Field(description="The decision's number.", examples=["OPS.5121.7.2026"])]
    decided_on: Annotated[Day, Field(description="The day of the decision.", examples=["2026-02-10"])]
    outcome: Annotated[str, one_of(OUTCOMES), Field(description="What was decided.")]
    code: Annotated[Code, Field(description="The allowance, by the catalogue's code.", examples=["OPS-ZOK"])]
    basis: Annotated[str, one_of(BASES), Field(description="The article of the act on social assistance.")]
    amount_gr: Grosze | None = Field(default=None, description="What is granted: a month or, of one paid once, in all.")
    benefit_id: OurId | None = Field(default=None, description="The benefit that is paid by it month by month.")
    support_form_id: OurId | None = Field(default=None, description="The form of support that is paid by it once.")
    from_: From
    until: Until = None
    result: DecisionResult | None = None
    ended_on: Day | None = Field(default=None, description="The day on which it became so.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "number": "OPS.5121.7.2026",
                    "decided_on": "2026-02-10",
                    "outcome": "granted",
                    "code": "OPS-ZOK",
                    "basis": "ups_38",
                    "amount_gr": 50500,
                    "from": "2026-02-01",
                    "until": "2026-05-31",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        require_both(self.result, self.ended_on, "ended_on")
        allowed = [basis.name for basis in bases_of(self.code)]
        if self.basis not in allowed:
            raise Invalid("This allowance has another basis.", field="basis", expected=" or ".join(allowed))
        catalogue.form(self.code).require_in_force(self.from_, field="from")
        self._require_what_is_paid()
        if self.outcome == "ended" and self.until is None:
            raise MemberRequired(field="until", expected="the last day for which it is paid")
        if self.ended_on is not None and self.ended_on < self.decided_on:
            raise Invalid("The day lies before the decision.", field="ended_on", expected=f"{self.decided_on} or later")
        return self

    def _require_what_is_paid(self) -> None:
        monthly = catalogue.form(self.code).is_monthly_benefit
        wrong = {"support_form_id": monthly, "benefit_id": not monthly}
        if self.outcome == "granted" and self.amount_gr is None:
            raise MemberRequired(field="amount_gr", expected="what is granted, in grosze")
        for name in ("amount_gr", "benefit_id", "support_form_id"):
            if self.outcome == "refused" and getattr(self, name) is not None:
                raise Invalid("What is refused is not paid.", field=name, expected="nothing, of a refusal")
        for name, is_wrong in wrong.items():
            if is_wrong and getattr(self, name) is not None:
                right = (
                    "benefit_id, because it is paid monthly" if monthly else "support_form_id, because it is paid once"
                )
                raise Invalid("The allowance is paid by another kind of record.", field=name, expected=right)


class AllowanceDecisionEnd(LocalModel):
    """What became of a decision, and on which day."""

    result: DecisionResult
    ended_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "final", "ended_on": "2026-02-25"}]})


class AllowanceDecision(RecordView):
    """A decision (*decyzja*) on an allowance."""

    number: str
    decided_on: date
    outcome: str
    code: str
    basis: str
    amount_gr: int | None
    benefit_id: str | None
    support_form_id: str | None
    from_: date = Field(alias="from")
    until: date | None
    result: str | None
    ended_on: date | None


ALLOWANCE_DECISIONS = RecordKind(
    name="allowance_decision",
    path="allowance-decisions",
    label="decision on an allowance (*decyzja w sprawie zasiłku*)",
    row=AllowanceDecisionRow,
    create=NewAllowanceDecision,
    change=partial_of(NewAllowanceDecision, "ChangedAllowanceDecision"),
    view=AllowanceDecision,
    references={"benefit_id": "benefits", "support_form_id": "support-forms"},
    close=AllowanceDecisionEnd,
    ends_with="result",
    filters=("code", "outcome", "result", "benefit_id", "support_form_id"),
)
