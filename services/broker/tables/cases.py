"""Rows of the degressive benefit: cases, what officials decided on them, and what was assessed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.broker.tables.base import BrokerBase
from shared.runtime.database.columns import JsonText, UtcTime


class CaseRow(BrokerBase):
    """A case of the degressive benefit; it outlives parting and rekeying until its lock ends.

    ``number`` counts the cases of a person; ``tokens`` are those that it has had; ``not_before`` is the first day on
    which the case before let it begin, after its lock if it ran. ``state``: proposed, approved, refused, appealed,
    upheld, changed.
    """

    __tablename__ = "benefit_case"
    __table_args__ = (UniqueConstraint("token", "number"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token: Mapped[str] = mapped_column(String(50))
    number: Mapped[int] = mapped_column(Integer)
    tokens: Mapped[Any] = mapped_column(JsonText)
    owner: Mapped[str] = mapped_column(String(32))
    not_before: Mapped[date | None] = mapped_column(Date)
    first_start: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    assessed_at: Mapped[datetime] = mapped_column(UtcTime)
    latest: Mapped[str | None] = mapped_column(String(43))


class CaseDecisionRow(BrokerBase):
    """A decision on a case, never edited; ``number`` counts the decisions of the case, ``taken_at`` is its author's."""

    __tablename__ = "case_decision"

    case_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    assessment_id: Mapped[str] = mapped_column(String(43))
    result_hash: Mapped[str] = mapped_column(String(43))
    reason_code: Mapped[str] = mapped_column(String(64))
    iss: Mapped[str] = mapped_column(String(32))
    taken_at: Mapped[datetime] = mapped_column(UtcTime)


class AssessmentRow(BrokerBase):
    """An assessment, never edited: what went in by hash, what came out."""

    __tablename__ = "assessment"
    __table_args__ = (Index("ix_assessment_case_id", "case_id"),)

    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(36))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    result_hash: Mapped[str] = mapped_column(String(43))
    complete: Mapped[bool] = mapped_column(Boolean)
    open_discrepancies: Mapped[int] = mapped_column(Integer)
    result: Mapped[Any] = mapped_column(JsonText)
    case: Mapped[Any] = mapped_column(JsonText)
    versions: Mapped[Any] = mapped_column(JsonText)
    inputs: Mapped[Any] = mapped_column(JsonText)
    made_at: Mapped[datetime] = mapped_column(UtcTime)
