"""Backups of an office on any database: all rows as they stand, and the loss after which they are all there is."""

from dataclasses import dataclass
from typing import Any

import httpx2
from sqlalchemy import text

from shared.exchange.stream.tables import ExchangeBase
from shared.institution.app import create_app, create_node
from shared.institution.operations.exchange.starting import start
from shared.institution.tables import InstitutionBase
from shared.runtime.settings import MemberSettings
from tests.builders import MEMBER_SCOPES, Federation, Office, SeededIds


@dataclass(frozen=True)
class Backup:
    """The rows of each table, the tables in the order in which they refer to each other."""

    rows: dict[str, list[dict[str, Any]]]


def _tables(office: Office) -> list[str]:
    """Return the names of an office's tables, those that are referred to first."""
    known = [*ExchangeBase.metadata.sorted_tables, *InstitutionBase.metadata.sorted_tables]
    return [table.name for table in known if table.name in office.node.institution.tables]


async def back_up(office: Office) -> Backup:
    """Copy all rows of an office, as a backup at night does."""
    async with office.node.db.read() as session:
        rows = {}
        for name in _tables(office):
            found = await session.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608  # our own name
            rows[name] = [dict(row._mapping) for row in found]
        return Backup(rows)


async def restore(federation: Federation, office: Office, backup: Backup) -> Office:
    """Lose what an office wrote since a backup, and start its program anew."""
    async with office.node.db.write() as session:
        for name in reversed(list(backup.rows)):
            await session.execute(text(f'DELETE FROM "{name}"'))  # noqa: S608
        for name, rows in backup.rows.items():
            for row in rows:
                columns = ", ".join(f'"{column}"' for column in row)
                values = ", ".join(f":{column}" for column in row)
                statement = f'INSERT INTO "{name}" ({columns}) VALUES ({values})'  # noqa: S608
                await session.execute(text(statement), row)
    return await start_again(federation, office, office.node.settings)


async def start_again(
    federation: Federation, office: Office, settings: MemberSettings, seed: str = "after the loss"
) -> Office:
    """Start the program of an office that lost what it wrote last, and let it hear of the present directory."""
    await office.node.db.close()
    node = create_node(
        office.node.institution,
        settings,
        federation.clock,
        SeededIds(seed),
        httpx2.ASGITransport(app=federation.broker_app),
    )
    federation._stack.push_async_callback(node.db.close)
    federation._stack.push_async_callback(node.client.close)
    node.threads = False
    await start(node)
    app = create_app(node)
    http = federation._http(app, node.identity.keys[0], node.id, MEMBER_SCOPES)
    restored = Office(node, app, http)
    federation.offices[node.id] = restored
    federation.clock.go(5)
    await node.trust.refresh(unknown_key=True)
    return restored
