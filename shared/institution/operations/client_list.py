"""The list of the office's clients: narrowed by filters, in one order, page after page by what came last."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, and_, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.institutions import KINDS, kind_of
from shared.institution.models.queries import ClientQuery
from shared.institution.node import Node
from shared.institution.operations import offices
from shared.institution.operations.listing import from_there_on, place_of
from shared.institution.tables import ClientRow


async def page(session: AsyncSession, node: Node, wanted: ClientQuery) -> tuple[Sequence[ClientRow], str | None]:
    """Return a page of clients, and what ``after`` is for the next; ``None`` on the last.

    :raises AfterOfAnotherList: ``after`` was not made by this list in this order.
    """
    query = from_there_on(select(ClientRow).where(*_wanted(node, wanted)), ClientRow, wanted.sort, wanted.after)
    rows = list(await session.scalars(query.limit(wanted.limit + 1)))
    more = len(rows) > wanted.limit
    return rows[: wanted.limit], place_of(rows[wanted.limit - 1], wanted.sort) if more else None


def _wanted(node: Node, wanted: ClientQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(ClientRow.state == wanted.state)
    if wanted.basis is not None:
        found.append(ClientRow.basis == wanted.basis)
    if wanted.joint is not None:
        found.append(is_joint(node.id) if wanted.joint else ~is_joint(node.id))
    if wanted.restricted is not None:
        free = ClientRow.restricted_on.is_(None)
        found.append(~free if wanted.restricted else free)
    if wanted.changed_since is not None:
        found.append(ClientRow.updated_at >= wanted.changed_since)
    if wanted.worker is not None:
        found.append(offices.looked_after_by(wanted.worker, wanted.on or node.now.date()))
    return found


def is_joint(own: str) -> ColumnElement[bool]:
    """Return what ``clients.is_joint`` says, for the database: the members are a list of ids as canonical JSON."""
    members = type_coerce(ClientRow.members, String)
    others = ["pup"] if kind_of(own) != "pup" else [kind for kind in KINDS if kind != "pup"]
    there = or_(*(members.contains(f'"{kind}-', autoescape=True) for kind in others))
    return and_(ClientRow.state == "active", members.contains(f'"{own}"', autoescape=True), there)
