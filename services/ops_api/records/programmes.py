"""Programmes of activation, as of local activity or of leaving homelessness, and what each is to reach.

A programme belongs to the form of support of its code, which the office opens first: that form alone may leave, as
the catalogue says of its code (of these, OPS-PAL leaves and the others never do). What a programme is to reach stays
here (docs/decisions/0026).
"""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.ops_api.tables import ProgrammeRow
from shared.domain import catalogue
from shared.domain.errors import Invalid
from shared.institution.kinds import SUPPORT_FORMS, RecordKind
from shared.institution.models.base import (
    Code,
    Day,
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
    require_period,
)

PROGRAMME_CODES = ("OPS-PAL", "OPS-PIZ", "OPS-IPB", "OPS-IPU", "OPS-IPI")
PROGRAMME_RESULTS = ("reached", "job_taken", "broken_off", "moved", "other")
ProgrammeResult = Annotated[str, one_of(PROGRAMME_RESULTS), Field(description="What became of the programme.")]


class NoProgramme(Invalid):
    """The code is of no programme; record it as a form of support alone."""


class NewProgramme(LocalModel):
    """A programme, of the form of support with the same code; it may stand under a social contract."""

    support_form_id: OurId
    code: Annotated[Code, Field(description=f"The programme: {', '.join(PROGRAMME_CODES)}.", examples=["OPS-PAL"])]
    social_contract_id: OurId | None = Field(default=None, description="The contract of which it is a part.")
    aim: Annotated[Text500, Field(description="What the programme is to reach.", examples=["stałe miejsce pobytu"])]
    from_: From
    until: Until = None
    result: ProgrammeResult | None = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "support_form_id": "0198c6a0-0000-7000-8000-000000000000",
                    "code": "OPS-IPB",
                    "aim": "stałe miejsce pobytu",
                    "from": "2026-02-01",
                    "until": "2026-12-31",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        if self.code not in PROGRAMME_CODES:
            raise NoProgramme(field="code", expected=", ".join(PROGRAMME_CODES))
        catalogue.form(self.code).require_in_force(self.from_, field="from")
        if self.result is not None and self.until is None:
            raise MemberRequired(field="until", expected="the last day of the programme, beside its result")
        return self


class ProgrammeEnd(LocalModel):
    """How a programme ended."""

    until: Day
    result: ProgrammeResult
    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2026-11-30", "result": "reached"}]})


class Programme(RecordView):
    """What a programme of activation holds."""

    support_form_id: str
    code: str
    social_contract_id: str | None
    aim: str
    from_: date = Field(alias="from")
    until: date | None
    result: str | None


PROGRAMMES = RecordKind(
    name="activation_programme",
    path="activation-programmes",
    label="programme of activation (*program aktywizacji*)",
    row=ProgrammeRow,
    create=NewProgramme,
    change=partial_of(NewProgramme, "ChangedProgramme"),
    view=Programme,
    parent=SUPPORT_FORMS,
    references={"social_contract_id": "social-contracts"},
    close=ProgrammeEnd,
    ends_with="result",
    filters=("code", "result"),
)
