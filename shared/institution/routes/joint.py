"""Joint clients over the local API: the merged view and suspected matches."""

from typing import Annotated, Literal

from fastapi import Path, Query

from shared.institution.models.benefit import (
    MergedView,
    Suspicion,
    SuspicionAnswer,
)
from shared.institution.models.bulk import Page
from shared.institution.models.contests import Contest
from shared.institution.operations import contests, merged, suspicions
from shared.institution.routes.clients import After, ClientId, Limit
from shared.institution.routes.deps import (
    ClientReader,
    ClientWriter,
    DoWork,
    MergedReader,
    OnlyOnce,
    ReadDb,
    ThisNode,
)
from shared.runtime.app import new_router

router = new_router(tags=["joint clients"])
Language = Annotated[Literal["pl", "en"], Query(description="Language of the explanation.")]
SuspicionId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("/clients/{client_id}/merged-view")
async def read_merged_view(client_id: ClientId, db: ReadDb, node: ThisNode, who: MergedReader) -> MergedView:
    """Return one history of both offices (*wspólna historia*); it works while the broker is down."""
    return await merged.merged_view(db, node, client_id)


@router.get("/contested-clients")
async def list_contested_clients(
    db: ReadDb, node: ThisNode, who: ClientReader, after: After = "", limit: Limit = 100
) -> Page[Contest]:
    """List contested clients (*klient sporny*): two labour offices have an open registration of each; one leads."""
    items = await contests.contests(db, node.id, after, limit)
    return Page(items=list(items), next=items[-1].client_id if len(items) == limit else None)


@router.get("/suspicions")
async def list_suspicions(
    db: ReadDb,
    who: ClientReader,
    state: Literal["open", "confirmed", "refused", "lapsed"] = "open",
    after: After = "",
    limit: Limit = 100,
) -> Page[Suspicion]:
    """List suspected matches: clients whom another office may have too; which office is not said.

    ``contest``: it is one person, and the question is whether a second labour office is let in.
    """
    rows = await suspicions.waiting(db, state, after, limit)
    items = [Suspicion.model_validate(row) for row in rows]
    return Page(items=items, next=items[-1].id if len(items) == limit else None)


@router.post("/suspicions/{suspicion_id}/{verdict}")
async def answer_suspicion(
    suspicion_id: SuspicionId,
    verdict: Annotated[Literal["confirm", "refuse"], Path()],
    answer: SuspicionAnswer,
    work: DoWork,
    who: ClientWriter,
    once: OnlyOnce,
) -> Suspicion:
    """Confirm or refuse a suspected match; two confirmations, one of each side, make it one.

    So they let in a second labour office beside the one that leads; for that the reason is ``same_person`` alone.
    """
    confirmed = verdict == "confirm"

    async def doing() -> Suspicion:
        row = await suspicions.answer(
            work, suspicion_id, confirmed=confirmed, reason_code=answer.reason_code, by=who.subject
        )
        return Suspicion.model_validate(row)

    told: Suspicion = await once(doing(), 200)
    return told
