"""A benefit in force before a job, a job that is offered, and what becomes of the one through the other."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from shared.domain.benefit.case import Benefit
from shared.domain.benefit.dated import Table
from shared.domain.benefit.employment import EmploymentEvent
from shared.domain.benefit.law import LawValue
from shared.domain.benefit.net_wage import NetWage, net_wage
from shared.domain.benefit.record_end import months_kept
from shared.domain.catalogue import MASKED_CASH, Form, forms

Becomes = Literal["lost", "kept", "kept_for_good", "shrinks", "gained", "outside"]
"""``kept``: through some months of work, then lost. ``outside``: it never enters the schedule."""

Why = Literal[
    "catalogue",
    "contract",
    "no_contract",
    "stated",
    "recorded_rest",
    "temporary_rule",
    "family_rule",
    "housing_rule",
    "maintenance_rule",
    "supplement_rule",
    "supplement_alone_rule",
    "one_off",
    "job_itself",
    "degressive",
    "not_exchanged",
]
"""By what it is so: the catalogue's effect, a social contract, the paying office's word, a rule of law."""

Note = Literal[
    "household_missing",
    "children_missing",
    "share_assumed",
    "one_child",
    "at_most",
    "kind_hidden",
    "hidden_counted",
    "rest_missing",
    "record_ends",
]
"""What was not known, and what was taken instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A monthly benefit as its owner told it, in grosze in hand.

    ``kept_months`` counts only where ``is_kept_stated``; ``remaining_gr`` is what the owner recorded as left after
    taking a job. ``ends_on`` is the last day of its record and of those that renew it. ``has_contract``: its owner
    has a social contract with the person on the day of the start.
    """

    benefit_id: str
    owner: str
    code: str
    amount_gr: int
    remaining_gr: int | None = None
    is_kept_stated: bool = False
    kept_months: int | None = None
    is_gained: bool = False
    until: date | None = None
    ends_on: date | None = None
    has_contract: bool = False
    is_exchanged: bool = True

    @property
    def form(self) -> Form | None:
        """Return the row of the catalogue; ``None`` for masked money."""
        return forms().get(self.code)

    @property
    def is_masked(self) -> bool:
        """Tell whether the owner does not say what it is."""
        return self.code == MASKED_CASH


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that is offered: its first day, the net wage of a full month, and the gross wage taken apart if known.

    ``is_referred``: the labour office sent the person there; ``None`` where that is not said.
    """

    start: date
    net_gr: int
    wage: NetWage | None = None
    is_referred: bool | None = None

    @classmethod
    def of_gross(
        cls, gross_gr: int, *, start: date, is_referred: bool | None = None, law: Table | None = None
    ) -> "Job":
        """Return a job at a gross wage, by the law of its first day; ``law`` is a reform's table.

        :raises NoValue: a figure is not known for that day.
        :raises AmountOutOfRange: the wage is too high to be one.
        """
        wage = net_wage(gross_gr, on=start, law=law)
        return cls(start=start, net_gr=wage.net_gr, wage=wage, is_referred=is_referred)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of a benefit: ``remaining_gr`` stays for good, the rest is kept through ``kept_months``.

    ``kept_months`` 0 is lost at once, ``None`` kept for good; ``ends_after``: what stays for good stays through so many
    months, for its record ends then. ``income_gr`` is what a rule of law tested, ``limit_gr``
    what it was held against, ``figures`` the figures it took.
    """

    held: Held
    becomes: Becomes
    why: Why
    kept_months: int | None = 0
    remaining_gr: int = 0
    income_gr: int | None = None
    limit_gr: int | None = None
    share_bp: int | None = None
    figures: tuple[LawValue, ...] = ()
    notes: tuple[Note, ...] = ()
    ends_after: int | None = None

    def with_end(self, job: Job) -> "Outcome":
        """Return the outcome as the end of the benefit's record makes it, where that comes before the clock's."""
        stays = self.becomes != "outside" and (self.kept_months is None or self.remaining_gr)
        start = EmploymentEvent("start", job.start, job.net_gr, 1)
        left = months_kept(self.held.ends_on, [start]) if stays else None
        return self if left is None else replace(self, ends_after=left, notes=(*self.notes, "record_ends"))

    @property
    def passing_gr(self) -> int:
        """Return the part that does not stay for good."""
        return self.held.amount_gr - self.remaining_gr

    @property
    def first_month_gr(self) -> int:
        """Return what is paid in the first month of work."""
        if self.becomes == "outside":
            return 0
        return self.held.amount_gr if self.kept_months != 0 else self.remaining_gr

    @property
    def verified(self) -> bool | None:
        """Tell whether catalogue and figures are verified; ``None`` where the word of the office stands."""
        form = self.held.form
        if form is None or self.why in ("stated", "recorded_rest"):
            return None
        return form.verified and all(figure.verified for figure in self.figures)

    @property
    def rows(self) -> tuple[Benefit, ...]:
        """Return the rows of the case: the part that passes and the part that remains, where there is one."""
        if self.becomes == "outside":
            return ()
        held = self.held
        kept = self.ends_after if self.kept_months is None else self.kept_months
        passing = Benefit(held.code, held.owner, self.passing_gr, kept, held.is_gained)
        remaining = Benefit(held.code, held.owner, self.remaining_gr, self.ends_after, held.is_gained)
        return tuple(row for row in (passing, remaining) if row.amount_gr)
