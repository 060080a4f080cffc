"""Match keys over HTTP, for the operator: which is in force, which follows and when, and who has still to tell."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.broker.node import Broker
from services.broker.operations import directory, match_keys
from services.broker.routes.deps import CanApprove, CanRead, Node
from shared.runtime.app import new_router

router = new_router(tags=["match keys"])

_EXAMPLE = {
    "fingerprint": "0f3b5c7d9e1a2b4c",
    "epoch": 2,
    "moves_at": "2027-03-01T06:00:00+01:00",
    "ends_at": "2027-03-15T06:00:00+01:00",
}


class Announced(BaseModel):
    """The match key that follows, by the fingerprint and the epoch that the custodian printed.

    From ``moves_at`` on people go by its tokens; at ``ends_at`` the key before it ends and its tokens are deleted.
    """

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$", examples=["0f3b5c7d9e1a2b4c"])]
    epoch: Annotated[int, Field(ge=2, le=999_999, examples=[2])]
    moves_at: AwareDatetime
    ends_at: AwareDatetime
    model_config = ConfigDict(extra="forbid")


class InForce(BaseModel):
    """The match key in force; the epoch of a federation's first key is not known at the broker."""

    fingerprint: str | None
    epoch: int | None


class OfficeTold(BaseModel):
    """How far an office has told its clients by the key that follows.

    ``shared``: clients still to be told whom it shares with another office, or would if it did not wait for one; the
    old key does not end while no office has told of one of them.
    """

    id: str
    enrolled: int
    told: int
    shared: int


class MatchKeysView(BaseModel):
    """The match key in force, the one that follows, and how far each office is."""

    in_force: InForce
    following: Announced | None
    offices: list[OfficeTold]


@router.get("/match-keys")
async def read_match_keys(broker: Node, who: CanRead) -> MatchKeysView:
    """Show which match key is in force, which follows and when, and which office has clients still to tell by it."""
    return await _view(broker)


@router.post("/match-keys")
async def announce_match_key(
    body: Annotated[Announced, Body(examples=[_EXAMPLE])], broker: Node, who: CanApprove
) -> MatchKeysView:
    """Announce the match key that follows, or other days for it; each office learns it by the directory."""
    async with broker.db.write() as session:
        await match_keys.announce(session, broker, match_keys.Announcement(**body.model_dump()))
    await directory.reload(broker)
    return await _view(broker)


async def _view(broker: Broker) -> MatchKeysView:
    async with broker.db.read() as session:
        keys = await directory.match_keys(session)
        offices = await match_keys.standing(session) if keys.next else ()
    following = keys.next and Announced(
        fingerprint=keys.next.fingerprint,
        epoch=keys.next.epoch,
        moves_at=datetime.fromtimestamp(keys.next.moves_at, UTC),
        ends_at=datetime.fromtimestamp(keys.next.ends_at, UTC),
    )
    return MatchKeysView(
        in_force=InForce(fingerprint=keys.fingerprint, epoch=keys.epoch),
        following=following,
        offices=[OfficeTold(id=one.id, enrolled=one.enrolled, told=one.told, shared=one.shared) for one in offices],
    )
