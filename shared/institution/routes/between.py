"""What goes between the offices, over the local API: referrals with their answers, duplicates, all about a client."""

from typing import Annotated, Literal

from fastapi import Path, Query, Response

from shared.institution.models.bulk import Page
from shared.institution.models.exchanged import Between, DuplicateAlert, Explanation, Foreseen, ReferralExchange
from shared.institution.models.queries import ExchangeQuery
from shared.institution.models.records import NewSupportForm
from shared.institution.operations import clients
from shared.institution.operations.between import duplicates, referrals, whole
from shared.institution.routes.clients import After, ClientId, Limit
from shared.institution.routes.deps import (
    DoWork,
    IfMatch,
    MergedReader,
    OnlyOnce,
    ReadDb,
    SupportWriter,
    ThisNode,
    tag,
)
from shared.runtime.app import new_router

router = new_router(tags=["between offices"])
DuplicateId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$", examples=["0198c6a0-0000-7000-8000-000000000000"])]


@router.get("/clients/{client_id}/between")
async def read_between(client_id: ClientId, db: ReadDb, node: ThisNode, who: MergedReader) -> Between:
    """Return all that goes between the offices about a client: contacts, referrals, duplicates, shared costs."""
    return await whole.between(db, node, client_id)


@router.get("/referral-exchanges")
async def list_referral_exchanges(
    wanted: Annotated[ExchangeQuery, Query()], db: ReadDb, node: ThisNode, who: MergedReader
) -> Page[ReferralExchange]:
    """List referrals (*skierowania*) that this office made, or that came, with their answers, by id, page by page."""
    items, following = await referrals.page(db, node, wanted)
    return Page(items=list(items), next=following)


@router.post("/clients/{client_id}/support-forms/what-if")
async def foresee_duplicates(
    client_id: ClientId, form: NewSupportForm, db: ReadDb, node: ThisNode, who: MergedReader
) -> Foreseen:
    """Say of which forms of other offices a form of support would be a duplicate; nothing is stored, nothing leaves."""
    client = await clients.get(db, client_id)
    found = await duplicates.foreseen(db, node, client, form.code, form.from_, form.until)
    return Foreseen(client_id=client.id, duplicates=found)


@router.get("/duplicates")
async def list_duplicates(
    db: ReadDb,
    node: ThisNode,
    who: MergedReader,
    state: Annotated[
        Literal["open", "explained", "resolved"], Query(description="open, explained by an official here, or resolved")
    ] = "open",
    after: After = "",
    limit: Limit = 100,
) -> Page[DuplicateAlert]:
    """List pairs of forms of one class that two offices give one person on the same days (*dublowanie wsparcia*)."""
    items = list(await duplicates.page(db, node, state, after, limit))
    return Page(items=items, next=items[-1].id if len(items) == limit else None)


@router.post("/duplicates/{duplicate_id}/explain")
async def explain_duplicate(
    duplicate_id: DuplicateId,
    body: Explanation,
    work: DoWork,
    who: SupportWriter,
    version: IfMatch,
    once: OnlyOnce,
    response: Response,
) -> DuplicateAlert:
    """Note why both forms of a pair are right; it is open again when their days or codes change."""

    async def doing() -> DuplicateAlert:
        shown = await duplicates.explain(work, duplicate_id, body, who.subject, version)
        tag(response, shown.version)
        return shown

    answer: DuplicateAlert = await once(doing(), 200)
    return answer
