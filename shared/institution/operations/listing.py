"""Lists of records: narrowed by filters, in one order on every database, page after page by what came last."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Select, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain import catalogue
from shared.domain.errors import Invalid
from shared.institution.kinds import RecordKind
from shared.institution.models.base import Day, Moment
from shared.institution.models.listing import ORDERS, ListQuery
from shared.institution.tables import RecordRow

_ID = re.compile(r"[0-9a-f-]{36}")
_READ: Mapping[str, TypeAdapter[Any]] = {
    "id": TypeAdapter(str),
    "updated_at": TypeAdapter(Moment),
    "from_": TypeAdapter(Day),
    "due": TypeAdapter(Day),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What is listed: its rows, the members that narrow it, and the one that names the record it belongs to."""

    row: type[RecordRow]
    filters: Sequence[str] = ()
    parent_id: str | None = None

    @classmethod
    def of(cls, kind: RecordKind) -> "Listed":
        """Return how records of a kind are listed."""
        return cls(row=kind.row, filters=kind.filters, parent_id=kind.parent_id)


class AfterOfAnotherList(Invalid):
    """`after` is no place in this list; take `next` of the page before, and keep its sort."""


async def page(
    session: AsyncSession, listed: Listed, wanted: ListQuery, client_id: str | None = None
) -> tuple[Sequence[RecordRow], str | None]:
    """Return a page of records, of one client or of all, and what ``after`` is for the next; ``None`` on the last.

    :raises AfterOfAnotherList: ``after`` was not made by this list in this order.
    """
    rows = list(await session.scalars(statement(listed, wanted, client_id)))
    more = len(rows) > wanted.limit
    return rows[: wanted.limit], place_of(rows[wanted.limit - 1], wanted.sort) if more else None


def statement(listed: Listed, wanted: ListQuery, client_id: str | None = None) -> Select[Any]:
    """Return what a page is read by: one row more than it holds, which says whether there is a next one.

    :raises AfterOfAnotherList: ``after`` was not made by this list in this order.
    """
    query = _narrowed(select(listed.row), listed, wanted)
    if client_id is not None:
        query = query.where(listed.row.client_id == client_id)
    return from_there_on(query, listed.row, wanted.sort, wanted.after).limit(wanted.limit + 1)


def _narrowed(query: Select[Any], listed: Listed, wanted: ListQuery) -> Select[Any]:
    row: Any = listed.row
    query = query.where(row.state != "voided" if wanted.state is None else row.state == wanted.state)
    for name in (*listed.filters, *((listed.parent_id,) if listed.parent_id else ())):
        value = getattr(wanted, name)
        query = query if value is None else query.where(getattr(row, name) == value)
    if (group := getattr(wanted, "group", None)) is not None:
        query = query.where(row.code.in_([form.code for form in catalogue.forms().values() if form.group == group]))
    if wanted.changed_since is not None:
        query = query.where(row.updated_at >= wanted.changed_since)
    if (day := getattr(wanted, "on", None)) is not None:
        query = query.where(row.from_ <= day, row.until.is_(None) | (row.until >= day))
    if (day := getattr(wanted, "due_before", None)) is not None:
        query = query.where(row.due < day)
    return query


def from_there_on(query: Select[Any], row: Any, sort: str, after: str) -> Select[Any]:
    """Return a query in an order, from behind where the page before ended.

    :raises AfterOfAnotherList: ``after`` was not made by this list in this order.
    """
    column, down = getattr(row, ORDERS[sort.lstrip("-")]), sort.startswith("-")
    keys = [row.id] if column is row.id else [column, row.id]
    if after:
        last = _last(after, sort)[-len(keys) :]
        here = tuple_(*(literal(value, key.type) for value, key in zip(last, keys, strict=True)))
        query = query.where(tuple_(*keys) < here if down else tuple_(*keys) > here)
    return query.order_by(*(key.desc() if down else key for key in keys))


def place_of(row: Any, sort: str) -> str:
    """Return where a page ends of which this is the last row."""
    value = getattr(row, ORDERS[sort.lstrip("-")])
    text = json.dumps([sort, value if isinstance(value, str) else value.isoformat(), row.id], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _last(after: str, sort: str) -> tuple[Any, str]:
    try:
        sorted_by, value, record_id = json.loads(urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        last = _READ[ORDERS[sort.lstrip("-")]].validate_python(value)
        in_place = sorted_by == sort and isinstance(record_id, str) and _ID.fullmatch(record_id) is not None
    except (ValueError, TypeError):  # no base64, no JSON, or JSON that is no list of three
        in_place = False
    if not in_place:
        raise AfterOfAnotherList(field="after", expected="`next` of the page before")
    return last, record_id
