"""The access log over the local API: for auditors with the reader's pseudonym, for the client by role alone."""

from datetime import date, datetime

from pydantic import ConfigDict, Field

from shared.institution.models.base import Day, LocalModel, View

RECORD = "The id of the record that was read; `list` for a list of many clients' records; empty for the whole client."


class AccessEntry(View):
    """One read of a client's data; ``subject`` is the pseudonym that the office made for the reader."""

    id: str
    at: datetime
    subject: str
    role: str
    purpose: str
    legal_basis: str
    case_number: str
    operation: str = Field(description="The operation of the OpenAPI document.", examples=["read_client"])
    record: str = Field(description=RECORD)
    persons: int = Field(description="How many clients the same request read.")


class TimesRead(View):
    """How often somebody of a role read a client's data on a day, why, and on which legal basis."""

    day: date
    role: str
    purpose: str
    legal_basis: str
    count: int


class AccessStatement(View):
    """What a client is told: who asked for the data, by role, when, why and on which legal basis (GDPR, art. 15)."""

    client_id: str
    institution: str
    language: str = Field(description="pl or en")
    reads: list[TimesRead]
    text: str = Field(description="The same, ready for print.")


class NewAccessRequest(LocalModel):
    """Which days are asked for; all of them, unless stated."""

    since: Day | None = None
    until: Day | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"since": "2026-01-01"}]})


class MemberAccess(View):
    """What one member answered: ``answered``, ``waiting``, or ``parted`` before it could answer."""

    id: str
    name: str
    state: str = Field(description="answered, waiting or parted")
    answered_at: datetime | None
    reads: list[TimesRead]


class AccessRequest(View):
    """A question to all members who share a client, and every answer so far.

    ``waiting`` names who has not answered yet, ``not_asked`` who told of the client once and shares it no longer: such
    an office is asked by a letter.
    """

    id: str
    client_id: str
    asked_at: datetime
    since: date | None
    until: date | None
    complete: bool
    waiting: list[str]
    not_asked: list[str]
    members: list[MemberAccess]
