"""How the exchange of this office stands: lanes, lag, forks; and the diagnosis of a proof."""

from datetime import datetime
from typing import Annotated

import structlog
from fastapi import Path, Query, Security
from pydantic import BaseModel, ConfigDict, Field

from shared.domain.errors import Conflict
from shared.exchange.diagnosis import Diagnosis, Question, diagnosis
from shared.exchange.stream.forks import ForkView, all_forks
from shared.institution.operations import keys, standing
from shared.institution.routes.deps import PROOF, Admin, Auditor, ReadDb, ThisNode
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


class HeldBackKey(BaseModel):
    """A key of another office that its key before did not introduce; what is signed with it lies aside."""

    institution: Annotated[str, Field(examples=["ops-2478011"])]
    thumbprint: Annotated[str, Field(examples=["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"])]


class Thumbprint(BaseModel):
    """The thumbprint as the other office told it, by another channel than the broker."""

    thumbprint: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", examples=["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"])
    ]
    model_config = ConfigDict(extra="forbid")


class Confirmed(BaseModel):
    """A key that is believed from now on, and how many SETs that lay aside were taken."""

    institution: str
    thumbprint: str
    taken: int


@router.get("/exchange/keys")
async def list_held_back_keys(node: ThisNode, who: Auditor) -> list[HeldBackKey]:
    """List keys of other offices that wait until an official compares the thumbprint with the office itself."""
    return [HeldBackKey(institution=one.institution, thumbprint=one.thumbprint) for one in keys.held_back(node)]


@router.post("/exchange/keys/{institution}/confirm")
async def confirm_key(
    institution: Annotated[str, Path(pattern=r"^(pup|pcpr|ops|ngo)-[0-9]{4,10}$", examples=["ops-2478011"])],
    body: Thumbprint,
    node: ThisNode,
    who: Admin,
) -> Confirmed:
    """Believe a key of another office, after comparing its thumbprint by another channel than the broker."""
    taken = await keys.confirm_key(node, institution, body.thumbprint)
    structlog.get_logger().info("key confirmed", iss=institution, kid=body.thumbprint, by=who.subject)
    return Confirmed(institution=institution, thumbprint=body.thumbprint, taken=taken)


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
