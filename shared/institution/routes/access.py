"""Who read a client's data, over the local API: for auditors, and for the client; asking is a read, and logged too."""

from typing import Annotated, Literal

from fastapi import Path, Query
from fastapi.responses import PlainTextResponse

from shared.institution.models.access import AccessEntry, AccessRequest, AccessStatement, NewAccessRequest
from shared.institution.models.base import Day
from shared.institution.models.bulk import Page
from shared.institution.operations.access import access_log, access_requests
from shared.institution.routes.clients import After, ClientId, Limit
from shared.institution.routes.deps import Auditor, ClientReader, DoWork, OnlyOnce, ReadDb, ThisAccess, ThisNode
from shared.runtime.app import new_router

router = new_router("/v1/clients/{client_id}/access-log", tags=["data protection"])
Since = Annotated[Day | None, Query(description="Reads of this day or later.", examples=["2026-10-01"])]
UntilDay = Annotated[Day | None, Query(alias="until", description="Reads of this day or before.")]
Form = Annotated[Literal["json", "text"], Query(alias="format")]
Language = Annotated[Literal["pl", "en"], Query(description="Language of the statement.")]


@router.get("")
async def read_access_log(
    client_id: ClientId,
    db: ReadDb,
    who: Auditor,
    since: Since = None,
    until: UntilDay = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[AccessEntry]:
    """Return who read a client's data (*dziennik dostępu*), newest first: who, why, on which basis, what."""
    items, following = await access_log.entries(db, client_id, since, until, before=after, limit=limit)
    return Page(items=list(items), next=following)


@router.get("/statement", response_model=AccessStatement, responses={200: {"content": {"text/plain": {}}}})
async def read_access_statement(
    client_id: ClientId,
    db: ReadDb,
    node: ThisNode,
    who: ClientReader,
    since: Since = None,
    until: UntilDay = None,
    form: Form = "json",
    language: Language = "pl",
) -> AccessStatement | PlainTextResponse:
    """Return what the client is told when asking who read the data: officials by role, never by name or pseudonym."""
    told = await access_log.statement(db, node, client_id, since, until, language)
    return told if form == "json" else PlainTextResponse(told.text)


@router.post("/requests", status_code=201)
async def ask_members(
    client_id: ClientId, new: NewAccessRequest, work: DoWork, access: ThisAccess, who: ClientReader, once: OnlyOnce
) -> AccessRequest:
    """Ask every member who shares the client who read the data there; each answers by itself, by role and day."""
    answer: AccessRequest = await once(access_requests.ask(work, client_id, new.since, new.until, access))
    return answer


@router.get("/requests/{request_id}")
async def read_answers(
    client_id: ClientId,
    request_id: Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")],
    db: ReadDb,
    node: ThisNode,
    who: ClientReader,
) -> AccessRequest:
    """Return what every member answered, and name those that have not answered yet."""
    return await access_requests.answers(db, node, client_id, request_id)
