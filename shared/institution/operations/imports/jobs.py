"""Import jobs as rows: found, counted on, finished, deleted."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.institution.models.listing import PageQuery
from shared.institution.node import Node
from shared.institution.tables import ImportPageRow, ImportPartRow, ImportRow

MAX_UNFINISHED = 5
RECEIVED_WITHIN = timedelta(hours=6)
UNFINISHED = ("receiving", "waiting", "running")


class ImportsWaiting(Conflict):
    """Five imports wait already; wait until one is done, or delete one."""

    problem = "imports-waiting"


async def get(session: AsyncSession, import_id: str) -> ImportRow:
    """Return an import.

    :raises NotFound: there is none of that id, or its time is over.
    """
    row = await session.get(ImportRow, import_id)
    if row is None:
        raise NotFound("There is no import of that id, or it was deleted after its time.")
    return row


async def page(session: AsyncSession, wanted: PageQuery) -> tuple[Sequence[ImportRow], str | None]:
    """Return a page of imports, the newest first, and where the next one begins."""
    query = select(ImportRow).order_by(ImportRow.id.desc()).limit(wanted.limit + 1)
    rows = list(await session.scalars(query.where(ImportRow.id < wanted.after) if wanted.after else query))
    more = len(rows) > wanted.limit
    return rows[: wanted.limit], rows[wanted.limit - 1].id if more else None


async def same(session: AsyncSession, digest: bytes, map_name: str, *, dry_run: bool) -> ImportRow | None:
    """Return the unfinished import of the same file, if there is one."""
    query = select(ImportRow).where(
        ImportRow.digest == digest,
        ImportRow.map_name == map_name,
        ImportRow.dry_run.is_(dry_run),
        ImportRow.state.in_(("waiting", "running")),
    )
    return (await session.scalars(query.order_by(ImportRow.id).limit(1))).first()


async def require_room(session: AsyncSession) -> None:
    """Refuse one more import where enough wait.

    :raises ImportsWaiting: they do.
    """
    unfinished = select(func.count()).select_from(ImportRow).where(ImportRow.state.in_(UNFINISHED))
    if (await session.scalar(unfinished) or 0) >= MAX_UNFINISHED:
        raise ImportsWaiting(expected=f"fewer than {MAX_UNFINISHED} unfinished imports")


async def next_one(session: AsyncSession) -> ImportRow | None:
    """Return the oldest import that is to be worked on."""
    query = select(ImportRow).where(ImportRow.state.in_(("waiting", "running"))).order_by(ImportRow.id).limit(1)
    return (await session.scalars(query)).first()


async def move(session: AsyncSession, import_id: str, before: int, values: Mapping[str, Any]) -> bool:
    """Note progress if the import still stands where it stood; tell whether it did."""
    at = (ImportRow.id == import_id, ImportRow.done_line == before, ImportRow.state.in_(("waiting", "running")))
    moved = await session.execute(update(ImportRow).where(*at).values(**values))
    return bool(moved.rowcount)  # type: ignore[attr-defined]


async def finish(session: AsyncSession, import_id: str, values: Mapping[str, Any]) -> None:
    """Finish an import; the file goes, what became of its lines stays for some days."""
    await session.execute(update(ImportRow).where(ImportRow.id == import_id).values(**values))
    await session.execute(delete(ImportPartRow).where(ImportPartRow.import_id == import_id))


async def remove(session: AsyncSession, import_id: str) -> None:
    """Delete an import with its file and its lines; one that runs stops before its next lines.

    :raises NotFound: there is none of that id.
    """
    await get(session, import_id)
    await _remove(session, [import_id])


async def remove_old(session: AsyncSession, node: Node) -> int:
    """Delete imports whose time is over, and files that never came in whole; return how many."""
    kept = timedelta(days=node.settings.import_keep_days)
    old = select(ImportRow.id).where(
        (ImportRow.finished_at < node.now - kept)
        | ((ImportRow.state == "receiving") & (ImportRow.updated_at < node.now - RECEIVED_WITHIN))
    )
    ids = list(await session.scalars(old.limit(100)))
    await _remove(session, ids)
    return len(ids)


async def _remove(session: AsyncSession, ids: Sequence[str]) -> None:
    for row in (ImportPartRow, ImportPageRow):
        await session.execute(delete(row).where(row.import_id.in_(ids)))
    await session.execute(delete(ImportRow).where(ImportRow.id.in_(ids)))
