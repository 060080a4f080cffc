"""Rows of match keys, which the broker knows by fingerprint alone, and of people who have two tokens meanwhile."""

from datetime import datetime

from sqlalchemy import Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from services.broker.tables.base import BrokerBase
from shared.runtime.database.columns import UtcTime


class MatchKeyRow(BrokerBase):
    """A match key of the federation; ``state``: next, current, ending while enrolments by it are ended, ended.

    From ``moves_at`` on it names people, at ``ends_at`` the key before it ends. The epoch of the first key of a
    federation is not known here.
    """

    __tablename__ = "match_key"

    fingerprint: Mapped[str] = mapped_column(String(16), primary_key=True)
    epoch: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(8))
    moves_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcTime)
    since: Mapped[datetime] = mapped_column(UtcTime)


class PersonPairRow(BrokerBase):
    """Two tokens of one person, as an office told; ``moved``: everything here stands under the new one already."""

    __tablename__ = "person_pair"

    old: Mapped[str] = mapped_column(String(50), primary_key=True)
    new: Mapped[str] = mapped_column(String(50), unique=True)
    moved: Mapped[bool] = mapped_column(Boolean, default=False)
