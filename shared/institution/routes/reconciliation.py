"""Reconciliation at this office: runs with their signed statements, and the work list of what was found."""

from typing import Annotated

from fastapi import Path, Query

from shared.exchange.reconciliation.discrepancies import DiscrepancyView, discrepancies
from shared.exchange.reconciliation.views import RunView, StatedRun, one_run, some_runs
from shared.institution.routes.deps import Auditor, ReadDb
from shared.runtime.app import new_router

router = new_router(tags=["reconciliation"])

After = Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/reconciliations")
async def list_reconciliations(db: ReadDb, who: Auditor, after: After = "", limit: Limit = 100) -> list[RunView]:
    """List the runs of reconciliation with the broker, in their order."""
    return await some_runs(db, after, limit)


@router.get("/reconciliations/{run_id}")
async def read_reconciliation(
    run_id: Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")], db: ReadDb, who: Auditor
) -> StatedRun:
    """Show one run with the broker's signed statement and this office's answer that it is about."""
    return await one_run(db, run_id)


@router.get("/discrepancies")
async def list_discrepancies(
    db: ReadDb,
    who: Auditor,
    after: After = "",
    limit: Limit = 100,
    state: Annotated[str | None, Query(pattern="^(open|mended|unmended)$")] = None,
) -> list[DiscrepancyView]:
    """List what reconciliation found here, why, and whether it is mended; no client is named."""
    return await discrepancies(db, after, limit, state)
