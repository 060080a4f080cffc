"""Rows that only the broker keeps. A person is a token here, nothing else."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Index, Integer, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.exchange.stream.tables import NAMES
from shared.runtime.database.columns import JsonText, UtcTime


class BrokerBase(DeclarativeBase):
    """The broker's own tables."""

    metadata = MetaData(naming_convention=NAMES)


class InstitutionRow(BrokerBase):
    """An institution that registered; ``state``: pending, active, suspended, retired."""

    __tablename__ = "institution"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(200))
    area: Mapped[Any] = mapped_column(JsonText)
    contact: Mapped[str] = mapped_column(String(200))
    desks: Mapped[Any] = mapped_column(JsonText, default=list)
    key_fingerprint: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    registered_at: Mapped[datetime] = mapped_column(UtcTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)


class InstitutionKeyRow(BrokerBase):
    """A key of an institution or the broker; ``state``: pending, current, retired, revoked. Times in Unix seconds."""

    __tablename__ = "institution_key"
    __table_args__ = (Index("ix_institution_key_iss", "iss"),)

    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    iss: Mapped[str] = mapped_column(String(32))
    jwk: Mapped[Any] = mapped_column(JsonText)
    valid_from: Mapped[int] = mapped_column(BigInteger)
    valid_until: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8))
    statement: Mapped[str | None] = mapped_column(Text)


class PersonRow(BrokerBase):
    """A person as a token: the generation of who shares it, who holds the programme membership, and in which arm.

    Its row is the lock under which everything about the person is decided.
    """

    __tablename__ = "person"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    generation: Mapped[int] = mapped_column(Integer, default=0)
    restate_generation: Mapped[int] = mapped_column(Integer, default=0)
    news_hash: Mapped[str | None] = mapped_column(String(43))
    programme_pup: Mapped[str | None] = mapped_column(String(32))
    programme_arm: Mapped[str | None] = mapped_column(String(12))


class EnrolmentRow(BrokerBase):
    """An office has a client under this token; ``seat`` orders enrolments by arrival."""

    __tablename__ = "enrolment"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    institution: Mapped[str] = mapped_column(String(32), primary_key=True)
    check: Mapped[str] = mapped_column(String(2))
    basis: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(Boolean)
    seat: Mapped[int] = mapped_column(Integer)
    enrolled_at: Mapped[datetime] = mapped_column(UtcTime)


class MembershipRow(BrokerBase):
    """An institution shares, or shared, a person; ``told_at`` is the mailbox position where it learnt that it left.

    ``left_at`` is when it left last; ``purged_at`` when what it had said until then was purged.
    """

    __tablename__ = "membership"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    institution: Mapped[str] = mapped_column(String(32), primary_key=True)
    present: Mapped[bool] = mapped_column(Boolean)
    since: Mapped[datetime] = mapped_column(UtcTime)
    told_at: Mapped[int | None] = mapped_column(BigInteger)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    purged_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ErasureMailRow(BrokerBase):
    """Where a ``set.erased`` was put: the mailbox of a holder and the position in it.

    The row of the broker itself, at position 0, says that the broker has erased its own copy.
    """

    __tablename__ = "erasure_mail"

    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    institution: Mapped[str] = mapped_column(String(32), primary_key=True)
    iss: Mapped[str] = mapped_column(String(32))
    stream_id: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(BigInteger)


class SuspicionRow(BrokerBase):
    """A pair that may be one person; ``state``: open, confirmed, refused."""

    __tablename__ = "suspicion"
    __table_args__ = (UniqueConstraint("token", "pup", "welfare"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token: Mapped[str] = mapped_column(String(50))
    pup: Mapped[str] = mapped_column(String(32))
    welfare: Mapped[str] = mapped_column(String(32))
    pup_confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    welfare_confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(String(10), default="open")
    raised_at: Mapped[datetime] = mapped_column(UtcTime)


class AttributeRow(BrokerBase):
    """What an office told the broker alone about a shared person: programme, household, progress."""

    __tablename__ = "attribute"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    payload: Mapped[Any] = mapped_column(JsonText)
    hash: Mapped[str] = mapped_column(String(43))


class DuplicateRow(BrokerBase):
    """A pair of forms of one class on the same days, as the members were last told; it goes when they are no more."""

    __tablename__ = "duplicate"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    payload: Mapped[Any] = mapped_column(JsonText)


class RelayNoteRow(BrokerBase):
    """Intake took entries of a stream that are still to be relayed."""

    __tablename__ = "relay_note"

    stream_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class RelayCursorRow(BrokerBase):
    """How far a stream is relayed; its row is the lock of the one worker that relays it."""

    __tablename__ = "relay_cursor"

    stream_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0)


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


class QuotaUseRow(BrokerBase):
    """What an institution has spent of a quota in the window that began at ``starts`` (Unix seconds)."""

    __tablename__ = "quota_use"

    institution: Mapped[str] = mapped_column(String(32), primary_key=True)
    what: Mapped[str] = mapped_column(String(8), primary_key=True)
    period_s: Mapped[int] = mapped_column(Integer, primary_key=True)
    starts: Mapped[int] = mapped_column(BigInteger)
    used: Mapped[int] = mapped_column(BigInteger)


class DirtyRow(BrokerBase):
    """News about a person that may change an assessment."""

    __tablename__ = "dirty"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcTime)
