"""Streams over HTTP: push, poll, heads, entries (WIRE.md, section 6)."""

from typing import Annotated, Any

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from services.broker.operations import intake, mailbox
from services.broker.routes.asked import Asked
from services.broker.routes.deps import Node, ReadDb
from services.broker.routes.proven import Member
from shared.domain.errors import Forbidden, Invalid, NotFound
from shared.domain.institutions import BROKER
from shared.domain.strict_json import strict_json
from shared.exchange import jose
from shared.exchange.stream.checkpoint import sign_checkpoint, sign_receipt
from shared.exchange.stream.deliver import MAX_SETS, Outgoing, entries_at
from shared.exchange.stream.heads import Head, find_head, find_incarnation, incarnation_before, mark_at
from shared.exchange.stream.receive import Delivery, Item
from shared.runtime.app import new_router
from shared.runtime.problems.handlers import invalid

router = new_router(tags=["streams"])

InstitutionId = Annotated[str, Path(pattern=r"^[a-z]{3,6}(-[0-9]{4,10})?$", examples=["pup-2478"])]
Incarnation = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Hash = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]
"""The last of 43 characters has two bits left over, which are zero in the one spelling that is taken."""


class BatchTooLarge(Invalid):
    """One push holds at most 500 SETs."""

    problem = "batch-too-large"


class Push(Asked):
    """Entries of the caller's own stream, from a position on; empty ``sets`` is a heartbeat."""

    incarnation: Incarnation
    from_: Annotated[int, Field(alias="from", ge=1, le=1 << 53)]
    sets: Annotated[list[Any], Field(max_length=10_000)]
    checkpoint: Annotated[str, Field(max_length=4096)]
    errors_seen: Annotated[int, Field(ge=0, le=1 << 53)] = 0


class SetError(Asked):
    """An entry that the receiver did not take, and why."""

    position: Annotated[int, Field(ge=1, le=1 << 53)]
    problem: Annotated[str, Field(pattern=r"^[a-z-]{1,40}$")]


class Pushed(BaseModel):
    """How far the stream goes now, with the broker's receipt."""

    position: int
    receipt: str
    set_errors: list[SetError]


class OwnEnd(Asked):
    """How far the caller has signed its own stream."""

    incarnation: Incarnation
    position: Annotated[int, Field(ge=0, le=1 << 53)]


class Poll(Asked):
    """A question for what comes after a position, which it acknowledges.

    ``own``: the caller's own stream when it asks; what it signed by then is excused if a parting that it acknowledges
    here crossed it.
    """

    incarnation: Incarnation
    after: Annotated[int, Field(ge=0, le=1 << 53)]
    chain: Hash
    max: Annotated[int, Field(ge=1, le=MAX_SETS)] = MAX_SETS
    wait_s: Annotated[int, Field(ge=0, le=25)] = 0
    set_errors: Annotated[list[SetError], Field(max_length=MAX_SETS, default_factory=list)]
    own: OwnEnd | None = None


class Positions(Asked):
    """Positions that are asked for again, of the present incarnation or of one that was given up."""

    positions: Annotated[
        list[Annotated[int, Field(ge=1, le=1 << 53)]],
        Field(min_length=1, max_length=MAX_SETS, examples=[[1041, 1042]]),
    ]
    incarnation: Incarnation | None = None


_PUSH, _POLL = TypeAdapter(Push), TypeAdapter(Poll)


