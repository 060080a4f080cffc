"""Who has followed an erasure, told to its author alone (WIRE.md, section 4)."""

from typing import Annotated

from fastapi import Body
from pydantic import BaseModel, Field

from services.broker.operations import erasures
from services.broker.routes.asked import Asked
from services.broker.routes.deps import ReadDb
from services.broker.routes.proven import Member
from shared.exchange import jose
from shared.runtime.app import new_router

router = new_router("/v1/erasures", tags=["people"])

Hash = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]


class StandingQuery(Asked):
    """The hashes of ``set.erased`` that the caller signed."""

    words: Annotated[list[Hash], Field(min_length=1, max_length=100)]


class FollowedView(BaseModel):
    """Who got the word, the broker among them, and whether it has erased."""

    id: str
    erased: bool


class WordView(BaseModel):
    """One word and its holders; none while the broker has not read it."""

    hash: str
    holders: list[FollowedView]


class StandingView(BaseModel):
    """How far the caller's erasures are."""

    words: list[WordView]


@router.post("/standing")
async def read_erasure_standing(
    query: Annotated[StandingQuery, Body(examples=[{"words": ["n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"]}])],
    db: ReadDb,
    caller: Member,
) -> StandingView:
    """Say who got each of the caller's words of erasure, and who has followed it."""
    found = await erasures.standing(db, caller.institution, [jose.decode(word) for word in query.words])
    return StandingView(
        words=[
            WordView(
                hash=jose.encode(word),
                holders=[FollowedView(id=one.id, erased=one.erased) for one in holders],
            )
            for word, holders in found.items()
        ]
    )
