"""Rows of reconciliation; every node keeps them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shared.exchange.stream.tables import ExchangeBase
from shared.runtime.database.columns import JsonText, UtcTime


class ReconciliationRow(ExchangeBase):
    """A run of reconciliation between the broker and an institution; at both ends under the same id.

    ``key`` makes it one: the day of a scheduled run, the id of one that was asked for. ``state``: open, requested,
    closed, unanswered; at the institution also answered. ``request``, ``answer`` and ``statement`` are hashes of SETs.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (UniqueConstraint("institution", "key"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    institution: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(36))
    state: Mapped[str] = mapped_column(String(12), index=True)
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    figures: Mapped[Any] = mapped_column(JsonText)
    request: Mapped[str | None] = mapped_column(String(43))
    answer: Mapped[str | None] = mapped_column(String(43))
    statement: Mapped[str | None] = mapped_column(String(43))
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class DiscrepancyRow(ExchangeBase):
    """Something that is not as it was signed (*rozbieżność*), until it is mended.

    ``cause``: missing or altered (an entry of the stream from ``owner`` to ``peer``), record (a record is not as its
    SET says), behind (a record was changed past the service), differs (a client stands otherwise at the other end),
    relay (a member does not hold what its author told). ``state``: open, mended, unmended (it needs people).
    """

    __tablename__ = "discrepancy"
    __table_args__ = (Index("ix_discrepancy_owner", "owner", "peer", "state", "position"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    run: Mapped[str | None] = mapped_column(String(36))
    cause: Mapped[str] = mapped_column(String(10))
    owner: Mapped[str] = mapped_column(String(32))
    peer: Mapped[str] = mapped_column(String(32))
    position: Mapped[int | None] = mapped_column(BigInteger)
    token: Mapped[str | None] = mapped_column(String(50))
    state: Mapped[str] = mapped_column(String(10))
    found_at: Mapped[datetime] = mapped_column(UtcTime)
    mended_at: Mapped[datetime | None] = mapped_column(UtcTime)
