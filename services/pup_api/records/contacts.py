"""Contacts that an unemployed person and the office agreed, each due by a day: kept, missed or excused.

Since June 2025 the person contacts the office at least once in 90 days (``CONTACT_DUTY`` in the table of law); what is
due earlier is what the two agreed. A missed contact ends no registration by itself.
"""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from services.pup_api.records.registrations import REGISTRATIONS
from services.pup_api.tables import ContactRow
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

WAYS = ("visit", "telephone", "online", "letter")
CONTACT_RESULTS = ("kept", "missed", "excused")

Way = Annotated[str, one_of(WAYS), Field(description="How the two agreed to speak.")]
ContactResult = Annotated[str, one_of(CONTACT_RESULTS), Field(description="What became of it.")]


class NewContact(LocalModel):
    """A contact that is due by a day."""

    registration_id: OurId
    due: Due
    way: Way = "visit"
    result: ContactResult | None = None
    ended_on: Day | None = Field(default=None, description="The day of the contact, or on which it was found missing.")
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "registration_id": "0198c6a0-0000-7000-8000-000000000000",
                    "due": "2026-11-15",
                    "way": "telephone",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_both(self.result, self.ended_on, "ended_on")
        return self


class ContactEnd(LocalModel):
    """What became of a contact, and on which day."""

    result: ContactResult
    ended_on: Day
    model_config = ConfigDict(json_schema_extra={"examples": [{"result": "kept", "ended_on": "2026-11-12"}]})


class Contact(RecordView):
    """A contact that was agreed (*obowiązek kontaktu*)."""

    registration_id: str
    due: date
    way: str
    result: str | None
    ended_on: date | None


CONTACTS = RecordKind(
    name="contact_duty",
    path="contact-duties",
    label="contact that was agreed (*obowiązek kontaktu*)",
    row=ContactRow,
    create=NewContact,
    change=partial_of(NewContact, "ChangedContact"),
    view=Contact,
    parent=REGISTRATIONS,
    close=ContactEnd,
    ends_with="result",
    filters=("way", "result"),
)
