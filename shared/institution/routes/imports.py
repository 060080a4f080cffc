"""Imports of files over the local API: sent whole, worked on by the worker, told line by line."""

from typing import Annotated

from fastapi import Header, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from shared.institution.models.bulk import Page
from shared.institution.models.imports import Import, ImportLine, ImportLines, ImportMap
from shared.institution.models.listing import PageQuery
from shared.institution.operations.imports import jobs, maps, receiving, reporting
from shared.institution.operations.imports.receiving import MAX_FILE_BYTES, Asked, Format
from shared.institution.routes.deps import DoWork, Importer, ReadDb, ThisNode
from shared.institution.tables import ImportRow
from shared.runtime.app import new_router
from shared.runtime.gate import Bodies

router = new_router(tags=["imports"])

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UPLOADS = {"/v1/imports": Bodies(MAX_FILE_BYTES, (CSV, XLSX))}
ImportId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$", examples=["0198c6a0-0000-7000-8000-000000000000"])]
MapName = Annotated[str, Query(alias="map", pattern=r"^[a-z0-9-]{1,40}$", examples=["formy-wsparcia"])]
_EXAMPLE = "TYP;ID_OSOBY;PESEL;NAZWISKO;IMIONA;NR_SPRAWY;…\r\nOSOBA;1;85650112347;Przykładowska;Anna;T.1;…\r\n"
_FILE = {
    "required": True,
    "content": {
        CSV: {"schema": {"type": "string"}, "examples": {"a client": {"value": _EXAMPLE}}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
    },
}


@router.post("/imports", status_code=202, openapi_extra={"requestBody": _FILE})
async def begin_import(
    request: Request,
    node: ThisNode,
    who: Importer,
    response: Response,
    map_name: MapName,
    content_type: Annotated[str, Header()] = CSV,
    dry_run: Annotated[bool, Query(description="Only say line by line what would happen.")] = False,
) -> Import:
    """Import a CSV or XLSX file by a column map; the same file sent again while it is worked on is not begun anew."""
    form: Format = "xlsx" if content_type.partition(";")[0].strip().lower() == XLSX else "csv"
    asked = Asked(map_name=map_name, dry_run=dry_run, format=form, by=who.subject)
    row, new = await receiving.receive(node, asked, request.stream())
    response.status_code = 202 if new else 200
    response.headers["Location"] = f"/v1/imports/{row.id}"
    return _view(row)


@router.get("/imports")
async def list_imports(wanted: Annotated[PageQuery, Query()], db: ReadDb, who: Importer) -> Page[Import]:
    """List imports page by page, the newest first."""
    rows, following = await jobs.page(db, wanted)
    return Page(items=[_view(row) for row in rows], next=following)


@router.get("/imports/{import_id}")
async def read_import(import_id: ImportId, db: ReadDb, who: Importer) -> Import:
    """Say how far an import is."""
    return _view(await jobs.get(db, import_id))


@router.get("/imports/{import_id}/lines")
async def read_import_lines(
    import_id: ImportId, db: ReadDb, who: Importer, after: Annotated[int, Query(ge=0, le=1 << 30)] = 0
) -> ImportLines:
    """Say line by line what became of the file, or in a dry run would become; some hundred lines a call."""
    await jobs.get(db, import_id)
    found = await reporting.page_after(db, import_id, after)
    items = [ImportLine.model_validate(one) for one in found[1]] if found else []
    return ImportLines(items=items, next=found[0] if found else None)


@router.get(
    "/imports/{import_id}/rejects", response_class=Response, responses={200: {"content": {CSV: {"schema": {}}}}}
)
async def read_rejects(import_id: ImportId, db: ReadDb, node: ThisNode, who: Importer) -> Response:
    """Return the refused lines with their reasons as CSV that can be mended and imported again."""
    job = await jobs.get(db, import_id)
    headers = {"Content-Disposition": 'attachment; filename="rejects.csv"'}
    return StreamingResponse(reporting.rejects(node, job), media_type=CSV, headers=headers)


@router.delete("/imports/{import_id}", status_code=204)
async def delete_import(import_id: ImportId, work: DoWork, who: Importer) -> None:
    """Delete an import with its lines and rejects; one that runs stops. What it wrote already stays."""
    await jobs.remove(work.session, import_id)


@router.get("/import-maps")
async def list_import_maps(node: ThisNode, who: Importer) -> list[ImportMap]:
    """List the column maps that this service knows, and what is wrong with one that does not hold."""
    return list(maps.listed(node))


def _view(row: ImportRow) -> Import:
    values = {name: getattr(row, name) for name in Import.model_fields if name != "map"}
    return Import(map=row.map_name, **values)
