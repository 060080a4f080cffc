"""Rows of what authors said about shared people; keyed by token and author."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.exchange.stream.tables import ExchangeBase
from shared.runtime.database.columns import JsonText

_IS_REFERRAL = text("record = 'referral'")
"""An office lists the referrals it got, of all its clients."""


class AuthorRow(ExchangeBase):
    """How far an author has come with a person: the last ``n``, and the restatement on which all rests.

    ``baseline_n`` is the last ``n`` of the newest complete restatement; ``baseline_generation`` its generation.
    """

    __tablename__ = "author"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    baseline_n: Mapped[int | None] = mapped_column(BigInteger)
    baseline_generation: Mapped[int | None] = mapped_column(Integer)
    baseline_hashes: Mapped[Any | None] = mapped_column(JsonText)


class SharedRecordRow(ExchangeBase):
    """A record of an author as its last event left it; a dropped one stays as a mark, so no older event revives it."""

    __tablename__ = "shared_record"
    __table_args__ = (
        Index("ix_shared_record_referral", "key", "iss", sqlite_where=_IS_REFERRAL, postgresql_where=_IS_REFERRAL),
    )

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    record: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    type: Mapped[str] = mapped_column(String(40))
    payload: Mapped[Any] = mapped_column(JsonText)
    dropped: Mapped[bool] = mapped_column(Boolean)


class RestatedPartRow(ExchangeBase):
    """A part of a restatement whose other parts are still to come."""

    __tablename__ = "restated_part"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    restatement_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    parts: Mapped[int] = mapped_column(Integer)
    generation: Mapped[int] = mapped_column(Integer)
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    records: Mapped[Any] = mapped_column(JsonText)


class HoleRow(ExchangeBase):
    """A shared event that must exist and has not come: it is asked for by ``POST /v1/missing-sets``."""

    __tablename__ = "hole"
    __table_args__ = (Index("ix_hole_asked", "asked"),)

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    asked: Mapped[bool] = mapped_column(Boolean, default=False)
