"""Rows that only a welfare centre keeps."""

from datetime import date

from sqlalchemy import Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables import RecordRow
from shared.runtime.database.columns import Encrypted


class ContractRow(RecordRow):
    """A social contract (*kontrakt socjalny*)."""

    __tablename__ = "social_contract"

    form: Mapped[str] = mapped_column(String(1))
    goals: Mapped[int] = mapped_column(Integer)
    from_: Mapped[date] = mapped_column("from_day", Date)
    until: Mapped[date | None] = mapped_column("until_day", Date)


class HouseholdRow(RecordRow):
    """A household (*gospodarstwo domowe*); its number stays here, an opaque id and numbers may leave."""

    __tablename__ = "household"

    number: Mapped[str] = mapped_column(Encrypted("household.number"))
    opaque_id: Mapped[str] = mapped_column(String(43), index=True)
    members: Mapped[int] = mapped_column(Integer)
    children: Mapped[int] = mapped_column(Integer)
    dependants: Mapped[int] = mapped_column(Integer)
    from_: Mapped[date] = mapped_column("from_day", Date)
    until: Mapped[date | None] = mapped_column("until_day", Date)
