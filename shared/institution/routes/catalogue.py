"""The catalogue of forms of support over the local API: what there is, who gives it, what becomes of it."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field

from shared.domain.catalogue import Form
from shared.domain.institutions import KINDS
from shared.institution.models.base import Day, View
from shared.institution.operations import catalogue
from shared.institution.routes.deps import ClientReader
from shared.runtime.app import new_router

router = new_router("/v1/catalogue", tags=["catalogue"])

FormCode = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{1,20}$", examples=["PUP-STA"])]
GivenBy = Annotated[
    str | None,
    Query(pattern=f"^({'|'.join(KINDS)})$", description="Forms that such an institution gives.", examples=["ops"]),
]
InForce = Annotated[Day | None, Query(description="Forms whose code is in force on this day.", examples=["2026-03-01"])]
Group = Annotated[str | None, Query(max_length=40, description="Group of instruments.", examples=["vocational"])]
Sphere = Annotated[str | None, Query(max_length=40, description="Sphere of social policy.", examples=["housing"])]
Step = Annotated[str | None, Query(max_length=40, description="Step of the activation ladder.", examples=["training"])]


class CatalogueForm(View):
    """A row of the catalogue; ``verified`` says whether a source names it, ``owners`` who gives it.

    ``unit_fields`` is what is recorded of one. ``effect`` is what becomes of it on taking a job, ``kept_months`` for
    how long it is kept; ``discloses`` how it may leave the office; two offices that give the same ``duplicate_class``
    at once are worth an alert.
    """

    code: str
    name_pl: str
    name_en: str
    owners: list[str]
    group: str
    sphere: str
    instrument_type: str
    step: str
    unit_fields: str
    valid_from: date | None
    valid_to: date | None
    effect: str
    kept_months: int | None
    duplicate_class: str
    discloses: str
    verified: bool
    paid_to: str | None = Field(description="Of a monthly benefit: household or person.")
    paid_to_verified: bool


@router.get("/forms")
async def read_catalogue(
    who: ClientReader,
    given_by: GivenBy = None,
    in_force: InForce = None,
    group: Group = None,
    sphere: Sphere = None,
    step: Step = None,
) -> list[CatalogueForm]:
    """Return the catalogue of forms of support (*katalog form wsparcia*), or those rows of it that are asked for."""
    words = {"group": group, "sphere": sphere, "step": step}
    return [_view(form) for form in catalogue.matching(given_by=given_by, in_force=in_force, words=words)]


@router.get("/forms/{code}")
async def read_catalogue_form(code: FormCode, who: ClientReader) -> CatalogueForm:
    """Return one form of support by its code."""
    return _view(catalogue.read(code))


def _view(form: Form) -> CatalogueForm:
    values = {name: getattr(form, name) for name in CatalogueForm.model_fields}
    return CatalogueForm(**values | {"owners": sorted(form.owners)})
