"""A database with one table that has a column of every kind, and an app of nothing but what every app has."""

import logging
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path

import pytest
import structlog

from shared.runtime.database.encryption import PiiKeys, generate_pii_keys, load_pii_keys
from shared.runtime.database.engine import Database
from shared.runtime.logging import configure_logging
from tests.conftest import MakeDatabase
from tests.runtime.builders import TABLES


@pytest.fixture
def keys(tmp_path: Path) -> PiiKeys:
    generate_pii_keys(tmp_path / "pii.json")
    return load_pii_keys(tmp_path / "pii.json")


@pytest.fixture
def logs() -> Iterator[StringIO]:
    """What the process logs, as text."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = StringIO()
    configure_logging("INFO", stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.fixture
async def db(make_database: MakeDatabase, keys: PiiKeys) -> AsyncIterator[Database]:
    database = Database(make_database("broker"), pii_keys=keys)
    async with database.connection() as connection:
        await connection.run_sync(TABLES.create_all)
    yield database
    async with database.connection() as connection:
        await connection.run_sync(TABLES.drop_all)
    await database.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'one.sqlite3'}")
    async with database.connection() as connection:
        await connection.run_sync(TABLES.create_all)
    yield database
    await database.close()
