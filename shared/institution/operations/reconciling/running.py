"""A run at the office: streams, own records, the broker's digests, the peers', then the answer; after a crash anew.

Each restatement is committed with its note in the work list, so a run that is taken up again counts it once.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.reconciliation import ReconciliationAnswered, ReconciliationRequested
from shared.domain.institutions import BROKER
from shared.domain.reconciliation import bucket_digests, client_digest, differing, unmatched
from shared.exchange import jose
from shared.exchange.history.tables import SharedRecordRow
from shared.exchange.lease import MayGoOn
from shared.exchange.reconciliation.discrepancies import Book, counts_of
from shared.exchange.reconciliation.records import client_digests, mend_records
from shared.exchange.reconciliation.tables import ReconciliationRow
from shared.exchange.sets import parse_set, read_event
from shared.exchange.stream.tables import SetRow
from shared.institution.node import Node
from shared.institution.operations.reconciling.behind import changed_behind
from shared.institution.operations.reconciling.streams import mend_streams
from shared.institution.operations.runs import clients, peers
from shared.institution.operations.work import Work

BUCKETS_AT_ONCE = 32


async def reconcile_once(node: Node, may_go_on: MayGoOn) -> bool:
    """Work off the oldest request that is not answered; return whether there was one.

    :raises Unreachable: the broker did not answer; nothing that was done is lost.
    :raises TurnLost: another process does it now.
    """
    async with node.db.read() as session:
        waiting = select(ReconciliationRow).where(ReconciliationRow.state == "requested")
        run = await session.scalar(waiting.order_by(ReconciliationRow.id).limit(1))
        request = await _request(session, node, run) if run else None
    if run is None:
        return False
    await mend_streams(node, run.id, may_go_on)
    await _mend_copies(node, run.id, may_go_on)
    await _restate(node, run.id, "behind", await _behind(node))
    waiting_clients = 0
    if request is not None:
        differ, waiting_clients = await _differing(node, run, request)
        await _restate(node, run.id, "differs", differ)
    await _answer(node, run.id, waiting_clients)
    return True


async def _request(session: AsyncSession, node: Node, run: ReconciliationRow) -> ReconciliationRequested | None:
    """Return what the broker asked, as it was signed; ``None`` where its bytes are damaged here."""
    digest = jose.decode(run.request or "")
    text = await session.scalar(select(SetRow.text).where(SetRow.iss == BROKER, SetRow.hash == digest))
    payload = read_event(parse_set(text), digest, node.identity.federation).payload if text else None
    return payload if isinstance(payload, ReconciliationRequested) else None


async def _mend_copies(node: Node, run: str, may_go_on: MayGoOn) -> None:
    """Bring copies of records, one's own and the peers', back to what their SETs say."""
    async with node.db.read() as session:
        authors = list(await session.scalars(select(SharedRecordRow.iss).distinct().order_by(SharedRecordRow.iss)))
    for iss in authors:
        wrong = await mend_records(node.db, iss, node.identity.federation, may_go_on)
        if wrong:
            async with node.db.write() as session:
                await Book(session, run, node.ids, node.now).note("record", iss, node.id, wrong, "mended")


async def _behind(node: Node) -> Sequence[str]:
    """Return the tokens of clients whose records were changed past the service."""
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        async with node.db.read() as session:
            page, after = await clients.joint_page(session, node.id, after)
            found += await changed_behind(session, node, page) if page else []
    return found


async def _differing(node: Node, run: ReconciliationRow, request: ReconciliationRequested) -> tuple[Sequence[str], int]:
    """Return the clients that the broker holds otherwise, and how many changed meanwhile and wait."""
    async with node.db.read() as session:
        joint = await clients.members_by_token(session, node.id)
        told = dict.fromkeys(joint, client_digest([])) | await client_digests(session, node.id, joint)
        changed = await clients.changed_after(session, node, run.position)
    buckets = differing(bucket_digests(told), [jose.decode(digest) for digest in request.digests])
    wrong: list[str] = []
    for start in range(0, len(buckets), BUCKETS_AT_ONCE):
        some = buckets[start : start + BUCKETS_AT_ONCE]
        answer = await node.client.call("POST", f"/v1/reconciliations/{run.id}/marks", {"buckets": some})
        marks = [jose.decode(one) for named in answer["marks"].values() for one in named]
        wrong += unmatched(told, some, marks)
    return [token for token in wrong if token not in changed], len(changed & joint.keys())


async def _restate(node: Node, run: str, cause: str, tokens: Sequence[str]) -> None:
    for start in range(0, len(tokens), clients.AT_ONCE):
        async with node.db.write() as session:
            work = Work(node, session, node.ids.uuid7(), node.now)
            outcome = await clients.restate_some(work, tokens[start : start + clients.AT_ONCE])
            book = Book(session, run, node.ids, node.now)
            await book.note(cause, node.id, BROKER, outcome.restated, "mended")
            await book.note(cause, node.id, BROKER, outcome.broken, "unmended")
            await work.finish()


async def _answer(node: Node, run_id: str, waiting: int) -> None:
    """Tell the broker what was found and mended, and each peer how far the office has come."""
    async with node.db.write() as session:
        run = await session.get_one(ReconciliationRow, run_id, with_for_update=True)
        if run.state != "requested":
            return
        work = Work(node, session, node.ids.uuid7(), node.now)
        found = await counts_of(session, run.id)
        payload = ReconciliationAnswered(
            reconciliation_id=run.id,
            request=run.request or "",
            missing=found.get("missing", 0),
            altered=found.get("altered", 0) + found.get("record", 0),
            behind=found.get("behind", 0),
            restated=found["restated"],
            waiting=waiting,
            unmended=found["unmended"],
        )
        await peers.tell_all(work, run.id)
        work.tell("reconciliation.answered.v1", run.id, payload)
        await work.finish()
        run.state, run.answer = "answered", jose.encode(work.signed[-1].hash)
