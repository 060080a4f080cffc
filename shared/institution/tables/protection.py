"""What the office did for data protection: erasures, legal holds, requests of people, purges; ids and codes alone."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables.records import ClientRow, InstitutionBase
from shared.runtime.database.columns import Encrypted, JsonText, UtcTime


class ErasureRow(InstitutionBase):
    """An erasure (*usunięcie danych*) of a record or, where ``kind`` is client, of a whole client.

    It outlives the client: no foreign key. ``words`` are the hashes of the ``set.erased`` that told it, ``sets`` how
    many SETs those name; ``holders`` is who got them and whether each has erased, as the broker said last.
    """

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_client_id", "client_id", "id"), Index("ix_erasure_done", "done"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(30))
    record_id: Mapped[str] = mapped_column(String(36))
    ground: Mapped[str] = mapped_column(String(20))
    term: Mapped[date] = mapped_column(Date)
    erased_by: Mapped[str] = mapped_column(String(100))
    erased_at: Mapped[datetime] = mapped_column(UtcTime)
    sets: Mapped[int] = mapped_column(Integer)
    words: Mapped[Any] = mapped_column(JsonText)
    holders: Mapped[Any] = mapped_column(JsonText)
    done: Mapped[bool] = mapped_column(Boolean)
    checked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class LegalHoldRow(InstitutionBase):
    """A legal hold (*wstrzymanie usunięcia*): nothing of the client is erased or purged until it is lifted."""

    __tablename__ = "legal_hold"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(ClientRow.id), index=True)
    reason_code: Mapped[str] = mapped_column(String(64))
    set_by: Mapped[str] = mapped_column(String(100))
    set_at: Mapped[datetime] = mapped_column(UtcTime)
    lifted_reason: Mapped[str | None] = mapped_column(String(64))
    lifted_by: Mapped[str | None] = mapped_column(String(100))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SubjectRequestRow(InstitutionBase):
    """What a person asked for under GDPR art. 16, 18 or 21; ``state``: open, upheld, refused, lifted."""

    __tablename__ = "subject_request"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(ClientRow.id), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    received_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Encrypted("subject_request.note"))
    state: Mapped[str] = mapped_column(String(8))
    reason_code: Mapped[str | None] = mapped_column(String(64))
    answered_on: Mapped[date | None] = mapped_column(Date)
    answered_by: Mapped[str | None] = mapped_column(String(100))
    lifted_on: Mapped[date | None] = mapped_column(Date)
    lifted_by: Mapped[str | None] = mapped_column(String(100))
    amended: Mapped[Any] = mapped_column(JsonText)
    recorded_by: Mapped[str] = mapped_column(String(100))
    recorded_at: Mapped[datetime] = mapped_column(UtcTime)


class RecipientNoticeRow(InstitutionBase):
    """An office to be told of a rectification, a restriction or an objection (GDPR, art. 19), for it got the data.

    ``state``: told, by an event of the service; open, by nobody yet; informed, by an official.
    """

    __tablename__ = "recipient_notice"
    __table_args__ = (Index("ix_recipient_notice_state", "state", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey(ClientRow.id), index=True)
    request_id: Mapped[str] = mapped_column(ForeignKey(SubjectRequestRow.id), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    office: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(8))
    told_at: Mapped[datetime | None] = mapped_column(UtcTime)
    told_by: Mapped[str | None] = mapped_column(String(100))


class PurgeRow(InstitutionBase):
    """How much of a category was purged at a moment; it names nobody."""

    __tablename__ = "purge"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    category: Mapped[str] = mapped_column(String(20))
    count: Mapped[int] = mapped_column(Integer)
    held: Mapped[int] = mapped_column(Integer)
    asked_by: Mapped[str] = mapped_column(String(100))
