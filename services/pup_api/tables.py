"""Rows that only a labour office keeps."""

from datetime import date

from sqlalchemy import Boolean, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables import RecordRow


class RegistrationRow(RecordRow):
    """A registration as unemployed (*rejestracja bezrobotnego*)."""

    __tablename__ = "registration"

    from_: Mapped[date] = mapped_column("from_day", Date)
    until: Mapped[date | None] = mapped_column("until_day", Date)
    reason: Mapped[str | None] = mapped_column(String(40))


class MembershipRow(RecordRow):
    """A membership of the programme (*uczestnictwo w programie*); whether unemployment is inherited stays here."""

    __tablename__ = "programme_membership"

    programme: Mapped[str] = mapped_column(String(40))
    arm: Mapped[str] = mapped_column(String(12))
    county: Mapped[str] = mapped_column(String(4))
    inherited: Mapped[bool] = mapped_column(Boolean)
    from_: Mapped[date] = mapped_column("from_day", Date)
    until: Mapped[date | None] = mapped_column("until_day", Date)
