"""Forks that the office meets: two signed words about one stream that cannot both be true (WIRE.md, section 6)."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update

from shared.domain.institutions import BROKER
from shared.exchange.history.tables import AuthorRow
from shared.exchange.stream.checkpoint import StreamCheckpoint, open_checkpoint, sign_checkpoint
from shared.exchange.stream.forks import keep_evidence
from shared.exchange.stream.heads import StreamFork, create_head, find_head, lock_head, mark_of
from shared.exchange.stream.tables import ReceiptRow, StreamRow
from shared.institution.node import Node
from shared.institution.tables import ClientMembersRow, ClientRow, ToldBeforeRow

EARLIER = 1_000_000
"""Generations under an earlier mailbox stand so far below those of the present one; none counts as high."""


async def keep_own(node: Node, answer: Mapping[str, Any]) -> None:
    """Keep the broker's word on the office's own stream beside the office's checkpoint."""
    await _keep(node, node.id, BROKER, answer)


async def keep_loss(node: Node, answer: Mapping[str, Any]) -> None:
    """Keep the broker's word that it holds less than it once signed for beside that receipt."""
    async with node.db.read() as session:
        head = await find_head(session, node.id, BROKER)
        last = ReceiptRow.position.desc()
        query = select(ReceiptRow.receipt).where(ReceiptRow.stream_id == head.id) if head else None
        receipt = await session.scalar(query.order_by(last).limit(1)) if query is not None else None
    if receipt is not None:
        await _keep(node, node.id, BROKER, answer, receipt)


async def adopt_mailbox(node: Node) -> bool:
    """Go on with a mailbox that the broker began anew, under its signature; return whether it did begin one.

    Members of clients are told anew from their first generation on, so what is known of them steps back behind that.
    """
    answer = await node.client.call("GET", f"/v1/streams/{BROKER}/{node.id}/head")
    directory = node.trust.directory
    async with node.db.write() as session:
        head = await lock_head(session, BROKER, node.id)
        if head is None or directory is None or answer["incarnation"] in (None, head.incarnation):
            return False
        signed = open_checkpoint(str(answer["word"]), BROKER, directory)
        if (signed.get("aud"), signed.get("incarnation")) != (node.id, answer["incarnation"]):
            raise StreamCheckpoint("The broker's word is not on this mailbox.")
        known = select(StreamRow.id).where(
            StreamRow.owner == BROKER, StreamRow.peer == node.id, StreamRow.incarnation == answer["incarnation"]
        )
        if await session.scalar(known) is not None:
            raise StreamFork("The broker went back to a mailbox that it had given up.")
        await create_head(session, BROKER, node.id, str(answer["incarnation"]), node.now)
        await session.execute(update(ClientMembersRow).values(generation=ClientMembersRow.generation - EARLIER))
        await session.execute(update(ClientRow).values(generation=0))
        await session.execute(delete(ToldBeforeRow))
        await session.execute(update(AuthorRow).values(baseline_generation=None))
    node.errors_told = 0
    return True


async def keep_mailbox(node: Node) -> None:
    """Keep the broker's present word on the mailbox beside the one it gave before: it signed both."""
    await _keep(node, BROKER, node.id, await node.client.call("GET", f"/v1/streams/{BROKER}/{node.id}/head"))


async def _keep(node: Node, owner: str, peer: str, answer: Mapping[str, Any], receipt: str | None = None) -> None:
    async with node.db.write() as session:
        head = await lock_head(session, owner, peer)
        if head is None or not isinstance(answer["word"], str):
            return
        own = head.peer_checkpoint if owner == BROKER else sign_checkpoint(node.key, mark_of(head))
        ours = receipt or own
        if ours is None:
            return
        position = int(answer["position"])
        new = await keep_evidence(
            session, head, position=position, ours=ours, theirs=answer["word"], ids=node.ids, at=node.now
        )
        if new:
            node.metrics.forks.labels(owner, peer).inc()
