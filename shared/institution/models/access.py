"""The access log over the local API: for auditors with the reader's pseudonym, for the client by role alone."""

from datetime import date, datetime

from pydantic import Field

from shared.institution.models.base import View

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
