"""Rows that only the broker keeps. A person is a token here, nothing else."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.broker.domain.matching import Standing
from services.broker.tables.base import BrokerBase
from services.broker.tables.cases import AssessmentRow, CaseDecisionRow, CaseRow
from services.broker.tables.match_keys import MatchKeyRow, PersonPairRow
from shared.runtime.database.columns import JsonText, UtcTime

__all__ = [
    "AssessmentRow",
    "AttributeRow",
    "BrokerBase",
    "CaseDecisionRow",
    "CaseRow",
    "DirtyRow",
    "DuplicateRow",
    "EnrolmentRow",
    "ErasureMailRow",
    "InstitutionKeyRow",
    "InstitutionRow",
    "MatchKeyRow",
    "MembershipRow",
    "PersonPairRow",
    "PersonRow",
    "QuotaUseRow",
    "RelayCursorRow",
    "RelayNoteRow",
    "RetellingRow",
    "SuspicionRow",
]


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

    Its row is the lock under which everything about the person is decided. ``contested``: a labour office is held.
    """

    __tablename__ = "person"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    generation: Mapped[int] = mapped_column(Integer, default=0)
    restate_generation: Mapped[int] = mapped_column(Integer, default=0)
    news_hash: Mapped[str | None] = mapped_column(String(43))
    programme_pup: Mapped[str | None] = mapped_column(String(32))
    programme_arm: Mapped[str | None] = mapped_column(String(12))
    contested: Mapped[bool] = mapped_column(Boolean, default=False)


class EnrolmentRow(BrokerBase):
    """An office has a client under this token; ``seat`` orders enrolments by arrival.

    ``check`` is by the match key in force, empty where the office knows the next one alone; ``next_check`` by the next.
    """

    __tablename__ = "enrolment"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    institution: Mapped[str] = mapped_column(String(32), primary_key=True)
    check: Mapped[str] = mapped_column(String(2))
    next_check: Mapped[str | None] = mapped_column(String(2))
    basis: Mapped[str] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(Boolean)
    seat: Mapped[int] = mapped_column(Integer)
    enrolled_at: Mapped[datetime] = mapped_column(UtcTime)


class MembershipRow(BrokerBase):
    """An institution shares, or shared, a person; ``told_at`` is the mailbox position where it learnt that it left.

    ``left_at`` is when it left last; ``purged_at`` when what it had said until then was purged. ``held``: it would
    share the person and gets nothing, because of another labour office; ``asked`` is the generation in which it first
    did either, and was asked what it has.
    """

    __tablename__ = "membership"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    institution: Mapped[str] = mapped_column(String(32), primary_key=True)
    present: Mapped[bool] = mapped_column(Boolean)
    since: Mapped[datetime] = mapped_column(UtcTime)
    told_at: Mapped[int | None] = mapped_column(BigInteger)
    left_at: Mapped[datetime | None] = mapped_column(UtcTime)
    purged_at: Mapped[datetime | None] = mapped_column(UtcTime)
    held: Mapped[bool] = mapped_column(Boolean, default=False)
    asked: Mapped[int] = mapped_column(Integer, default=0)


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
    """A pair that may be one person; ``state``: open, confirmed, refused.

    ``contest``: the pair is one, and the question is whether its labour office is let in beside the one that leads.
    """

    __tablename__ = "suspicion"
    __table_args__ = (UniqueConstraint("token", "pup", "welfare", "contest"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token: Mapped[str] = mapped_column(String(50))
    pup: Mapped[str] = mapped_column(String(32))
    welfare: Mapped[str] = mapped_column(String(32))
    pup_confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    welfare_confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[Standing] = mapped_column(String(10), default="open")
    raised_at: Mapped[datetime] = mapped_column(UtcTime)
    contest: Mapped[bool] = mapped_column(Boolean, default=False)


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


class RetellingRow(BrokerBase):
    """All mailboxes were begun anew, and of people after a token it is still to be told who shares them; one row."""

    __tablename__ = "retelling"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    after: Mapped[str] = mapped_column(String(50))


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
