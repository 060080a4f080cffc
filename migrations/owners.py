"""Who owns which tables: the metadata of each section of ``alembic.ini``."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import MetaData

from shared.exchange.history.tables import AuthorRow
from shared.exchange.ledger.tables import LedgerRow
from shared.exchange.reconciliation.tables import ReconciliationRow

SECTIONS = ("broker", "pup", "ops")
_EXCHANGE_ROWS = (AuthorRow, LedgerRow, ReconciliationRow)
"""One of each module of rows of the exchange: a table is known once its module was imported."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The tables of one service."""

    metadata: Sequence[MetaData]
    tables: frozenset[str]


def owner_of(section: str) -> Owner:
    """Return the tables of a section: ``pup``, ``ops`` or ``broker``."""
    exchange = _EXCHANGE_ROWS[0].metadata
    if section == "broker":
        from services.broker.tables import BrokerBase

        metadata = (exchange, BrokerBase.metadata)
        return Owner(metadata, frozenset(name for one in metadata for name in one.tables))
    from shared.institution.tables import InstitutionBase

    if section == "pup":
        from services.pup_api.main import PUP

        return Owner((exchange, InstitutionBase.metadata), PUP.tables)
    from services.ops_api.main import OPS

    return Owner((exchange, InstitutionBase.metadata), OPS.tables)
