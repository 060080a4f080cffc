"""Bulk calls and lists over the local API."""

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, Field, WithJsonSchema, create_model

from shared.institution.models.base import LocalModel, View

T = TypeVar("T")


class Bulk(LocalModel):
    """Up to 500 items; each is taken or refused by itself."""

    items: Annotated[list[Any], Field(min_length=1, max_length=5000)]


def bulk_of(model: type[LocalModel]) -> type[Bulk]:
    """Return the body of a bulk call of one kind of item; items are documented here and checked one by one later."""
    schema = model.model_json_schema()
    example: dict[str, Any] = next(iter(schema.get("examples", [])), {})
    items = {"type": "array", "items": schema, "minItems": 1, "maxItems": 500, "examples": [[example]]}
    field = Annotated[list[Any], Field(min_length=1, max_length=5000), WithJsonSchema(items)]
    return create_model(f"Bulk{model.__name__}", __base__=Bulk, __doc__=Bulk.__doc__, items=(field, ...))


class BulkItem(BaseModel):
    """What became of one item: the id it got, or its problem."""

    index: int
    status: int
    id: str | None = None
    problem: dict[str, Any] | None = None


class BulkAnswer(BaseModel):
    """What became of each item, in their order."""

    taken: int
    items: list[BulkItem]


class Page(BaseModel, Generic[T]):
    """A page of a list; ``next`` goes into ``after`` for the page that follows."""

    items: list[T]
    next: str | None = None


class Change(View):
    """One line of the change feed."""

    number: int
    kind: str
    record_id: str
    client_id: str | None
    change: str
    at: datetime


class Changes(BaseModel):
    """What changed after a number; ask again with ``after`` = ``next``."""

    items: list[Change]
    next: int
    more: bool
