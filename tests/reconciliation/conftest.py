"""A federation of one labour office, one welfare centre and the broker, in one process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import Federation
from tests.conftest import MakeDatabase


@pytest.fixture
async def federation(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Federation]:
    async with Federation(tmp_path / "nodes", make_database) as made:
        yield made
