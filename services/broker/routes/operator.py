"""The operator's plane: how streams stand, what was not taken, what was matched and assessed. No person is named."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from services.broker.operations import overview
from services.broker.routes.deps import CanRead, ReadDb
from shared.exchange.stream.forks import ForkView, all_forks
from shared.runtime.app import new_router

router = new_router(tags=["operator"])


class StreamView(BaseModel):
    """One stream: how far it goes, how far its other end has it, since when the oldest entry waits."""

    owner: str
    peer: str
    position: int
    acknowledged: int
    lag: int
    oldest_waiting: datetime | None


class Lag(BaseModel):
    """What is on its way."""

    streams: list[StreamView]
    waiting_relays: int
    waiting_assessments: int


class Overview(BaseModel):
    """Counts over the whole federation."""

    institutions: int
    enrolments: int
    joint_clients: int
    contested: int
    suspected: int
    dead_letters: int
    not_shared: int
    assessments_made: int
    assessments_corrected: int
    cases_decided: int


@router.get("/lag")
async def read_lag(db: ReadDb, who: CanRead) -> Lag:
    """Show how far every stream is taken at its other end, and what still waits to be relayed or assessed."""
    streams = [StreamView(**vars(one)) for one in await overview.streams(db)]
    return Lag(streams=streams, **await overview.waiting(db))


@router.get("/forks")
async def list_forks(
    db: ReadDb,
    who: CanRead,
    after: Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[ForkView]:
    """List streams whose two ends signed different pasts, with both signed words, oldest first."""
    return list(await all_forks(db, after, limit))


@router.get("/overview")
async def read_overview(db: ReadDb, who: CanRead) -> Overview:
    """Count what the broker holds."""
    return Overview(**await overview.counts(db))
