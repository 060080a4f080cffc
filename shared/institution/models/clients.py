"""Clients over the local API."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from shared.domain.events.payloads.people import BASES
from shared.institution.models.base import LocalModel, PeselDigits, Text100, View
from shared.institution.models.contests import PLACE, Place
from shared.institution.models.exchanged import OtherOffice

Basis = Annotated[str, Field(pattern=f"^({'|'.join(BASES)})$", description="Legal basis of the processing.")]
_ANNA: dict[str, JsonValue] = {
    "pesel": "85650112347",
    "surname": "Przykładowska",
    "given_names": "Anna Maria",
    "basis": "labour_market_act",
    "case_number": "CAZ.4121.17.2026",
}


class NewClient(LocalModel):
    """A client to be registered; an enrolment needs a legal basis and a local case."""

    pesel: PeselDigits
    surname: Text100
    given_names: Text100
    basis: Basis
    case_number: Text100
    model_config = ConfigDict(json_schema_extra={"examples": [_ANNA]})


class ChangedClient(LocalModel):
    """What is to be amended; what is missing stays. A corrected PESEL moves the enrolment to another token."""

    pesel: PeselDigits | None = None
    surname: Text100 | None = None
    given_names: Text100 | None = None
    basis: Basis | None = None
    case_number: Text100 | None = None
    model_config = ConfigDict(json_schema_extra={"examples": [{"surname": "Przykładowska-Nowacka"}]})


class ClientSearch(LocalModel):
    """Whom to look for; a PESEL never stands in a URL."""

    pesel: PeselDigits
    model_config = ConfigDict(json_schema_extra={"examples": [{"pesel": "85650112347"}]})


class Client(View):
    """A client of this office; ``joint`` while another office on the other side has the same client."""

    id: str
    pesel: str
    surname: str
    given_names: str
    birth_date: date
    basis: str
    case_number: str
    state: str = Field(description="active or withdrawn")
    joint: bool
    contest: Place | None = Field(description=PLACE)
    members: list[str] = Field(description="Who shares the client, this office included.")
    offices: list[OtherOffice] = Field(description="The other offices of a joint client, and how to reach them.")
    generation: int
    version: int
    restricted_on: date | None = Field(description="Since when the data are only kept (GDPR, art. 18), while they are.")
    created_at: datetime
    updated_at: datetime
