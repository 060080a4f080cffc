"""Evidence: what an office can prove without anybody's help, as one document that is checked offline."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from shared.domain.errors import Conflict, DomainError
from shared.domain.strict_json import strict_json
from shared.exchange.client.broker import Refused, Unreachable
from shared.exchange.reconciliation.tables import ReconciliationRow
from shared.exchange.reconciliation.views import one_run
from shared.exchange.sets import parse_set
from shared.exchange.stream.checkpoint import sign_checkpoint
from shared.exchange.stream.deliver import MAX_SETS, batch_after
from shared.exchange.stream.heads import Head, both_heads, mark_of
from shared.exchange.stream.tables import DirectoryRow, ReceiptRow, RetiredKeyRow
from shared.institution.node import Node


class NoDirectory(Conflict):
    """The office has no directory yet, and without it nothing can be proven."""


async def evidence(node: Node) -> dict[str, Any]:
    """Return both streams as they were signed, with checkpoints, receipts, the last statement, and the directory.

    :raises NoDirectory: there is none yet.
    :raises StreamFork: an entry is missing here; reconcile first.
    """
    await node.trust.load()
    async with node.db.read() as session:
        directory = await session.scalar(select(DirectoryRow.token).order_by(DirectoryRow.serial.desc()).limit(1))
        heads = await both_heads(session, node.id)
        closed = select(ReconciliationRow.id).where(ReconciliationRow.state == "closed")
        run = await session.scalar(closed.order_by(ReconciliationRow.id.desc()).limit(1))
        stated = await one_run(session, run) if run else None
    if directory is None:
        raise NoDirectory()
    return {
        "federation": node.identity.federation,
        "directory": directory,
        "retired_keys": await _retired_keys(node),
        "streams": [await _stream(node, head) for head in heads],
        "answer": stated.answer if stated else None,
        "statement": stated.statement if stated else None,
    }


async def _stream(node: Node, head: Head) -> dict[str, Any]:
    entries: list[Any] = []
    while len(entries) < head.position:
        async with node.db.read() as session:
            batch = await batch_after(session, head, len(entries))
        entries += [entry.to_json() for entry in batch.entries]
    async with node.db.read() as session:
        kept = select(ReceiptRow).where(ReceiptRow.stream_id == head.id, ReceiptRow.position <= head.position)
        receipts = list(await session.scalars(kept.order_by(ReceiptRow.position)))
    own = head.owner == node.id
    words = [] if own else await _times(node, head, entries)
    return {
        "owner": head.owner,
        "peer": head.peer,
        "incarnation": head.incarnation,
        "position": head.position,
        "entries": entries,
        "checkpoint": sign_checkpoint(node.key, mark_of(head)) if own else head.peer_checkpoint,
        "receipts": [{"position": row.position, "receipt": row.receipt} for row in receipts if row.position],
        "words": words,
    }


async def _times(node: Node, head: Head, entries: Sequence[Any]) -> list[dict[str, str]]:
    """Return the broker's word on when it received what a key signed that was revoked later; without it there is none.

    Such an event holds if it was received before the key was stolen. The office was told so beside each event, under
    the proof of the poll, which it did not keep: so it asks once more and keeps the answer with its proof.
    """
    wanted = [position for position, entry in enumerate(entries, 1) if _is_doubted(node, entry)]
    words = []
    while wanted:
        asked = {"positions": wanted[:MAX_SETS]}
        try:
            word = await node.client.word("POST", f"/v1/streams/{head.owner}/{head.peer}/entries", asked)
        except (Refused, Unreachable):
            break
        words.append({"jti": word.jti, "proof": word.proof, "body": word.body.decode()})
        told = len(strict_json(word.body)["entries"])
        wanted = wanted[told:] if told else []
    return words


def _is_doubted(node: Node, entry: Any) -> bool:
    """Tell whether the directory believes an event only by when the broker received it."""
    directory = node.trust.directory
    if directory is None or not isinstance(entry, str):
        return False
    try:
        parsed = parse_set(entry)
    except DomainError:
        return False
    iss, iat = str(parsed.claims.get("iss")), parsed.claims.get("iat")
    return type(iat) is int and directory.key_for(iss, parsed.kid, iat) is None


async def _retired_keys(node: Node) -> list[dict[str, str]]:
    """Return the broker's word on each key that the directory no longer lists; without the broker there is none."""
    async with node.db.read() as session:
        rows = list(await session.scalars(select(RetiredKeyRow).order_by(RetiredKeyRow.iss, RetiredKeyRow.kid)))
    found = []
    for row in rows:
        try:
            status, statement, _ = await node.client.fetch(f"/v1/directory/keys/{row.kid}")
        except Unreachable:
            continue
        if status == 200:
            found.append({"iss": row.iss, "kid": row.kid, "statement": statement})
    return found
