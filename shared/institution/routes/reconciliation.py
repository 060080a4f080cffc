"""Reconciliation at this office: runs with their signed statements, and the work list of what was found."""

from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel

from shared.exchange.reconciliation.discrepancies import DiscrepancyView, discrepancies
from shared.exchange.reconciliation.views import RunView, StatedRun, one_run, some_runs
from shared.institution.operations.reconciling import anew
from shared.institution.operations.reconciling.anew import BegunAnew
from shared.institution.routes.deps import Admin, Auditor, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router(tags=["reconciliation"])


class UnknownClients(BaseModel):
    """Tokens whose clients the office no longer has."""

    tokens: list[str]


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


@router.post("/exchange/begin-anew", status_code=201)
async def begin_anew(node: ThisNode, who: Admin) -> BegunAnew:
    """Begin this office's stream anew after a fork; first it takes back what it had disclosed and lost.

    Do this on the one machine that is to go on, and only when no other one runs this office.
    """
    return await anew.begin_anew(node)


@router.get("/exchange/unknown-clients")
async def list_unknown_clients(node: ThisNode, db: ReadDb, who: Admin) -> UnknownClients:
    """List tokens that this office enrolled and can no longer name; enter their clients again from the paper files."""
    return UnknownClients(tokens=await anew.unknown_clients(db, node))
