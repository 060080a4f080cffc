"""Erasures and legal holds of a client over the local API."""

from typing import Annotated

from fastapi import Path

from shared.institution.models.bulk import Page
from shared.institution.models.protection import Erasure, Hold, NewErasure, NewHold
from shared.institution.operations import holds
from shared.institution.operations.erasing import asked, standing
from shared.institution.routes.clients import ClientId
from shared.institution.routes.deps import ClientReader, DoWork, OnlyOnce, Protector, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router("/v1/clients/{client_id}", tags=["data protection"])
HoldId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.post("/erasures", status_code=201)
async def erase_data(client_id: ClientId, new: NewErasure, work: DoWork, who: Protector, once: OnlyOnce) -> Erasure:
    """Erase a record of a client, or the client with everything (GDPR, art. 17), here and wherever it was told.

    A legal hold, a case of the degressive benefit and a term of keeping that is not over refuse it.
    """
    answer: Erasure = await once(asked.erase(work, client_id, new, who.subject))
    return answer


@router.get("/erasures")
async def list_erasures(client_id: ClientId, db: ReadDb, node: ThisNode, who: ClientReader) -> Page[Erasure]:
    """Return what was erased of a client and who has followed; a holder that has not is named.

    The client may be erased itself: the erasures stay, and name nobody.
    """
    return Page(items=list(await standing.erasures(db, node, client_id)), next=None)


@router.post("/legal-holds", status_code=201)
async def set_legal_hold(client_id: ClientId, new: NewHold, work: DoWork, who: Protector, once: OnlyOnce) -> Hold:
    """Hold all data of a client: nothing is erased or purged until the hold is lifted."""
    answer: Hold = await once(holds.set_hold(work, client_id, new.reason_code, who.subject))
    return answer


@router.get("/legal-holds")
async def list_legal_holds(client_id: ClientId, db: ReadDb, who: ClientReader) -> Page[Hold]:
    """Return the legal holds of a client, those that were lifted too, oldest first."""
    return Page(items=list(await holds.of_client(db, client_id)), next=None)


@router.post("/legal-holds/{hold_id}/lift")
async def lift_legal_hold(
    client_id: ClientId, hold_id: HoldId, why: NewHold, work: DoWork, who: Protector, once: OnlyOnce
) -> Hold:
    """Lift a legal hold, with the reason why it is no longer needed."""
    answer: Hold = await once(holds.lift(work, client_id, hold_id, why.reason_code, who.subject), 200)
    return answer
