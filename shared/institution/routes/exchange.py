"""How the exchange of this office stands: lanes, lag, forks; and the diagnosis of a proof."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Security
from pydantic import BaseModel

from shared.domain.errors import Conflict
from shared.exchange.diagnosis import Diagnosis, Question, diagnosis
from shared.exchange.stream.forks import ForkView, all_forks
from shared.institution.operations import standing
from shared.institution.routes.deps import PROOF, Auditor, ReadDb, ThisNode
from shared.runtime.app import new_router
from shared.runtime.clock import unix

router = new_router(tags=["exchange"])


class LaneView(BaseModel):
    """A lane: ``problem`` is set while it stands."""

    problem: str | None
    detail: str | None
    failures: int
    last_contact: datetime | None


class ExchangeView(BaseModel):
    """How far the office's stream goes here and at the broker, and how far its mailbox is taken."""

    position: int
    acknowledged: int
    lag: int
    oldest_waiting: datetime | None
    mailbox: int
    dead_letters: int
    not_shared: int
    missing: int
    directory_serial: int | None
    lanes: dict[str, LaneView]


@router.get("/exchange")
async def read_exchange(node: ThisNode, db: ReadDb, who: Auditor) -> ExchangeView:
    """Say how the exchange stands."""
    return ExchangeView(
        **await standing.exchange(db, node), lanes={k: LaneView(**vars(v)) for k, v in node.lanes.items()}
    )


@router.get("/forks")
async def list_forks(
    db: ReadDb,
    who: Auditor,
    after: Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ForkView]:
    """List streams whose two ends signed different pasts, with both signed words, oldest first."""
    return list(await all_forks(db, after, limit))


@router.post("/diagnostics/verify")
async def diagnose_proof(
    body: Question, node: ThisNode, who: Auditor, _: Annotated[str | None, Security(PROOF)]
) -> Diagnosis:
    """Run the broker's very checks on a proof of this node, against the directory that this node holds."""
    directory = node.client.directory
    if directory is None:
        raise Conflict("There is no directory yet.")
    return diagnosis(body, directory, unix(node.now))
