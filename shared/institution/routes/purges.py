"""How long data are kept, and purges of what is over its term, over the local API."""

from shared.domain.erasure import terms
from shared.institution.models.bulk import Page
from shared.institution.models.protection import KeptFor, NewPurge, PurgeAnswer, PurgeEntry
from shared.institution.operations.purging import purge
from shared.institution.routes.clients import After, Limit
from shared.institution.routes.deps import Auditor, ClientReader, Protector, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router("/v1", tags=["data protection"])


@router.get("/retention")
async def read_retention(who: ClientReader) -> list[KeptFor]:
    """Return how long each category of data is kept, and whether a source for the term was read."""
    return [KeptFor.model_validate(one) for one in terms()]


@router.post("/purges")
async def purge_data(new: NewPurge, node: ThisNode, who: Protector) -> PurgeAnswer:
    """Erase what is over its term, at most 500 records and clients at once; ``dry_run`` only says how much that is."""
    return await purge.purge(node, dry_run=new.dry_run, by=who.subject)


@router.get("/purges")
async def list_purges(db: ReadDb, who: Auditor, after: After = "", limit: Limit = 100) -> Page[PurgeEntry]:
    """Return what was purged, oldest first: how much of which category and when; it names nobody."""
    rows = await purge.purges(db, after, limit)
    items = [PurgeEntry.model_validate(row) for row in rows]
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)
