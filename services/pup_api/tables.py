"""Rows that only a labour office keeps."""

from datetime import date

from sqlalchemy import Boolean, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables import DueRow, PeriodRow, of_parent
from shared.runtime.database.columns import Encrypted


class RegistrationRow(PeriodRow):
    """A registration as unemployed (*rejestracja bezrobotnego*)."""

    __tablename__ = "registration"
    indexed = (("start_reason",), ("reason",))

    start_reason: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(40))


class MembershipRow(PeriodRow):
    """A membership of the programme (*uczestnictwo w programie*); whether unemployment is inherited stays here."""

    __tablename__ = "programme_membership"
    indexed = (("arm",), ("county",), ("programme",))

    programme: Mapped[str] = mapped_column(String(40))
    arm: Mapped[str] = mapped_column(String(12))
    county: Mapped[str] = mapped_column(String(4))
    inherited: Mapped[bool] = mapped_column(Boolean)


class PlanRow(PeriodRow):
    """An individual action plan (*indywidualny plan działania*); its words stay here."""

    __tablename__ = "action_plan"
    indexed = (("result",),)

    aim: Mapped[str] = mapped_column(Encrypted("action_plan.aim"))
    result: Mapped[str | None] = mapped_column(String(20))


class PlanStepRow(DueRow):
    """A step of an action plan."""

    __tablename__ = "action_plan_step"
    indexed = (("action_plan_id",), ("code",), ("result",))

    action_plan_id: Mapped[str] = of_parent(PlanRow)
    what: Mapped[str] = mapped_column(Encrypted("action_plan_step.what"))
    code: Mapped[str | None] = mapped_column(String(10))
    result: Mapped[str | None] = mapped_column(String(20))
    ended_on: Mapped[date | None] = mapped_column(Date)


class PlanReviewRow(DueRow):
    """A review of an action plan."""

    __tablename__ = "action_plan_review"
    indexed = (("action_plan_id",), ("result",))

    action_plan_id: Mapped[str] = of_parent(PlanRow)
    result: Mapped[str | None] = mapped_column(String(20))
    held_on: Mapped[date | None] = mapped_column(Date)


class ContactRow(DueRow):
    """A contact that was agreed (*obowiązek kontaktu*)."""

    __tablename__ = "contact_duty"
    indexed = (("registration_id",), ("way",), ("result",))

    registration_id: Mapped[str] = of_parent(RegistrationRow)
    way: Mapped[str] = mapped_column(String(20))
    result: Mapped[str | None] = mapped_column(String(20))
    ended_on: Mapped[date | None] = mapped_column(Date)


class OfferRow(DueRow):
    """An offer (*propozycja pracy*)."""

    __tablename__ = "job_offer"
    indexed = (("code",), ("result",), ("reason",))

    offered_on: Mapped[date] = mapped_column(Date)
    position: Mapped[str] = mapped_column(Encrypted("job_offer.position"))
    employer: Mapped[str | None] = mapped_column(Encrypted("job_offer.employer"))
    code: Mapped[str | None] = mapped_column(String(10))
    result: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(20))
    answered_on: Mapped[date | None] = mapped_column(Date)
