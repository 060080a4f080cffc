"""What left the office about a client, over the local API."""

from shared.institution.models.disclosures import Disclosures
from shared.institution.operations import notices
from shared.institution.operations.access import disclosures
from shared.institution.routes.clients import After, ClientId, Limit
from shared.institution.routes.deps import ClientReader, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router(tags=["data protection"])


@router.get("/clients/{client_id}/disclosures")
async def read_disclosures(
    client_id: ClientId, db: ReadDb, node: ThisNode, who: ClientReader, after: After = "", limit: Limit = 100
) -> Disclosures:
    """Return what left the office about a client, newest first: what, when, to whom, on which legal basis."""
    items, following = await disclosures.disclosures(db, node, client_id, before=after, limit=limit)
    got = await notices.who_got(db, node, client_id)
    return Disclosures(items=list(items), next=following, tightened=disclosures.tightened(node), recipients=list(got))
