"""What only a welfare centre answers: of which target groups a client is on a day."""

from typing import Annotated

from fastapi import Query

from services.ops_api.models.target_groups import TargetGroups
from services.ops_api.operations import target_groups
from shared.institution.models.base import Day
from shared.institution.routes.clients import ClientId
from shared.institution.routes.deps import ClientReader, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router(tags=["target groups"])
On = Annotated[Day | None, Query(description="The day asked for; today, unless stated.", examples=["2026-10-01"])]


@router.get("/clients/{client_id}/target-groups")
async def read_target_groups(
    client_id: ClientId, db: ReadDb, node: ThisNode, who: ClientReader, on: On = None
) -> TargetGroups:
    """Return of which target groups the client is on a day, by the marks that hold then."""
    return await target_groups.on_day(db, node, client_id, on or node.now.date())
