"""A federation on SQLite: what is refused here is refused before any database is asked, or the same on both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import Federation
from tests.conftest import MakeDatabase


@pytest.fixture
async def federation(sqlite_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Federation]:
    async with Federation(tmp_path / "nodes", sqlite_database) as made:
        yield made
