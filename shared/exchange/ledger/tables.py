"""Rows of the ledger (*księga*); never edited, never deleted."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.exchange.stream.tables import ExchangeBase
from shared.runtime.database.columns import UtcTime


class LedgerRow(ExchangeBase):
    """A difference in grosze that an institution owes for a month of a case; ``number`` counts the entries of the case.

    ``assessment_id`` is the newest assessment when it was booked, by which anyone can recompute it.
    """

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_institution_month", "institution", "month"),)

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    institution: Mapped[str] = mapped_column(String(32))
    assessment_id: Mapped[str] = mapped_column(String(43))
    amount_gr: Mapped[int] = mapped_column(BigInteger)
    booked_at: Mapped[datetime] = mapped_column(UtcTime)
