"""Who read whose data, when and why; pseudonyms, words and ids alone, never a value that was read."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables.records import InstitutionBase
from shared.runtime.database.columns import Encrypted, JsonText, UtcTime


class AccessRow(InstitutionBase):
    """One request that read personal data; ``record`` is the id of what was read, ``list``, or empty for the whole.

    It names no client: whom it read stands in ``AccessPersonRow``, one row a person, so that a list of many is in the
    log of each.
    """

    __tablename__ = "access"
    __table_args__ = (Index("ix_access_at", "at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    subject: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    operation: Mapped[str] = mapped_column(String(80))
    record: Mapped[str] = mapped_column(String(36))
    persons: Mapped[int] = mapped_column(Integer)


class AccessPersonRow(InstitutionBase):
    """A client who was read by a request, with the legal basis and the case of the reading.

    It outlives the client's own row: no foreign key, for a log that vanished with what it tells of would be no log.
    """

    __tablename__ = "access_person"

    client_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    access_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    basis: Mapped[str] = mapped_column(String(32))
    case_number: Mapped[str] = mapped_column(Encrypted("client.case_number"))


class AccessRequestRow(InstitutionBase):
    """A question of this office to all members of a client at that time: who read the data."""

    __tablename__ = "access_request"
    __table_args__ = (Index("ix_access_request_client_id", "client_id", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(36))
    members: Mapped[Any] = mapped_column(JsonText)
    from_: Mapped[date | None] = mapped_column("from_day", Date)
    until: Mapped[date | None] = mapped_column("until_day", Date)
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)


class AccessAnswerRow(InstitutionBase):
    """A part of a member's answer to a question of this office."""

    __tablename__ = "access_answer"

    request_id: Mapped[str] = mapped_column(ForeignKey(AccessRequestRow.id), primary_key=True)
    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    parts: Mapped[int] = mapped_column(Integer)
    reads: Mapped[Any] = mapped_column(JsonText)
    answered_at: Mapped[datetime] = mapped_column(UtcTime)
