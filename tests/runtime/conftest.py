"""A database with one table that has a column of every kind, and an app of nothing but what every app has."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.runtime.database.encryption import PiiKeys, generate_pii_keys, load_pii_keys
from shared.runtime.database.engine import Database
from tests.conftest import MakeDatabase
from tests.runtime.builders import TABLES


@pytest.fixture
def keys(tmp_path: Path) -> PiiKeys:
    generate_pii_keys(tmp_path / "pii.json")
    return load_pii_keys(tmp_path / "pii.json")


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
