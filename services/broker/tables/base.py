"""The base of all rows that only the broker keeps."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from shared.exchange.stream.tables import NAMES


class BrokerBase(DeclarativeBase):
    """The broker's own tables."""

    metadata = MetaData(naming_convention=NAMES)
