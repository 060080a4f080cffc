"""A federation of one labour office, one welfare centre and the broker, in one process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import builders
from tests.builders import Federation, Office
from tests.conftest import MakeDatabase


@pytest.fixture
async def federation(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Federation]:
    async with Federation(tmp_path / "nodes", make_database) as made:
        yield made


@pytest.fixture
async def second(federation: Federation, monkeypatch: pytest.MonkeyPatch) -> Office:
    """A second labour office of the same gmina."""
    monkeypatch.setitem(builders.AREAS, "pup-2476", ("2478011",))
    return await federation.join("pup-2476")
