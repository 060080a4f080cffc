"""The poll lane: what others told arrives in the office's mailbox; holes are asked for."""

from collections import defaultdict
from typing import Any

import structlog
from sqlalchemy import select, update

from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.client.broker import Refused
from shared.exchange.history.known import HOLES
from shared.exchange.history.tables import HoleRow
from shared.exchange.stream.dead_letters import errors_after
from shared.exchange.stream.heads import Head, StreamFork, create_head, find_head
from shared.institution.node import PUSH, Node
from shared.institution.operations.exchange import forks
from shared.institution.operations.exchange.receiving import receive
from shared.institution.operations.exchange.recovering import compare_once

WAIT_S = 25
MAX_ASKED = 500
_UNASKED = (
    select(HOLES.c.token, HOLES.c.iss, HOLES.c.n)
    .where(HOLES.c.asked.is_(False))
    .order_by(HOLES.c.token, HOLES.c.iss, HOLES.c.n)
    .limit(MAX_ASKED)
)


async def poll_once(node: Node, wait_s: int = WAIT_S) -> int:
    """Poll the mailbox and take what came; return how many entries were new. One begun anew is followed at once.

    :raises Refused: the broker refused the poll.
    :raises Unreachable: the broker did not answer, or its answer does not hold.
    """
    await compare_once(node)
    try:
        return await _poll(node, wait_s)
    except (Refused, StreamFork) as failure:
        if failure.problem != StreamFork.problem:
            raise
        if not await forks.adopt_mailbox(node):
            await forks.keep_mailbox(node)
            raise
    structlog.get_logger().warning("the broker began the mailbox anew; it is followed")
    return await _poll(node, wait_s)


async def _poll(node: Node, wait_s: int) -> int:
    head, errors, own = await _own_end(node)
    body = {
        "incarnation": head.incarnation,
        "after": head.position,
        "chain": jose.encode(head.chain),
        "max": 500,
        "wait_s": wait_s,
        "set_errors": errors,
        "own": {"incarnation": own.incarnation, "position": own.position} if own else None,
    }
    answer = await node.client.call("POST", f"/v1/streams/{node.id}/poll", body)
    taken = await receive(node, answer)
    node.errors_told = max([node.errors_told, *(int(error["position"]) for error in errors)])
    if taken:
        node.bells.ring(PUSH)
        await ask_for_holes(node)
    return taken


async def ask_for_holes(node: Node) -> int:
    """Ask the broker once for shared events that must exist and have not come; return for how many."""
    async with node.db.read() as session:
        holes = (await session.execute(_UNASKED)).all()
    wanted: dict[tuple[str, str], list[int]] = defaultdict(list)
    for hole in holes:
        wanted[hole.token, hole.iss].append(hole.n)
    for (token, iss), counts in wanted.items():
        try:
            await node.client.call("POST", "/v1/missing-sets", {"token": token, "iss": iss, "n": counts})
        except Refused as refused:
            if refused.problem != "not-found":
                raise
        async with node.db.write() as session:
            at = (HoleRow.token == token, HoleRow.iss == iss, HoleRow.n.in_(counts))
            await session.execute(update(HoleRow).where(*at).values(asked=True))
    return len(holes)


async def _own_end(node: Node) -> tuple[Head, list[dict[str, Any]], Head | None]:
    """Return the office's end of its mailbox, the errors to be told, and its own stream, all of one moment.

    It learns the incarnation of the mailbox the first time.
    """
    async with node.db.read() as session:
        head = await find_head(session, BROKER, node.id)
        own = await find_head(session, node.id, BROKER)
        if head is not None:
            return head, await errors_after(session, head, node.errors_told), own
    answer = await node.client.call("GET", f"/v1/streams/{BROKER}/{node.id}/head")
    if answer["incarnation"] is None:
        raise Refused(404, {"type": "urn:zwornik:problem:not-found", "retryable": True}, None)
    async with node.db.write() as session:
        head = await find_head(session, BROKER, node.id)
        if head is None:
            head = await create_head(session, BROKER, node.id, str(answer["incarnation"]), node.now)
    return head, [], own
