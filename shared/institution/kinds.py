"""Kinds of records as values: one machinery opens, amends, closes, voids, lists and discloses them all.

A kind says which row it is, which bodies it takes, and what leaves the office of it: ``disclosed`` returns the wire
payload of a row, or ``None`` for what never leaves (WIRE.md, section 4, disclosure). A local kind has no event types at
all, so nothing of it could leave.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from shared.domain import catalogue
from shared.domain.disclosure import Policy
from shared.domain.events.payloads import support
from shared.domain.events.schema import UNSET
from shared.domain.events.types import event_type
from shared.domain.institutions import kind_of
from shared.institution.models import beside
from shared.institution.models import records as models
from shared.institution.models.base import LocalModel, RecordView
from shared.institution.tables import BenefitRow, HouseholdIncomeRow, RecordRow, SupportFormRow, WorkCostRow
from shared.runtime.database.encryption import PiiKeys


def stays_here(row: RecordRow) -> None:
    """Disclose nothing: what a kind says that never leaves the office."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordKind:
    """One kind of record. ``path`` is its part of the URL; one that states no ``disclosed`` never leaves the office.

    Event types: ``opened`` makes it, ``amended`` changes it, ``closed`` ends it, ``voided`` says it was never right;
    where there is no such type, the office restates the client. ``restated``: it travels inside a restatement.

    ``single``: a client has one open one. ``apart``: no two of a client are in force on the same day. ``parent``: it
    belongs to a record of that kind, which its body and its row name as ``parent_id``. ``references``: members that
    name another record of the office besides, each with that one's path, or ``clients``. ``close`` is the body that
    ends it, ``closing`` what is then set besides. ``ends_with`` is the member that, once stated, closes it: an outcome.
    ``filters`` are members by which lists can be narrowed. ``derived`` returns columns that take the office's own
    secret to make.
    """

    name: str
    path: str
    label: str
    row: type[RecordRow]
    create: type[LocalModel]
    change: type[LocalModel]
    view: type[RecordView]
    disclosed: Callable[[Any], Any] = stays_here
    void_payload: Callable[[str], Any] | None = None
    opened: str = ""
    amended: str = ""
    closed: str = ""
    voided: str | None = None
    restated: bool = True
    single: bool = False
    apart: bool = False
    parent: "RecordKind | None" = None
    references: Mapping[str, str] = field(default_factory=dict)
    close: type[LocalModel] = models.Period
    closing: Mapping[str, Any] | None = None
    ends_with: str | None = None
    filters: Sequence[str] = ()
    derived: Callable[[PiiKeys, Any], Mapping[str, Any]] | None = None

    @property
    def leaves(self) -> bool:
        """Tell whether records of this kind may leave the office at all."""
        return self.disclosed is not stays_here

    @property
    def record(self) -> str:
        """Return the record of the wire that it is, or nothing where it never leaves."""
        return event_type(self.opened).record if self.opened else ""

    def leaving(self, policy: Policy, row: Any) -> Any:
        """Return what leaves the office of a row, by the catalogue and by the office's own policy."""
        return policy.leaving(getattr(row, "code", None), self.disclosed(row))

    @property
    def parent_id(self) -> str | None:
        """Return the member that names the record it belongs to, or ``None`` where it stands alone."""
        return f"{self.parent.name}_id" if self.parent else None

    @property
    def named(self) -> Mapping[str, str]:
        """Return every member that names a record of the office, with that one's path."""
        parent = {self.parent_id: self.parent.path} if self.parent and self.parent_id else {}
        return {**parent, **self.references}

    def columns(self, keys: PiiKeys, body: LocalModel, by: str) -> dict[str, Any]:
        """Return the columns of the row that a body makes at the institution ``by``.

        :raises NotGivenHere: an institution of its kind does not give what the body's code names.
        """
        if code := getattr(body, "code", None):
            catalogue.form(code).require_given_by(kind_of(by))
        return body.columns() | dict(self.derived(keys, body) if self.derived else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A record of a client as it would stand, before it does: its row's type, its columns, and which are new."""

    row: type[RecordRow]
    client_id: str
    values: Mapping[str, Any]
    changed: Set[str]


def disclosed_form(row: SupportFormRow) -> support.SupportForm | None:
    """Return a form of support as it may leave: as it is, masked by its group or as cash, or not at all."""
    form = catalogue.form(row.code)
    if form.disclosed_code is None:
        return None
    plain = form.discloses == "kind"
    return support.SupportForm(
        form_id=row.id,
        code=form.disclosed_code,
        from_=row.from_,
        until=row.until,
        hours_total=row.hours_total if plain else None,
        amount=row.amount_gr if plain else None,
        status=row.status,
    )


def plain_benefit(row: BenefitRow) -> support.Benefit:
    """Return a benefit under its own code, as the office itself knows it."""
    return support.Benefit(
        benefit_id=row.id,
        code=row.code,
        monthly_net=row.monthly_net_gr,
        monthly_gross=row.monthly_gross_gr,
        remaining_net=row.remaining_net_gr,
        kept_months=row.kept_months if row.kept_stated else UNSET,
        gained=row.gained,
        from_=row.from_,
        until=row.until,
    )


def disclosed_benefit(row: BenefitRow) -> support.Benefit | None:
    """Return a benefit as it may leave; a masked one carries what remains and how long it is kept itself."""
    form, plain = catalogue.form(row.code), plain_benefit(row)
    if form.disclosed_code is None:
        return None
    if form.discloses == "cash":
        kept = None if form.effect == "none" else form.kept_months or 0
        plain = replace(
            plain,
            kept_months=row.kept_months if row.kept_stated else kept,
            remaining_net=row.remaining_net_gr or 0,
        )
    return replace(plain, code=form.disclosed_code)


SUPPORT_FORMS = RecordKind(
    name="support_form",
    path="support-forms",
    label="form of support (*forma wsparcia*)",
    row=SupportFormRow,
    create=models.NewSupportForm,
    change=models.ChangedSupportForm,
    view=models.SupportForm,
    disclosed=disclosed_form,
    void_payload=lambda record_id: support.SupportFormVoided(form_id=record_id),
    opened="support_form.opened.v1",
    amended="support_form.amended.v1",
    closed="support_form.closed.v1",
    voided="support_form.voided.v1",
    closing={"status": "completed"},
    filters=("code", "status"),
)

BENEFITS = RecordKind(
    name="benefit",
    path="benefits",
    label="benefit (*świadczenie*)",
    row=BenefitRow,
    create=models.NewBenefit,
    change=models.ChangedBenefit,
    view=models.Benefit,
    disclosed=disclosed_benefit,
    void_payload=lambda record_id: support.BenefitVoided(benefit_id=record_id),
    opened="benefit.granted.v1",
    amended="benefit.amended.v1",
    closed="benefit.ended.v1",
    voided="benefit.voided.v1",
    filters=("code",),
)

WORK_COSTS = RecordKind(
    name="work_cost",
    path="work-costs",
    label="cost of work or deduction from the wage (*koszt podjęcia pracy*, *potrącenie z wynagrodzenia*)",
    row=WorkCostRow,
    create=beside.NewWorkCost,
    change=beside.ChangedWorkCost,
    view=beside.WorkCost,
)

HOUSEHOLD_INCOMES = RecordKind(
    name="household_income",
    path="household-incomes",
    label="income of another member of the household (*dochód gospodarstwa domowego*)",
    row=HouseholdIncomeRow,
    create=beside.NewHouseholdIncome,
    change=beside.ChangedHouseholdIncome,
    view=beside.HouseholdIncome,
)

COMMON_KINDS: Sequence[RecordKind] = (SUPPORT_FORMS, BENEFITS, WORK_COSTS, HOUSEHOLD_INCOMES)
"""What PUP and OPS both keep; jobs have a machinery of their own."""
