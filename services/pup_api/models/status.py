"""A person's standing at the labour office: as unemployed, and in the duty to keep in contact."""

from datetime import date

from pydantic import Field

from shared.institution.models.base import View


class TakenOff(View):
    """A placement, and how many registered days of the 24 months it takes off."""

    code: str
    record: str
    days: int


class UnemploymentStatus(View):
    """A client's standing as unemployed (*bezrobotny*) on a day, with the days behind it.

    ``long_term`` is the rule of the benefit: more than ``days_needed`` days counted in the window.
    """

    client_id: str
    on: date
    registered: bool
    window_from: date = Field(description="The first of the 24 months before the day.")
    window_until: date
    registered_days: int
    taken_off: list[TakenOff]
    counted_days: int
    days_needed: int = Field(description="Long-term is who has more days than this.")
    long_term: bool
    long_term_since: date | None
    from_other_offices: int = Field(description="Registrations and placements among these that other offices told of.")


class Figure(View):
    """A figure of law: what was in force, from when to when, where it comes from, and whether that was verified."""

    param: str
    value: str
    unit: str
    valid_from: date
    valid_to: date | None
    verified: bool
    source: str


class ProposedClosure(View):
    """What an official may send to ``POST /v1/registrations/{id}/close``; nothing closes by itself."""

    until: date
    reason: str


class ContactStanding(View):
    """How a registered person stands in the duty to keep in contact (*obowiązek kontaktu*).

    ``proposed`` is there once the last day has passed without a contact: an official decides whether it is sent.
    """

    client_id: str
    registration_id: str
    on: date
    last_contact: date | None = Field(description="The newest contact kept or excused.")
    due_by: date = Field(description="The last day for the next contact.")
    overdue_days: int
    next_agreed: date | None = Field(description="The day by which the next contact was agreed.")
    proposed: ProposedClosure | None
    figure: Figure
