"""Who looks after a client at this office, and who stands in; by pseudonyms that stay here."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from shared.institution.models.base import Day, From, LocalModel, Note, RecordView, Until, partial_of, require_period

Worker = Annotated[
    str,
    Field(
        pattern=r"^[\x21-\x7e]{1,100}$",
        description="The pseudonym of an official, as `sub` of the official's token has it.",
        examples=["kasia-17"],
    ),
]


class NewWorker(LocalModel):
    """Who looks after a client from a day on; one worker at a time."""

    worker: Worker
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"worker": "kasia-17", "from": "2026-10-01"}]})

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        return self


class AssignedWorker(RecordView):
    """Who looks after a client (*pracownik prowadzący*)."""

    worker: str
    from_: date = Field(alias="from")
    until: date | None


class NewSubstitute(NewWorker):
    """Who stands in for the client's worker from a day to another; one substitute at a time."""

    until: Annotated[Day, Field(description="The last day of standing in.")]
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"worker": "jan-04", "from": "2026-12-21", "until": "2027-01-04"}]}
    )


class Substitute(AssignedWorker):
    """Who stands in for a client's worker (*zastępstwo*)."""


ChangedWorker = partial_of(NewWorker, "ChangedWorker")
ChangedSubstitute = partial_of(NewSubstitute, "ChangedSubstitute")
