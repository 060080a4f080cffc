"""Rows of streams; every node keeps them, for what it says and for what it hears (WIRE.md, section 6)."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.runtime.database.columns import UtcTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class ExchangeBase(DeclarativeBase):
    """Tables that every node has, whatever it is."""

    metadata = MetaData(naming_convention=NAMES)


class StreamRow(ExchangeBase):
    """The head of a stream, at either end; its row is the lock under which positions are given."""

    __tablename__ = "stream"
    __table_args__ = (UniqueConstraint("owner", "peer", "incarnation"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(32))
    peer: Mapped[str] = mapped_column(String(32))
    incarnation: Mapped[str] = mapped_column(String(32))
    position: Mapped[int] = mapped_column(BigInteger, default=0)
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))
    moved_at: Mapped[datetime] = mapped_column(UtcTime)
    peer_checkpoint: Mapped[str | None] = mapped_column(Text)


class SetRow(ExchangeBase):
    """A SET as bytes, once a node; ``stored_at`` is when it was signed here or came in.

    ``received_at`` is when the broker received it, in Unix seconds, where it came from another by the broker.
    """

    __tablename__ = "set_bytes"
    __table_args__ = (
        Index("ix_set_bytes_iss_jti", "iss", "jti"),
        Index("ix_set_bytes_token_iss_n", "token", "iss", "n"),
    )

    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    jti: Mapped[str] = mapped_column(String(36))
    token: Mapped[str] = mapped_column(String(50))
    n: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    stored_at: Mapped[datetime] = mapped_column(UtcTime)
    received_at: Mapped[int | None] = mapped_column(BigInteger)


class EntryRow(ExchangeBase):
    """One entry of a stream.

    ``state``: kept, again (bytes held already under an earlier position), aside (held, not applied), refused (position,
    hash and problem only, or bytes that a revoked key took with it), erased by its author's word, or purged because the
    time of keeping is over.
    """

    __tablename__ = "stream_entry"

    stream_id: Mapped[int] = mapped_column(ForeignKey("stream.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    iss: Mapped[str] = mapped_column(String(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime] = mapped_column(UtcTime)
    state: Mapped[str] = mapped_column(String(8), default="kept")


class DeadLetterRow(ExchangeBase):
    """A SET that was not taken (*martwy list*): at the receiver why, at the author what came back.

    ``state``: open, or counted for a ``not-shared`` that a parting on its way explains, redriven, discarding while a
    second official is to confirm, discarded, or erased or purged with the SET; ``found_by``: self or peer.
    """

    __tablename__ = "dead_letter"
    __table_args__ = (UniqueConstraint("stream_id", "position"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    stream_id: Mapped[int] = mapped_column(ForeignKey("stream.id"))
    position: Mapped[int] = mapped_column(BigInteger)
    iss: Mapped[str] = mapped_column(String(32))
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    token: Mapped[str | None] = mapped_column(String(50))
    n: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="open")
    found_by: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(UtcTime)


class DiscardRow(ExchangeBase):
    """Why a dead letter may be discarded, who asked, and the second official who confirmed; both as pseudonyms."""

    __tablename__ = "dead_letter_discard"

    letter_id: Mapped[str] = mapped_column(ForeignKey("dead_letter.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(16))
    asked_by: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(100))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ReceiptRow(ExchangeBase):
    """The receiver's signed word that it holds the stream up to a position, with the time of arrival."""

    __tablename__ = "stream_receipt"

    stream_id: Mapped[int] = mapped_column(ForeignKey("stream.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    receipt: Mapped[str] = mapped_column(Text)


class AcknowledgementRow(ExchangeBase):
    """The proof of the poll whose ``after`` covers the entries up to a position: proof of delivery.

    ``own_incarnation``, ``own_position``: how far the reader had signed its own stream by then; nothing where it did
    not say.
    """

    __tablename__ = "stream_acknowledgement"

    stream_id: Mapped[int] = mapped_column(ForeignKey("stream.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    proof: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)
    own_incarnation: Mapped[str | None] = mapped_column(String(64))
    own_position: Mapped[int | None] = mapped_column(BigInteger)


class ForkRow(ExchangeBase):
    """Two signed words about one stream that cannot both be true; evidence, never deleted."""

    __tablename__ = "stream_fork"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    stream_id: Mapped[int] = mapped_column(ForeignKey("stream.id"))
    position: Mapped[int] = mapped_column(BigInteger)
    ours: Mapped[str] = mapped_column(Text)
    theirs: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)


class LeaseRow(ExchangeBase):
    """Who does a job now; ``fence`` rises with every new holder, so an old holder's late write is known for one."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(36))
    fence: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)


class LaneRow(ExchangeBase):
    """How a lane of a worker fares, as the process ``holder`` told; it holds until ``holds_until``."""

    __tablename__ = "lane"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    holder: Mapped[str] = mapped_column(String(36), primary_key=True)
    problem: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(BigInteger)
    last_contact: Mapped[datetime | None] = mapped_column(UtcTime)
    holds_until: Mapped[datetime] = mapped_column(UtcTime)


class DirectoryRow(ExchangeBase):
    """A directory as the broker signed it: every one at the broker, the last good one at a member."""

    __tablename__ = "directory"

    serial: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    token: Mapped[str] = mapped_column(Text)
    fetched_at: Mapped[datetime] = mapped_column(UtcTime)


class RetiredKeyRow(ExchangeBase):
    """A key that the directory no longer lists, kept for SETs signed while it was valid."""

    __tablename__ = "retired_key"

    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    jwk: Mapped[str] = mapped_column(Text)


class KnownKeyRow(ExchangeBase):
    """A key that this node believes is its owner's; ``how``: first, introduced by a known one, or confirmed.

    ``distrusted_since`` (Unix seconds) is the moment of compromise for which what came after was set aside.
    """

    __tablename__ = "known_key"

    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    kid: Mapped[str] = mapped_column(String(43), primary_key=True)
    jwk: Mapped[str] = mapped_column(Text)
    how: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UtcTime)
    distrusted_since: Mapped[int | None] = mapped_column(BigInteger)


class UsedProofRow(ExchangeBase):
    """The id of a proof that changed state, until its window ends."""

    __tablename__ = "used_proof"

    iss: Mapped[str] = mapped_column(String(32), primary_key=True)
    jti: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
