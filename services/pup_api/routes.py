"""What only a labour office answers: standing as unemployed, the duty to keep in contact, amounts by law."""

from typing import Annotated

from fastapi import Query

from services.pup_api.models.amounts import AmountQuery, BenefitAmount
from services.pup_api.models.status import ContactStanding, UnemploymentStatus
from services.pup_api.operations import amounts, contacts, unemployment
from shared.institution.models.base import Day
from shared.institution.models.bulk import Page
from shared.institution.routes.clients import After, ClientId, Limit
from shared.institution.routes.deps import ClientReader, MergedReader, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router(tags=["unemployment"])
On = Annotated[Day | None, Query(description="The day asked for; today, unless stated.", examples=["2026-10-01"])]


@router.get("/clients/{client_id}/unemployment-status")
async def read_unemployment_status(
    client_id: ClientId, db: ReadDb, node: ThisNode, who: MergedReader, on: On = None
) -> UnemploymentStatus:
    """Return whether the client is registered and long-term unemployed on a day, since when, and by which days."""
    return await unemployment.status(db, node, client_id, on or node.now.date())


@router.get("/clients/{client_id}/contact-standing")
async def read_contact_standing(
    client_id: ClientId, db: ReadDb, node: ThisNode, who: ClientReader, on: On = None
) -> ContactStanding:
    """Return by when the client has to contact the office (*obowiązek kontaktu*) and, if late, what may follow."""
    return await contacts.standing(db, client_id, on or node.now.date())


@router.get("/contact-standings/overdue")
async def list_without_contact(
    db: ReadDb, node: ThisNode, who: ClientReader, on: On = None, after: After = "", limit: Limit = 100
) -> Page[ContactStanding]:
    """List registrations without a contact in time; each proposes a closure, and an official decides."""
    found = await contacts.without_contact(db, on or node.now.date(), after, limit + 1)
    more = len(found) > limit
    return Page(items=list(found[:limit]), next=found[limit - 1].registration_id if more else None)


@router.get("/benefit-amounts")
async def propose_benefit_amount(
    query: Annotated[AmountQuery, Query()], node: ThisNode, who: ClientReader
) -> BenefitAmount:
    """Return what a benefit or a stipend amounts to on a day, with each figure of law, its source and its mark."""
    return amounts.proposed(query, node.now.date())
