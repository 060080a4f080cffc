"""Clients over the local API."""

from typing import Annotated

from fastapi import Path, Query, Response

from shared.institution.models.bulk import BulkAnswer, Page, bulk_of
from shared.institution.models.clients import ChangedClient, Client, ClientSearch, NewClient
from shared.institution.models.queries import ClientQuery
from shared.institution.operations import bulk, client_list, clients
from shared.institution.routes.deps import ClientReader, ClientWriter, DoWork, IfMatch, OnlyOnce, ReadDb, ThisNode, tag
from shared.institution.tables import ClientRow
from shared.runtime.app import new_router

router = new_router("/v1/clients", tags=["clients"])

ClientId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$", examples=["0198c6a0-0000-7000-8000-000000000000"])]
After = Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$", description="The id after which the page begins.")]
Limit = Annotated[int, Query(ge=1, le=500)]
_Many = bulk_of(NewClient)


@router.post("", status_code=201)
async def register_client(
    new: NewClient, work: DoWork, who: ClientWriter, once: OnlyOnce, response: Response
) -> Client:
    """Register a client (*klient*) and enrol the person at the broker by token alone."""

    async def doing() -> Client:
        known = await clients.known(work.session, work.node, [new.pesel])
        return _view(await clients.register(work, new, known), work.node)

    tag(response, 1)
    answer: Client = await once(doing())
    return answer


@router.post("/bulk")
async def register_clients(
    body: _Many,  # type: ignore[valid-type]  # made of the model
    work: DoWork,
    who: ClientWriter,
    once: OnlyOnce,
) -> BulkAnswer:
    """Register up to 500 clients; each is taken or refused by itself."""

    async def doing() -> BulkAnswer:
        items = bulk.parsed(NewClient, body.items)  # type: ignore[attr-defined]
        good = [item.pesel for item in items if isinstance(item, NewClient)]
        known = await clients.known(work.session, work.node, good)

        async def take(new: NewClient) -> str:
            return (await clients.register(work, new, known)).id

        return await bulk.each(items, take)

    answer: BulkAnswer = await once(doing(), 200)
    return answer


@router.post("/search")
async def search_client(wanted: ClientSearch, db: ReadDb, node: ThisNode, who: ClientReader) -> Client:
    """Find a client by PESEL, which never stands in a URL."""
    return _view(await clients.find(db, node, wanted.pesel), node)


@router.get("")
async def list_clients(
    wanted: Annotated[ClientQuery, Query()], db: ReadDb, node: ThisNode, who: ClientReader
) -> Page[Client]:
    """List the office's clients, page by page; on request those of one worker or substitute alone."""
    rows, following = await client_list.page(db, node, wanted)
    return Page(items=[_view(row, node) for row in rows], next=following)


@router.get("/{client_id}")
async def read_client(client_id: ClientId, db: ReadDb, node: ThisNode, who: ClientReader, response: Response) -> Client:
    """Read a client."""
    row = await clients.get(db, client_id)
    tag(response, row.version)
    return _view(row, node)


@router.patch("/{client_id}")
async def amend_client(
    client_id: ClientId, change: ChangedClient, work: DoWork, who: ClientWriter, version: IfMatch, response: Response
) -> Client:
    """Amend a client; a corrected PESEL moves the enrolment, a new surname changes the check."""
    row = await clients.amend(work, client_id, change, version)
    tag(response, row.version)
    return _view(row, work.node)


@router.post("/{client_id}/withdraw")
async def withdraw_client(
    client_id: ClientId, work: DoWork, who: ClientWriter, version: IfMatch, once: OnlyOnce, response: Response
) -> Client:
    """Withdraw a client: this office tells nothing more about the person."""

    async def doing() -> Client:
        row = await clients.withdraw(work, client_id, version)
        tag(response, row.version)
        return _view(row, work.node)

    answer: Client = await once(doing(), 200)
    return answer


@router.post("/{client_id}/take-back")
async def take_back_client(
    client_id: ClientId, work: DoWork, who: ClientWriter, version: IfMatch, once: OnlyOnce, response: Response
) -> Client:
    """Enrol a withdrawn client again."""

    async def doing() -> Client:
        row = await clients.take_back(work, client_id, version)
        tag(response, row.version)
        return _view(row, work.node)

    answer: Client = await once(doing(), 200)
    return answer


def _view(row: ClientRow, node: ThisNode) -> Client:
    return Client(**clients.view_of(row, node))
