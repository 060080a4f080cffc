"""Jobs over the local API: started, their wage changed, ended; records are never edited."""

from typing import Annotated, Any

from fastapi import Query, Response

from shared.institution.models.bulk import BulkAnswer, Page, bulk_of
from shared.institution.models.employments import Employment, EmploymentEnd, NewEmployment, WageChange
from shared.institution.models.listing import list_query
from shared.institution.operations import bulk, clients, employments, listing
from shared.institution.routes.clients import ClientId
from shared.institution.routes.deps import ClientReader, DoWork, IfMatch, OnlyOnce, ReadDb, SupportWriter, tag
from shared.institution.routes.records import RecordId, with_client
from shared.runtime.app import new_router

router = new_router(tags=["employments"])
_OfClient = with_client(NewEmployment)
_Many = bulk_of(_OfClient)
_Query: Any = Annotated[
    list_query("employment", employments.JOBS.row, NewEmployment, employments.JOBS.filters, None), Query()
]


@router.post("/clients/{client_id}/employments", status_code=201)
async def start_employment(
    client_id: ClientId, new: NewEmployment, work: DoWork, who: SupportWriter, once: OnlyOnce, response: Response
) -> Employment:
    """Record a job (*zatrudnienie*) that starts; of a joint recipient it leads to an assessment."""

    async def doing() -> Employment:
        client = await clients.lock_active(work.session, client_id)
        return await employments.view(work.session, await employments.start(work, client, new))

    tag(response, 1)
    answer: Employment = await once(doing())
    return answer


@router.post("/employments/bulk")
async def start_employments(
    body: _Many,  # type: ignore[valid-type]  # made of the model
    work: DoWork,
    who: SupportWriter,
    once: OnlyOnce,
) -> BulkAnswer:
    """Record up to 500 jobs that start; each is taken or refused by itself."""

    async def doing() -> BulkAnswer:
        items = bulk.parsed(_OfClient, body.items)  # type: ignore[attr-defined]
        found = await clients.locked(work.session, [item.client_id for item in items if isinstance(item, _OfClient)])

        async def take(item: Any) -> str:
            client = clients.require_active(found.get(item.client_id))
            return (await employments.start(work, client, item)).id

        return await bulk.each(items, take)

    answer: BulkAnswer = await once(doing(), 200)
    return answer


@router.get("/clients/{client_id}/employments")
async def list_employments_of_client(
    client_id: ClientId,
    wanted: _Query,
    db: ReadDb,
    who: ClientReader,
) -> Page[Employment]:
    """List the jobs of a client with their history, page by page."""
    await clients.get(db, client_id)
    rows, following = await listing.page(db, employments.JOBS, wanted, client_id)
    return Page(items=await employments.views(db, rows), next=following)


@router.get("/employments")
async def list_employments(
    wanted: _Query,
    db: ReadDb,
    who: ClientReader,
) -> Page[Employment]:
    """List the jobs of the office's clients with their history, page by page."""
    rows, following = await listing.page(db, employments.JOBS, wanted)
    return Page(items=await employments.views(db, rows), next=following)


@router.get("/employments/{record_id}")
async def read_employment(record_id: RecordId, db: ReadDb, who: ClientReader, response: Response) -> Employment:
    """Read a job with its history."""
    row = await employments.get(db, record_id)
    tag(response, row.version)
    return await employments.view(db, row)


@router.post("/employments/{record_id}/wage-changes", status_code=201)
async def change_wage(
    record_id: RecordId,
    change: WageChange,
    work: DoWork,
    who: SupportWriter,
    version: IfMatch,
    once: OnlyOnce,
    response: Response,
) -> Employment:
    """Record a wage from a day on; late news of a decided case makes a correction."""

    async def doing() -> Employment:
        row = await employments.change_wage(work, record_id, change, version)
        tag(response, row.version)
        return await employments.view(work.session, row)

    answer: Employment = await once(doing())
    return answer


@router.post("/employments/{record_id}/end", status_code=201)
async def end_employment(
    record_id: RecordId,
    last: EmploymentEnd,
    work: DoWork,
    who: SupportWriter,
    version: IfMatch,
    once: OnlyOnce,
    response: Response,
) -> Employment:
    """Record the end of a job by its last day worked."""

    async def doing() -> Employment:
        row = await employments.end(work, record_id, last, version)
        tag(response, row.version)
        return await employments.view(work.session, row)

    answer: Employment = await once(doing())
    return answer
