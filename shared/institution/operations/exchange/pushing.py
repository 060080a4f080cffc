"""The push lane: what the office wrote goes to the broker in order; one push is in flight at a time."""

from dataclasses import dataclass
from typing import Any

from shared.domain.institutions import BROKER
from shared.exchange.client.broker import Refused, Unreachable
from shared.exchange.stream import letters
from shared.exchange.stream.checkpoint import RECEIPT_TYPE, StreamCheckpoint, check_checkpoint, sign_checkpoint
from shared.exchange.stream.dead_letters import last_error_seen, note_errors
from shared.exchange.stream.deliver import Batch, batch_after
from shared.exchange.stream.heads import Head, find_head, lock_head, mark_at
from shared.exchange.stream.tables import ReceiptRow
from shared.institution.node import Node
from shared.institution.operations.exchange.recovering import compare_heads, last_receipt
from shared.runtime.database.bulk import insert_many, table_of


@dataclass(frozen=True, slots=True)
class _Load:
    """What one push carries."""

    head: Head
    batch: Batch
    errors_seen: int
    receipted: int

    @property
    def says_nothing(self) -> bool:
        """Tell whether there is nothing to send and no receipt outstanding."""
        return not self.batch.entries and self.receipted >= self.head.position


async def push_once(node: Node) -> bool:
    """Push what the broker does not have; return whether more waits.

    Where the broker has all and the answer that said so was lost, an empty push fetches the receipt.

    :raises Refused: the broker refused the push.
    :raises Unreachable: the broker did not answer.
    """
    if node.peer_position is None:
        node.peer_position = await compare_heads(node)
    load = await _load(node, node.peer_position)
    if load.says_nothing:
        return False
    body = {
        "incarnation": load.head.incarnation,
        "from": load.batch.first,
        "sets": [entry.to_json() for entry in load.batch.entries],
        "checkpoint": sign_checkpoint(node.key, load.batch.mark),
        "errors_seen": load.errors_seen,
    }
    try:
        answer = await node.client.call("POST", f"/v1/streams/{node.id}/sets", body)
    except Refused as refused:
        if refused.problem != "stream-gap" or type(refused.expected) is not int:
            raise
        node.peer_position = refused.expected - 1
        return True
    await _note(node, load, answer)
    node.peer_position = int(answer["position"])
    return load.batch.more


async def _load(node: Node, after: int) -> _Load:
    async with node.db.read() as session:
        head = await find_head(session, node.id, BROKER)
        if head is None:
            raise LookupError("The node was not started: its stream does not exist yet.")
        batch = await batch_after(session, head, min(after, head.position))
        return _Load(head, batch, await last_error_seen(session, head), await last_receipt(session, head))


async def _note(node: Node, load: _Load, answer: dict[str, Any]) -> None:
    """Keep the receipt, once it is found to be true, and note what the broker did not take."""
    directory = node.trust.directory
    async with node.db.write() as session:
        head = await lock_head(session, node.id, BROKER)
        if head is None or directory is None:
            return
        position = int(answer["position"])
        try:
            mark = await mark_at(session, head, position)
            check_checkpoint(str(answer["receipt"]), mark, directory, typ=RECEIPT_TYPE)
        except StreamCheckpoint as failure:
            raise Unreachable(f"The receipt does not hold: {failure.detail}") from None
        receipts = table_of(ReceiptRow)
        row = {"stream_id": head.id, "position": position, "receipt": str(answer["receipt"])}
        await insert_many(session, receipts, [row], conflict="ON CONFLICT DO NOTHING")
        await note_errors(session, head, answer.get("set_errors", []), ids=node.ids, at=node.now)
        await session.flush()
        await letters.answer_since(session, head, directory.federation)
