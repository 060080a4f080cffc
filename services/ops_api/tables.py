"""Rows that only a welfare centre keeps."""

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables import PeriodRow
from shared.runtime.database.columns import Encrypted


class ContractRow(PeriodRow):
    """A social contract (*kontrakt socjalny*)."""

    __tablename__ = "social_contract"
    indexed = (("form",),)

    form: Mapped[str] = mapped_column(String(1))
    goals: Mapped[int] = mapped_column(Integer)


class HouseholdRow(PeriodRow):
    """A household (*gospodarstwo domowe*); its number stays here, an opaque id and numbers may leave."""

    __tablename__ = "household"

    number: Mapped[str] = mapped_column(Encrypted("household.number"))
    opaque_id: Mapped[str] = mapped_column(String(43), index=True)
    members: Mapped[int] = mapped_column(Integer)
    children: Mapped[int] = mapped_column(Integer)
    dependants: Mapped[int] = mapped_column(Integer)
