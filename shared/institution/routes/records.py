"""Records over the local API: one set of routes for each kind of record, made from the kind."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import create_model

from shared.institution.kinds import RecordKind
from shared.institution.models.base import LocalModel, OurId, RecordView
from shared.institution.models.bulk import BulkAnswer, Page, bulk_of
from shared.institution.models.listing import list_query
from shared.institution.operations import bulk, clients, families, listing, records, voiding
from shared.institution.operations.between import duplicates
from shared.institution.routes.clients import ClientId
from shared.institution.routes.deps import ClientReader, DoWork, IfMatch, OnlyOnce, ReadDb, SupportWriter, tag
from shared.institution.tables import RecordRow
from shared.runtime.app import new_router

RecordId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$", examples=["0198c6a0-0000-7000-8000-000000000000"])]


def with_client(model: type[LocalModel]) -> Any:
    """Return the body of a bulk item: a record and whose it is."""
    return create_model(f"{model.__name__}OfClient", __base__=model, client_id=(OurId, ...))


@cache
def record_router(kind: RecordKind) -> APIRouter:
    """Return the routes of a kind of record, built once."""
    router = new_router(tags=[kind.path])
    _opening_route(router, kind)
    _listing_routes(router, kind)
    _reading_route(router, kind)
    _amending_route(router, kind)
    _ending_routes(router, kind)
    _bulk_route(router, kind)
    return router


def _opening_route(router: APIRouter, kind: RecordKind) -> None:
    create = kind.create

    @router.post(
        f"/clients/{{client_id}}/{kind.path}",
        status_code=201,
        response_model=kind.view,
        name="open_" + kind.name,
        description=f"Record a {kind.label} of a client and, if the client is joint, disclose it.",
    )
    async def open_record(
        client_id: ClientId,
        new: create,  # type: ignore[valid-type]  # the kind's own body
        work: DoWork,
        who: SupportWriter,
        once: OnlyOnce,
        response: Response,
    ) -> Any:
        async def doing() -> RecordView:
            client = await clients.lock_active(work.session, client_id)
            view = _view(kind, await records.open_record(work, kind, client, new))
            return await duplicates.shown_with(work, client, view)

        tag(response, 1)
        return await once(doing())


def _reading_route(router: APIRouter, kind: RecordKind) -> None:
    @router.get(
        f"/{kind.path}/{{record_id}}",
        response_model=kind.view,
        name="read_" + kind.name,
        description=f"Read a {kind.label}.",
    )
    async def read_record(record_id: RecordId, db: ReadDb, who: ClientReader, response: Response) -> Any:
        return _tagged(kind, await records.get(db, kind, record_id), response)


def _listing_routes(router: APIRouter, kind: RecordKind) -> None:
    query: Any = Annotated[list_query(kind.name, kind.row, kind.create, kind.filters, kind.parent_id), Query()]
    listed = listing.Listed.of(kind)
    answer: Any = Page[kind.view]  # type: ignore[name-defined]  # the kind's own view

    @router.get(
        f"/clients/{{client_id}}/{kind.path}",
        response_model=answer,
        name="list_" + kind.name,
        description=f"List every {kind.label} of a client, page by page; voided ones are left out unless asked for.",
    )
    async def list_of_client(
        client_id: ClientId,
        wanted: query,
        db: ReadDb,
        who: ClientReader,
    ) -> Any:
        await clients.get(db, client_id)
        return _page(kind, *await listing.page(db, listed, wanted, client_id))

    @router.get(
        f"/{kind.path}",
        response_model=answer,
        name="list_all_" + kind.name,
        description=f"List every {kind.label} of the office, page by page; voided ones are left out unless asked for.",
    )
    async def list_of_office(wanted: query, db: ReadDb, who: ClientReader) -> Any:
        return _page(kind, *await listing.page(db, listed, wanted))


def _amending_route(router: APIRouter, kind: RecordKind) -> None:
    change = kind.change

    @router.patch(
        f"/{kind.path}/{{record_id}}",
        response_model=kind.view,
        name="amend_" + kind.name,
        description=f"Amend a {kind.label}: what is given replaces what stood there.",
    )
    async def amend_record(
        record_id: RecordId,
        given: change,  # type: ignore[valid-type]
        work: DoWork,
        who: SupportWriter,
        version: IfMatch,
        response: Response,
    ) -> Any:
        return _tagged(kind, await records.amend(work, kind, record_id, given, version), response)


def _ending_routes(router: APIRouter, kind: RecordKind) -> None:
    view, ending = kind.view, kind.close

    @router.post(
        f"/{kind.path}/{{record_id}}/close",
        response_model=view,
        name="close_" + kind.name,
        description=f"Close a {kind.label}: say when, and what the kind asks for besides.",
    )
    async def close_record(
        record_id: RecordId,
        last: ending,  # type: ignore[valid-type]  # the kind's own body
        work: DoWork,
        who: SupportWriter,
        version: IfMatch,
        once: OnlyOnce,
        response: Response,
    ) -> Any:
        async def doing() -> RecordView:
            return _tagged(kind, await records.close(work, kind, record_id, last, version), response)

        return await once(doing(), 200)

    @router.post(
        f"/{kind.path}/{{record_id}}/void",
        response_model=view,
        name="void_" + kind.name,
        description=f"Void a {kind.label}: it was never right, and vanishes at the other offices.",
    )
    async def void_record(
        record_id: RecordId, work: DoWork, who: SupportWriter, version: IfMatch, once: OnlyOnce, response: Response
    ) -> Any:
        async def doing() -> RecordView:
            return _tagged(kind, await voiding.void(work, kind, record_id, version), response)

        return await once(doing(), 200)


def _bulk_route(router: APIRouter, kind: RecordKind) -> None:
    item_model = with_client(kind.create)
    many = bulk_of(item_model)

    @router.post(
        f"/{kind.path}/bulk",
        name="open_many_" + kind.name,
        description=f"Record up to 500 of: {kind.label}; each is taken or refused by itself.",
    )
    async def open_records(
        body: many,  # type: ignore[valid-type]  # made of the kind's model
        work: DoWork,
        who: SupportWriter,
        once: OnlyOnce,
    ) -> BulkAnswer:
        async def doing() -> BulkAnswer:
            items = bulk.parsed(item_model, body.items)  # type: ignore[attr-defined]
            good = [item for item in items if isinstance(item, item_model)]
            found = await clients.locked(work.session, [item.client_id for item in good])
            await families.load_parents(work.session, kind, good)

            async def take(item: Any) -> str:
                client = clients.require_active(found.get(item.client_id))
                new = kind.create.model_construct(item.model_fields_set - {"client_id"}, **_members(item))
                return (await records.open_record(work, kind, client, new)).id

            return await bulk.each(items, take)

        answer: BulkAnswer = await once(doing(), 200)
        return answer


def _members(item: LocalModel) -> dict[str, Any]:
    return {name: getattr(item, name) for name in type(item).model_fields if name != "client_id"}


def _tagged(kind: RecordKind, row: RecordRow, response: Response) -> RecordView:
    tag(response, row.version)
    return _view(kind, row)


def _view(kind: RecordKind, row: RecordRow) -> RecordView:
    return kind.view.model_validate(row)


def _page(kind: RecordKind, rows: Sequence[RecordRow], following: str | None) -> Page[Any]:
    return Page(items=[_view(kind, row) for row in rows], next=following)
