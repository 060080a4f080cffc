"""A broker that works by itself, under the machine's clock, for the kit to play against."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.broker.worker import Worker
from shared.runtime.clock import SystemClock
from tests.builders import Federation
from tests.conftest import MakeDatabase


@pytest.fixture
async def federation(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Federation]:
    async with Federation(tmp_path / "nodes", make_database, SystemClock()) as made:  # type: ignore[arg-type]
        worker = Worker(made.broker)
        worker.start()
        yield made
        made.broker.bells.close()
        await worker.stop()