def _body(model: type[BaseModel], *examples: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": model.model_json_schema(), "examples": _named(examples)}}
    return {"requestBody": {"required": True, "content": content}}


def _named(examples: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {f"example {number}": {"value": value} for number, value in enumerate(examples, 1)}


_PUSH_EXAMPLE = {"incarnation": "5f" * 16, "from": 1041, "sets": ["eyJ…"], "checkpoint": "eyJ…", "errors_seen": 0}
_POLL_EXAMPLE = {
    "incarnation": "5f" * 16,
    "after": 120,
    "chain": "x" * 42 + "w",
    "max": 500,
    "wait_s": 25,
    "set_errors": [],
    "own": {"incarnation": "5f" * 16, "position": 1041},
}


@router.post("/streams/{owner}/sets", openapi_extra=_body(Push, _PUSH_EXAMPLE))
async def push_sets(owner: InstitutionId, request: Request, broker: Node, caller: Member) -> Pushed:
    """Take SETs of the caller's own stream."""
    if owner != caller.institution:
        raise Forbidden("A member pushes its own stream alone.", expected=caller.institution, received=owner)
    push = _parsed(_PUSH, await request.body())
    if len(push.sets) > MAX_SETS:
        raise BatchTooLarge(expected=MAX_SETS, received=len(push.sets))
    delivery = Delivery(
        incarnation=push.incarnation,
        first=push.from_,
        items=[Item.of(one) for one in push.sets],
        checkpoint=push.checkpoint,
    )
    accepted = await intake.push(broker, owner, delivery, push.errors_seen)
    errors = [SetError(**error) for error in accepted.set_errors]
    return Pushed(position=accepted.position, receipt=accepted.receipt, set_errors=errors)


@router.post("/streams/{peer}/poll", openapi_extra=_body(Poll, _POLL_EXAMPLE))
async def poll_mailbox(peer: InstitutionId, request: Request, broker: Node, caller: Member) -> dict[str, Any]:
    """Give the caller what its mailbox holds after a position; wait up to 25 s if there is nothing."""
    if peer != caller.institution:
        raise Forbidden("A member polls its own mailbox alone.", expected=caller.institution, received=peer)
    body = _parsed(_POLL, await request.body())
    ask = mailbox.Poll(
        peer=peer,
        incarnation=body.incarnation,
        after=body.after,
        chain=jose.decode(body.chain),
        limit=body.max,
        wait_s=body.wait_s,
        set_errors=[error.model_dump() for error in body.set_errors],
        proof=caller.proof,
        own=(body.own.incarnation, body.own.position) if body.own else None,
    )
    batch, checkpoint = await mailbox.poll(broker, ask, request.is_disconnected)
    sets = [_told(entry) for entry in batch.entries]
    return {
        "incarnation": body.incarnation,
        "from": batch.first,
        "sets": sets,
        "more": batch.more,
        "checkpoint": checkpoint,
    }


@router.get("/streams/{owner}/{peer}/head")
async def stream_head(
    owner: InstitutionId,
    peer: InstitutionId,
    db: ReadDb,
    broker: Node,
    caller: Member,
    at: Annotated[int | None, Query(ge=0, le=1 << 53, description="A position; the head where missing.")] = None,
    incarnation: Annotated[
        Incarnation | None, Query(description="One that was given up; else the present one.")
    ] = None,
) -> dict[str, Any]:
    """Say how far a stream goes at the broker, and its chain there or at a position: the two ends compare.

    ``word`` is the broker's own signed word on it, ``before`` the incarnation that was given up for this one.
    """
    require_end(owner, peer, caller.institution)
    head = await _incarnation(db, owner, peer, incarnation)
    if head is None:
        nothing = dict.fromkeys(("incarnation", "chain", "word", "before"))
        return {"owner": owner, "peer": peer, "position": 0, **nothing}
    mark = await mark_at(db, head, head.position if at is None else min(at, head.position))
    word = sign_checkpoint if owner == BROKER else sign_receipt
    return {
        "owner": owner,
        "peer": peer,
        "incarnation": mark.incarnation,
        "position": mark.position,
        "chain": jose.encode(mark.chain),
        "word": word(broker.key, mark),
        "before": await incarnation_before(db, head),
    }


@router.post("/streams/{owner}/{peer}/entries")
async def stream_entries(
    owner: InstitutionId, peer: InstitutionId, asked: Positions, db: ReadDb, broker: Node, caller: Member
) -> dict[str, Any]:
    """Give back entries of a stream by position: to an office that was restored, or that found damage."""
    require_end(owner, peer, caller.institution)
    head = await _incarnation(db, owner, peer, asked.incarnation)
    if head is None:
        raise NotFound()
    held = await entries_at(db, head, asked.positions)
    return {
        "incarnation": head.incarnation,
        "entries": [{"position": position} | _told(entry) for position, entry in held.items()],
    }


async def _incarnation(db: ReadDb, owner: str, peer: str, incarnation: str | None) -> Head | None:
    """Return a stream in the incarnation that is asked for.

    :raises NotFound: it never had such a one.
    """
    if incarnation is None:
        return await find_head(db, owner, peer)
    head = await find_incarnation(db, owner, peer, incarnation)
    if head is None:
        raise NotFound()
    return head


def require_end(owner: str, peer: str, caller: str) -> None:
    """Refuse whoever is neither owner nor peer of a stream.

    :raises NotFound: the caller is not at its end.
    """
    if {owner, peer} != {BROKER, caller}:
        raise NotFound()


def _told(entry: Outgoing) -> dict[str, Any]:
    return {"set": entry.to_json(), "received_at": entry.stored_at.isoformat() if entry.stored_at else None}


def _parsed(adapter: TypeAdapter[Any], body: bytes) -> Any:
    try:
        return adapter.validate_python(strict_json(body))
    except ValidationError as failure:
        raise invalid(failure) from None
