"""One office alone: its local API, with no broker to talk to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import Federation, Office
from tests.conftest import MakeDatabase


@pytest.fixture
async def pup(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with Federation(tmp_path / "pup", make_database) as federation:
        yield await federation.make_office("pup-2478")


@pytest.fixture
async def pup_clocked(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Federation]:
    """A labour office whose clock can be told to go."""
    async with Federation(tmp_path / "pup", make_database) as federation:
        await federation.make_office("pup-2478")
        yield federation


@pytest.fixture
async def ops(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with Federation(tmp_path / "ops", make_database) as federation:
        yield await federation.make_office("ops-2478011")
