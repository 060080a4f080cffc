"""Offices that are to be told what became of data that they got (GDPR, art. 19), over the local API."""

from typing import Annotated

from fastapi import Path, Query

from shared.institution.models.bulk import Page
from shared.institution.models.notices import NoticeQuery, RecipientNotice
from shared.institution.operations import notices
from shared.institution.routes.deps import ClientReader, DoWork, OnlyOnce, Protector, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router("/v1/recipient-notices", tags=["data protection"])
NoticeId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$", examples=["0198c6a0-0000-7000-8000-000000000000"])]


@router.get("")
async def list_recipient_notices(
    wanted: Annotated[NoticeQuery, Query()], db: ReadDb, node: ThisNode, who: ClientReader
) -> Page[RecipientNotice]:
    """List the offices that are to be told of a rectification, restriction or objection; `state=open`: whom to call."""
    items, following = await notices.page(db, node, wanted)
    return Page(items=list(items), next=following)


@router.post("/{notice_id}/informed")
async def note_recipient_informed(notice_id: NoticeId, work: DoWork, who: Protector, once: OnlyOnce) -> RecipientNotice:
    """Note that an official informed the office."""
    answer: RecipientNotice = await once(notices.inform(work, notice_id, who.subject), 200)
    return answer
