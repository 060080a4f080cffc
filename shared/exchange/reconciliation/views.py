"""Runs of reconciliation as they are shown, at the broker and at an institution."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import NotFound
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.reconciliation.tables import ReconciliationRow
from shared.exchange.stream.tables import SetRow


class RunView(BaseModel):
    """A run; ``figures`` are those of its statement: missing, altered, restated, unmended, positions and chains."""

    id: str
    institution: str
    state: str
    figures: Mapping[str, Any]
    started_at: datetime
    closed_at: datetime | None


class StatedRun(RunView):
    """A run with the SETs of its request, its answer and its statement, as they were signed."""

    request: str | None
    answer: str | None
    statement: str | None


async def some_runs(session: AsyncSession, after: str, limit: int, state: str | None = None) -> list[RunView]:
    """Return runs in the order of their ids."""
    query = select(ReconciliationRow).where(ReconciliationRow.id > after).order_by(ReconciliationRow.id).limit(limit)
    if state is not None:
        query = query.where(ReconciliationRow.state == state)
    return [RunView(**_shown(row)) for row in await session.scalars(query)]


async def one_run(session: AsyncSession, run_id: str) -> StatedRun:
    """Return a run with what was signed in it.

    :raises NotFound: there is none of that id.
    """
    row = await session.get(ReconciliationRow, run_id)
    if row is None:
        raise NotFound()
    names = ("request", "answer", "statement")
    hashes = {name: jose.decode(digest) for name in names if (digest := getattr(row, name))}
    at = (SetRow.iss.in_((BROKER, row.institution)), SetRow.hash.in_(hashes.values()))
    found = await session.execute(select(SetRow.hash, SetRow.text).where(*at))
    texts = {one.hash: one.text for one in found}
    return StatedRun(**_shown(row), **{name: texts.get(hashes.get(name, b"")) for name in names})


def _shown(row: ReconciliationRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in RunView.model_fields}
