"""How lists that are none of one kind of record are asked for: clients, and referrals with their answers."""

from typing import Annotated

from pydantic import Field

from shared.domain.events.payloads.between import REFERRAL_PURPOSES, REFERRAL_RESULTS
from shared.institution.models.base import Day, Moment, one_of
from shared.institution.models.between import InstitutionId
from shared.institution.models.clients import Basis
from shared.institution.models.listing import CHANGED_SINCE, PageQuery


class ClientQuery(PageQuery):
    """What a list of clients can be asked for."""

    state: Annotated[str, Field(pattern="^(active|withdrawn)$")] | None = Field(
        default=None, description="active or withdrawn; both, unless stated."
    )
    joint: bool | None = Field(default=None, description="Only those whom an office of the other side has as well.")
    restricted: bool | None = Field(default=None, description="Only those whose data are restricted (GDPR, art. 18).")
    basis: Basis | None = Field(default=None, description="Only on this legal basis.")
    changed_since: Moment | None = CHANGED_SINCE
    worker: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")] | None = Field(
        default=None,
        description="Only clients whom this official looks after, or stands in for.",
        examples=["kasia-17"],
    )
    on: Day | None = Field(
        default=None, description="The day on which the worker does; today, unless stated.", examples=["2026-10-01"]
    )
    sort: Annotated[str, Field(pattern="^-?(id|changed)$", description="One of id, changed; -: the other way.")] = "id"


class ExchangeQuery(PageQuery):
    """What a list of referrals with their answers can be asked for."""

    direction: Annotated[str, Field(pattern="^(made|received)$")] = Field(
        default="received", description="Made by this office, or to it."
    )
    answer: Annotated[str, Field(pattern="^(none|accepted|refused|done|broken_off)$")] | None = Field(
        default=None, description="Only with this answer; none: nothing came yet."
    )
    result: Annotated[str, one_of(REFERRAL_RESULTS)] | None = Field(
        default=None, description="Only those that ended so at the office that made them."
    )
    overdue: bool | None = Field(default=None, description="Only those to which no answer came in time, or the others.")
    office: InstitutionId | None = Field(default=None, description="Only those to or from this office.")
    purpose: Annotated[str, one_of(REFERRAL_PURPOSES)] | None = Field(
        default=None, description="Only for this purpose."
    )
    due_before: Day | None = Field(default=None, description="Due before this day.", examples=["2026-10-01"])
