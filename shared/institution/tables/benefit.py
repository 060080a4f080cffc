"""The degressive benefit (*wsparcie degresywne*): assessments, decisions, budgets and payments of the office."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables.records import ClientRow, InstitutionBase
from shared.runtime.database.columns import Encrypted, JsonText, UtcTime


class AssessmentRow(InstitutionBase):
    """An assessment as the broker told it; the newest has the highest ``position``.

    It counts the mailboxes first, for each one that the broker begins anew counts from 1: see ``place_of``.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        Index("ix_assessment_client_id_position", "client_id", "position"),
        Index("ix_assessment_case_id", "case_id"),
    )

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    assessment_id: Mapped[str] = mapped_column(String(43))
    client_id: Mapped[str] = mapped_column(ForeignKey(ClientRow.id))
    case_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(10))
    result_hash: Mapped[str] = mapped_column(String(43))
    complete: Mapped[bool] = mapped_column(Boolean)
    open_discrepancies: Mapped[int] = mapped_column(Integer)
    months: Mapped[Any] = mapped_column(JsonText)
    total_gr: Mapped[int] = mapped_column(BigInteger)
    gap_gr: Mapped[int] = mapped_column(BigInteger)
    versions: Mapped[Any] = mapped_column(JsonText)
    inputs: Mapped[Any] = mapped_column(JsonText)
    received_at: Mapped[datetime] = mapped_column(UtcTime)


class DecisionRow(InstitutionBase):
    """A decision on a case, or an appeal and its outcome; ``state``: taken, or returned when the broker refused it.

    ``happened_on`` is the day on which an appeal was lodged, or its outcome given; ``document`` is what was printed, of
    decisions of this office.
    """

    __tablename__ = "decision"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(ClientRow.id), index=True)
    case_id: Mapped[str] = mapped_column(String(36))
    assessment_id: Mapped[str] = mapped_column(String(43))
    result_hash: Mapped[str] = mapped_column(String(43))
    decision: Mapped[str] = mapped_column(String(10))
    reason_code: Mapped[str] = mapped_column(String(64))
    iss: Mapped[str] = mapped_column(String(32))
    decided_by: Mapped[str | None] = mapped_column(String(100))
    happened_on: Mapped[date | None] = mapped_column(Date)
    set_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Encrypted("decision.document"))
    decided_at: Mapped[datetime] = mapped_column(UtcTime)


class BudgetRow(InstitutionBase):
    """What the office may spend on the degressive benefit in some months; the books say what is reserved of it."""

    __tablename__ = "budget"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    from_month: Mapped[str] = mapped_column(String(7), unique=True)
    until_month: Mapped[str] = mapped_column(String(7))
    amount_gr: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)


class PaymentRow(InstitutionBase):
    """What the office paid for a case in a month, or how it settled an overpayment otherwise; never edited.

    ``kind``: paid, recovered, remitted. ``covers`` says what was paid for which month; ``month`` is empty where nothing
    was paid.
    """

    __tablename__ = "payment"
    __table_args__ = (UniqueConstraint("case_id", "month"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(36), index=True)
    month: Mapped[str | None] = mapped_column(String(7), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    covers: Mapped[Any] = mapped_column(JsonText)
    held_back_gr: Mapped[int] = mapped_column(BigInteger)
    reason_code: Mapped[str | None] = mapped_column(String(64))
    booked_by: Mapped[str] = mapped_column(String(100))
    booked_at: Mapped[datetime] = mapped_column(UtcTime)
