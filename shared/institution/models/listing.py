"""How lists of records are asked for: filters, an order, and where the next page begins."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field, create_model

from shared.domain import catalogue
from shared.institution.models.base import Day, LocalModel, Moment, OurId, QueryModel, one_of
from shared.institution.tables import RecordRow

ORDERS = {"id": "id", "changed": "updated_at", "from": "from_", "due": "due"}
"""The orders of lists, and the column of each; a kind has those whose column its row has."""

_State = Annotated[str, Field(pattern="^(open|closed|voided)$")]
_ON = (Day | None, Field(default=None, description="In force on this day.", examples=["2026-10-01"]))
_GROUPS = sorted({form.group for form in catalogue.forms().values()})
_GROUP = (
    Annotated[str, one_of(_GROUPS)] | None,
    Field(default=None, description="Only with a code of this group of the catalogue.", examples=["educational"]),
)
CHANGED_SINCE = Field(default=None, description="Changed at this moment or later.", examples=["2026-10-01T08:00:00Z"])
_DUE_BEFORE = (Day | None, Field(default=None, description="Due before this day.", examples=["2026-10-01"]))


class PageQuery(QueryModel):
    """What every list can be asked for: where the page begins, and how long it is."""

    after: str = Field(
        default="",
        pattern="^[A-Za-z0-9_-]{0,200}$",
        description="`next` of the page before, as it came; filters and sort stay the same.",
    )
    limit: int = Field(default=100, ge=1, le=500)


class ListQuery(PageQuery):
    """What every list of records can be asked for; a kind adds filters of its own."""

    state: _State | None = Field(default=None, description="open, closed or voided; all but voided, unless stated.")
    changed_since: Moment | None = CHANGED_SINCE
    sort: str = "id"


def list_query(
    name: str, row: type[RecordRow], create: type[LocalModel], filters: Sequence[str], parent_id: str | None
) -> type[ListQuery]:
    """Return the query of the lists of a kind: no filter and no order that its rows lack."""
    orders = [order for order, column in ORDERS.items() if hasattr(row, column)]
    order = Field(pattern=f"^-?({'|'.join(orders)})$", description=f"One of {', '.join(orders)}; -: the other way.")
    members: dict[str, Any] = {"sort": (Annotated[str, order], "id")}
    if hasattr(row, "until"):
        members["on"] = _ON
    if hasattr(row, "due"):
        members["due_before"] = _DUE_BEFORE
    for one in filters:
        checked: Any = create.model_fields[one].rebuild_annotation()
        members[one] = (checked | None, Field(default=None, description=f"Only with this {one}."))
    if "code" in filters:
        members["group"] = _GROUP
    if parent_id:
        members[parent_id] = (OurId | None, Field(default=None, description="Only of this record."))
    return create_model(f"List_{name}", __base__=ListQuery, __doc__=ListQuery.__doc__, **members)
