"""A client's whole file over the local API, for the person themself: as data, or to be printed."""

from typing import Annotated, Literal

from fastapi import Query, Response
from fastapi.responses import StreamingResponse

from shared.institution.operations import client_file, client_page, clients
from shared.institution.routes.clients import ClientId
from shared.institution.routes.deps import Exporter, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router("/v1/clients", tags=["clients"])
_CONTENT = {200: {"content": {"application/json": {"schema": {"type": "object"}}, "text/html": {"schema": {}}}}}


@router.get("/{client_id}/file", response_class=Response, responses=_CONTENT)  # type: ignore[arg-type]  # as documented
async def read_client_file(
    client_id: ClientId,
    db: ReadDb,
    node: ThisNode,
    who: Exporter,
    form: Annotated[Literal["json", "html"], Query(alias="format")] = "json",
    language: Annotated[Literal["pl", "en"], Query(description="Language of the page.")] = "pl",
) -> Response:
    """Return everything the office holds on a client (*akta klienta*), as JSON or as a page to print (GDPR art. 15)."""
    client = await clients.get(db, client_id)
    if form == "html":
        page = client_page.as_html(node, client, language)
        headers = {"Content-Security-Policy": client_page.POLICY}
        return StreamingResponse(page, media_type="text/html; charset=utf-8", headers=headers)
    headers = {"Content-Disposition": f'attachment; filename="{client_id}.json"'}
    return StreamingResponse(client_file.as_json(node, client), media_type="application/json", headers=headers)
