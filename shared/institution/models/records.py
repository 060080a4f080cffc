"""Support forms and benefits over the local API: the records that PUP and OPS both keep, jobs apart."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, computed_field, model_validator

from shared.domain import catalogue
from shared.domain.errors import Invalid
from shared.domain.events.payloads.support import FORM_STATES
from shared.domain.labour_amounts import possible_amounts
from shared.institution.models.base import (
    Code,
    Day,
    From,
    Grosze,
    LocalModel,
    MemberRequired,
    Note,
    RecordView,
    Until,
    View,
    partial_of,
    require_period,
)
from shared.institution.models.exchanged import ForeseenDuplicate

FormState = Annotated[
    str, Field(pattern=f"^({'|'.join(FORM_STATES)})$", description="How far it is; completed once it is closed.")
]
Months = Annotated[
    int,
    Field(
        ge=0,
        le=12,
        description="Through which month of work it is kept; null: for good; missing: as the catalogue says.",
    ),
]


class NotMonthly(Invalid):
    """The code is not paid month by month; record it as a form of support with an amount."""


class NewSupportForm(LocalModel):
    """A form of support that is given from a day on."""

    code: Code
    from_: From
    until: Until = None
    hours_total: Annotated[int | None, Field(ge=0, le=100_000, description="Hours of the whole form.")] = None
    amount_gr: Grosze | None = Field(default=None, description="What is paid once, in grosze; it enters no rule.")
    status: FormState = "active"
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "PUP-STA", "from": "2026-03-02", "until": "2026-08-31"}]}
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        catalogue.form(self.code).require_in_force(self.from_, field="from")
        return self


class SupportForm(RecordView):
    """A form of support (*forma wsparcia*)."""

    code: str
    from_: date = Field(alias="from")
    until: date | None
    hours_total: int | None
    amount_gr: int | None
    status: str
    duplicates: list[ForeseenDuplicate] | None = Field(
        default=None, description="Forms of other offices of which it is a duplicate; said when it is opened."
    )


class NewBenefit(LocalModel):
    """A monthly benefit. ``remaining_net_gr`` is what is left of it after taking a job, where it shrinks.

    ``kept_months``: missing, as the catalogue says; null, kept for good; k, kept through the k-th month of work.
    """

    code: Code
    monthly_net_gr: Annotated[Grosze, Field(description="In hand a month, in grosze.")]
    monthly_gross_gr: Grosze | None = Field(default=None, description="Before contributions and tax, in grosze.")
    remaining_net_gr: Grosze | None = Field(default=None, description="What is left of it after taking a job.")
    kept_months: Months | None = None
    from_: From
    until: Until = None
    note: Note | None = None
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "PUP-ZAS", "monthly_net_gr": 156693, "from": "2025-11-01"}]}
    )

    @model_validator(mode="after")
    def _rules(self) -> Self:
        require_period(self.from_, self.until)
        form = catalogue.form(self.code)
        form.require_in_force(self.from_, field="from")
        if not form.is_monthly_benefit:
            raise NotMonthly(field="code", received=self.code)
        if form.effect == "shrinks" and self.remaining_net_gr is None:
            raise MemberRequired(field="remaining_net_gr", expected="what is left of it after taking a job")
        if form.effect == "gained" and "kept_months" not in self.model_fields_set:
            raise MemberRequired(field="kept_months", expected="0 to 12, or null")
        if self.remaining_net_gr is not None and self.remaining_net_gr > self.monthly_net_gr:
            raise Invalid("More remains than was paid.", field="remaining_net_gr", expected="at most monthly_net_gr")
        return self

    def columns(self) -> dict[str, Any]:
        """Return the values of the row."""
        gained = catalogue.form(self.code).effect == "gained"
        return self.model_dump() | {"kept_stated": "kept_months" in self.model_fields_set, "gained": gained}

    @classmethod
    def members_of(cls, row: Any) -> dict[str, Any]:
        """Return the members of a row; ``kept_months`` only where it was stated."""
        members = super().members_of(row)
        return members if row.kept_stated else {name: members[name] for name in members if name != "kept_months"}


class ByLaw(View):
    """Amounts in hand that the figures of law give on the first day; with ``at_most``, the highest that may be."""

    net_gr: list[int]
    at_most: bool
    verified: bool


class Benefit(RecordView):
    """A monthly benefit (*świadczenie*).

    ``by_law`` is null where we hold no figures; an amount that differs from them is marked and never refused.
    """

    code: str
    monthly_net_gr: int
    monthly_gross_gr: int | None
    remaining_net_gr: int | None
    kept_stated: bool
    kept_months: int | None
    gained: bool
    from_: date = Field(alias="from")
    until: date | None

    @computed_field  # type: ignore[prop-decorator]  # pydantic's own way
    @property
    def by_law(self) -> ByLaw | None:
        """Return what the law gives."""
        found = possible_amounts(self.code, self.from_)
        if found is None:
            return None
        return ByLaw(net_gr=list(found.net_gr), at_most=found.at_most, verified=found.is_verified)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def differs(self) -> bool | None:
        """Tell whether the recorded amount is another than the law's; null where we hold no figures."""
        found = possible_amounts(self.code, self.from_)
        return None if found is None else found.differs(self.monthly_net_gr)


class Period(LocalModel):
    """The last day in force of what is closed."""

    until: Annotated[Day, Field(examples=["2026-08-31"])]


ChangedSupportForm = partial_of(NewSupportForm, "ChangedSupportForm")
ChangedBenefit = partial_of(NewBenefit, "ChangedBenefit")
