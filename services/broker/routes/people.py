"""One person over the wire: the merged view, and SETs that a member misses (WIRE.md, sections 3 and 4)."""

from typing import Annotated, Any

from fastapi import Body
from pydantic import BaseModel, Field

from services.broker.operations.merged import merged_view
from services.broker.operations.missing import MAX_MISSING, mail_again
from services.broker.operations.quotas import count_read
from services.broker.routes.asked import Asked
from services.broker.routes.deps import Node
from services.broker.routes.proven import Member, Reader
from shared.runtime.app import new_router

router = new_router(tags=["people"])

Token = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}\.[A-Za-z0-9_-]{43}$")]
_TOKEN = "1.Kqbt0Hn8T2fZ2m0fA6oQm3r5yV1sWc4dEJk9LxuPq7Y"  # noqa: S105  # an example


class MergedViewQuery(Asked):
    """Whose history is asked for."""

    token: Token


class MissingQuery(Asked):
    """Which shared events of an author about a person are missing."""

    token: Token
    iss: Annotated[str, Field(max_length=32)]
    n: Annotated[list[Annotated[int, Field(ge=1, le=1 << 53)]], Field(min_length=1, max_length=MAX_MISSING)]


class MissingAnswer(BaseModel):
    """Which counts come again by mail, which were refused (the mail says so), which the broker never had."""

    mailed: list[int]
    refused: list[int]
    unknown: list[int]


@router.post("/merged-views")
async def read_merged_view(
    query: Annotated[MergedViewQuery, Body(examples=[{"token": _TOKEN}])], broker: Node, caller: Reader
) -> dict[str, Any]:
    """Return what all present members told about a person whom the caller shares."""
    await count_read(broker, caller.institution)
    async with broker.db.read() as db:
        return await merged_view(db, broker.directory.match_keys, query.token, caller.institution)


@router.post("/missing-sets")
async def ask_for_missing(
    query: Annotated[MissingQuery, Body(examples=[{"token": _TOKEN, "iss": "pup-2478", "n": [4, 5]}])],
    broker: Node,
    caller: Member,
) -> MissingAnswer:
    """Mail the caller again what an author shared and the caller misses."""
    await count_read(broker, caller.institution)
    answer = await mail_again(broker, caller.institution, caller.jti, query.token, query.iss, query.n)
    return MissingAnswer(mailed=list(answer.mailed), refused=list(answer.refused), unknown=list(answer.unknown))
