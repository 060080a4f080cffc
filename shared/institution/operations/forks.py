"""Forks that the office meets: two signed words about one stream that cannot both be true (WIRE.md, section 6)."""

from collections.abc import Mapping
from typing import Any

from shared.domain.institutions import BROKER
from shared.exchange.stream.checkpoint import sign_checkpoint
from shared.exchange.stream.forks import keep_evidence
from shared.exchange.stream.heads import lock_head, mark_of
from shared.institution.node import Node


async def keep_own(node: Node, answer: Mapping[str, Any]) -> None:
    """Keep the broker's word on the office's own stream beside the office's checkpoint."""
    await _keep(node, node.id, BROKER, answer)


async def keep_mailbox(node: Node) -> None:
    """Keep the broker's present word on the mailbox beside the one it gave before: it signed both."""
    await _keep(node, BROKER, node.id, await node.client.call("GET", f"/v1/streams/{BROKER}/{node.id}/head"))


async def _keep(node: Node, owner: str, peer: str, answer: Mapping[str, Any]) -> None:
    async with node.db.write() as session:
        head = await lock_head(session, owner, peer)
        if head is None or not isinstance(answer["word"], str):
            return
        ours = head.peer_checkpoint if owner == BROKER else sign_checkpoint(node.key, mark_of(head))
        if ours is None:
            return
        position = int(answer["position"])
        new = await keep_evidence(
            session, head, position=position, ours=ours, theirs=answer["word"], ids=node.ids, at=node.now
        )
        if new:
            node.metrics.forks.labels(owner, peer).inc()
