"""Entries are found by their hash without reading all of them, in every node, on both databases."""

import pytest
from sqlalchemy import text

from shared.runtime.database.engine import Database
from tests.conftest import MakeDatabase

LOOKS = (
    "SELECT hash FROM stream_entry WHERE hash IN (:one, :other) AND state = 'kept'",
    "UPDATE stream_entry SET state = 'erased' WHERE hash IN (:one, :other) AND state IN ('kept', 'again')",
    "SELECT stream_id FROM stream_entry WHERE iss = 'pup-2478' AND hash IN (:one, :other)",
)


@pytest.mark.parametrize("section", ["pup", "ops", "broker"])
async def test_no_look_for_a_hash_reads_all_entries(make_database: MakeDatabase, section: str) -> None:
    db = Database(make_database(section))
    explain = "EXPLAIN QUERY PLAN" if db.is_sqlite else "EXPLAIN"
    for look in LOOKS:
        async with db.write() as session:
            if not db.is_sqlite:  # an empty table would be read whole, index or not
                await session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = await session.execute(text(f"{explain} {look}"), {"one": bytes(32), "other": b"x" * 32})
            told = "\n".join(str(row[-1]) for row in plan)
        assert "SCAN stream_entry" not in told
        assert "Seq Scan" not in told
        assert "_hash" in told, told
    await db.close()
