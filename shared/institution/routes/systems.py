"""For the office's own systems: records by the names those systems give them, and what is new."""

from typing import Annotated, Any

from fastapi import Body, Path, Query, Response
from pydantic import Field

from shared.domain import catalogue
from shared.institution.models.base import View
from shared.institution.models.bulk import Change, Changes
from shared.institution.operations import clients, employments, external, feed
from shared.institution.routes.deps import ClientReader, ClientWriter, DoWork, ReadDb, SupportWriter, tag
from shared.institution.tables import ClientRow, EmploymentRow, RecordRow
from shared.runtime.app import new_router

router = new_router(tags=["systems"])

System = Annotated[str, Path(max_length=40, examples=["syriusz"])]
KindPath = Annotated[str, Path(pattern=r"^[a-z-]{1,30}$", examples=["support-forms"])]
ExternalId = Annotated[str, Path(max_length=100, examples=["FW-2026-000123"])]
_FORM = {"client_id": "0198c6a0-0000-7000-8000-000000000000", "code": "PUP-STA", "from": "2026-03-02"}


class CatalogueForm(View):
    """A row of the catalogue of forms of support; ``verified`` says whether a source names it."""

    code: str
    name_pl: str
    name_en: str
    owners: list[str]
    group: str
    sphere: str
    instrument_type: str
    step: str
    valid_from: str | None
    valid_to: str | None
    effect: str
    kept_months: int | None
    duplicate_class: str
    discloses: str
    verified: bool
    paid_to: str | None = Field(description="Of a monthly benefit: household or person.")
    paid_to_verified: bool


@router.put("/by-external-id/{system}/{kind}/{external_id}")
async def put_by_external_id(
    system: System,
    kind: KindPath,
    external_id: ExternalId,
    body: Annotated[dict[str, Any], Body(examples=[_FORM])],
    work: DoWork,
    writer: ClientWriter,
    who: SupportWriter,
    response: Response,
) -> dict[str, Any]:
    """Make or replace a client or a record under the name that another system has for it; repeat it at will.

    ``kind`` is ``clients`` or the part of the URL of a kind of record; a record names its ``client_id``.
    """
    row, new = await external.put(work, system, kind, external_id, body)
    response.status_code = 201 if new else 200
    tag(response, row.version)
    return await _view(row, work, kind)


@router.get("/by-external-id/{system}/{kind}/{external_id}")
async def find_by_external_id(
    system: System, kind: KindPath, external_id: ExternalId, db: ReadDb, who: ClientReader
) -> dict[str, str]:
    """Return the id of the record that another system knows by this name."""
    return {"id": await external.find(db, system, kind, external_id)}


@router.get("/changes")
async def read_changes(
    db: ReadDb,
    who: ClientReader,
    after: Annotated[int, Query(ge=0, le=1 << 53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> Changes:
    """Return what changed after a number, by id alone: own records, and what other offices told."""
    rows = await feed.changes_after(db, after, limit)
    items = [Change.model_validate(row) for row in rows]
    return Changes(items=items, next=items[-1].number if items else after, more=len(items) == limit)


@router.get("/catalogue/forms")
async def read_catalogue(who: ClientReader) -> list[CatalogueForm]:
    """Return the catalogue of forms of support (*katalog form wsparcia*)."""
    return [_catalogue_form(form) for form in catalogue.forms().values()]


def _catalogue_form(form: catalogue.Form) -> CatalogueForm:
    values = {name: getattr(form, name) for name in CatalogueForm.model_fields}
    dates = {name: values[name].isoformat() if values[name] else None for name in ("valid_from", "valid_to")}
    return CatalogueForm(**values | dates | {"owners": sorted(form.owners)})


async def _view(row: ClientRow | RecordRow, work: DoWork, kind: str) -> dict[str, Any]:
    if isinstance(row, ClientRow):
        return clients.view_of(row, work.node)
    if isinstance(row, EmploymentRow):
        return (await employments.view(work.session, row)).model_dump()
    view = external.kind_of(work.node.institution.kinds, kind).view
    return view.model_validate(row).model_dump(by_alias=True)
