"""What left the office about a client, over the local API."""

from datetime import datetime

from pydantic import Field

from shared.institution.models.base import View
from shared.institution.models.bulk import Page
from shared.institution.models.exchanged import OtherOffice


class DisclosedCode(View):
    """A code that left: ``leaves_as`` is how the catalogue lets it go."""

    code: str
    name_pl: str | None
    name_en: str | None
    leaves_as: str = Field(description="kind: as it is; group: by its group alone; cash: as a masked allowance.")


class Disclosure(View):
    """One event that left the office: a SET it signed, when, to whom, and on which legal basis."""

    id: str = Field(description="The jti of the SET.")
    at: datetime
    event: str = Field(examples=["support_form.opened.v1"])
    to: list[str] = Field(description="The broker, or the offices that shared the client at that time.")
    legal_basis: str = Field(description="The basis of the enrolment under which it was told.")
    records: int = Field(description="How many records it holds: of a restatement all, of other events one or none.")
    codes: list[DisclosedCode]


class Tightened(View):
    """A code of which the office itself lets less leave than the catalogue allows."""

    code: str
    name_pl: str
    name_en: str
    catalogue: str = Field(description="How the catalogue lets it leave: kind, group or cash.")
    office: str = Field(description="How it leaves this office: group or nothing.")


class Recipient(View):
    """An office that got data of the client, and how it learns what becomes of them (GDPR, art. 19)."""

    office: OtherOffice
    shares: bool = Field(description="It shares the client now: events tell it. Else an official has to.")
    open_notices: int = Field(description="What it is still to be told, among recipient-notices.", examples=[0])


class Disclosures(Page[Disclosure]):
    """What left the office about a client, who got it, and what the office's own policy keeps back from now on."""

    tightened: list[Tightened]
    recipients: list[Recipient]
