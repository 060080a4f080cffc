"""Keys of other offices: which are held back, and their confirmation by an official (WIRE.md, section 1)."""

from typing import Annotated

import structlog
from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from shared.institution.operations import keys
from shared.institution.routes.deps import Admin, Auditor, ThisNode
from shared.runtime.app import new_router

router = new_router(tags=["exchange"])


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
