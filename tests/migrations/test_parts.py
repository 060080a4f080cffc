"""On PostgreSQL what grows is parted, and what stood there before is moved and moved back whole."""

import asyncio
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from shared.runtime.database.migrate import downgrade, migrate
from tests import postgres

pytestmark = pytest.mark.long
STREAMS, ENTRIES = 16, 20
FILL = (
    "INSERT INTO stream (id, owner, peer, incarnation, position, chain, moved_at) "
    "SELECT s, 'pup-' || s, 'broker', 'x', 20, '\\x00', now() FROM generate_series(1, 16) s",
    "INSERT INTO set_bytes (iss, hash, jti, token, n, text, stored_at) "
    "SELECT 'pup-' || s, int4send(s * 1000 + e), s || '-' || e, 't', e, 'text ' || e, now() "
    "FROM generate_series(1, 16) s, generate_series(1, 20) e",
    "INSERT INTO stream_entry (stream_id, position, iss, hash, chain, at, state) "
    "SELECT s, e, 'pup-' || s, int4send(s * 1000 + e), '\\x00', now(), 'kept' "
    "FROM generate_series(1, 16) s, generate_series(1, 20) e",
)
HELD = (
    "SELECT e.stream_id, e.position, b.text, b.stored_at, e.at FROM stream_entry e JOIN set_bytes b USING (iss, hash) "
    "ORDER BY 1, 2"
)


@pytest.fixture
def url(postgres_server: str) -> Iterator[str]:
    name = f"zwornik_test_{uuid.uuid4().hex[:16]}"
    postgres.run_sql(postgres_server, f"CREATE DATABASE {name}")
    yield postgres.database_on(postgres_server, name)
    postgres.run_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    async def run() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(run())


def test_sets_and_entries_are_moved_into_parts_and_back(url: str) -> None:
    migrate("broker", url, "0006")
    postgres.run_sql(url, *FILL)
    before = rows(url, HELD)
    assert len(before) == STREAMS * ENTRIES
    migrate("broker", url)
    assert rows(url, HELD) == before
    for table, key in (("set_bytes", "iss"), ("stream_entry", "stream_id")):
        parts = rows(url, f"SELECT DISTINCT tableoid::regclass::text, {key} FROM {table}")  # noqa: S608  # our names
        assert len({part for part, _ in parts}) > 1
        assert len(parts) == STREAMS, "all of one key stand in one part"
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        rows(url, FILL[2].replace("SELECT s, e,", "SELECT s + 1000, e,"))
    downgrade("broker", url, "0006")
    assert rows(url, HELD) == before
    assert rows(url, "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('set_bytes'::regclass)") == [(0,)]
