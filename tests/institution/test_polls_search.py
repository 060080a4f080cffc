"""A poll finds what it needs by an index: its cost is that of its mail, not of all that was ever stored."""

from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.builders import Federation
from tests.conftest import MakeDatabase


async def test_a_poll_never_reads_through_all_sets(sqlite_database: MakeDatabase, tmp_path: Path) -> None:
    async with Federation(tmp_path / "nodes", sqlite_database) as federation:
        pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
        at_pup, _ = await pup.enrol(1), await ops.enrol(1)
        await federation.settle()
        asked: list[tuple[str, Any]] = []
        engine = ops.node.db.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
        await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
        await federation.settle()
        plans = []
        async with ops.node.db.connection() as connection:
            for statement, values in [one for one in asked if one[0].startswith("SELECT")]:
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                plans += [row[-1] for row in plan]
        assert plans
        assert [plan for plan in plans if plan.startswith("SCAN set_bytes")] == []
