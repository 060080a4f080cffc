"""With whom a client was shared, generation by generation, and under which tokens: what says where a SET went."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.institution.tables.records import InstitutionBase
from shared.runtime.database.columns import JsonText, UtcTime


class ClientMembersRow(InstitutionBase):
    """Who shared a client from a moment on, as the broker told; the next generation of the token ends it."""

    __tablename__ = "client_members"

    client_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    generation: Mapped[int] = mapped_column(Integer, primary_key=True)
    members: Mapped[Any] = mapped_column(JsonText)
    since: Mapped[datetime] = mapped_column(UtcTime)


class FormerTokenRow(InstitutionBase):
    """Another token of a client: one from before the PESEL was corrected, or one of the same PESEL (``alias``).

    An alias is of the match key before or after the one by which the client goes now; what is said under it is about
    this client. Under a token from before a correction somebody else may be meant.
    """

    __tablename__ = "former_token"
    __table_args__ = (Index("ix_former_token_client_id", "client_id"),)

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    alias: Mapped[bool] = mapped_column(Boolean, default=False)


class ToldBeforeRow(InstitutionBase):
    """The office told all of a person in a generation, lost its file, and had that given back by the broker.

    It stands until the word of that generation arrives once more: to answer it from older rows would undo, at the
    others, what the office told after its copy. A mailbox that begins anew ends it, for then all is told anew.
    ``changes`` is how far the change feed went then: what was changed later is still to be told.
    """

    __tablename__ = "told_before"

    token: Mapped[str] = mapped_column(String(50), primary_key=True)
    generation: Mapped[int] = mapped_column(Integer)
    changes: Mapped[int] = mapped_column(BigInteger)
