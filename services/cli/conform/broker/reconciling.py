"""Reconciliation, as the node meets it: it compares, restates what differs, and answers the broker alone."""

import json
from typing import Any

from services.broker.operations.reconcile.requesting import relayed, shared_digests
from services.broker.operations.reconcile.runs import open_runs
from services.cli.conform.broker.bench import LATER_S, Bench, claims_of, type_of
from services.cli.conform.broker.mail import found
from services.cli.conform.broker.wire import Heard, Reply
from services.cli.conform.cases import Suite, expect
from services.cli.conform.institution.stream import event
from shared.domain.events.payloads.reconciliation import ReconciliationRequested
from shared.domain.institutions import BROKER
from shared.domain.reconciliation import bucket_digests, bucket_of
from shared.exchange import jose
from shared.exchange.reconciliation.tables import ReconciliationRow
from shared.exchange.stream.append import append_sets
from shared.exchange.stream.heads import lock_head

SUITE: Suite[Bench] = Suite("7. Reconciliation (of a member)")
_FALSE = jose.encode(b"\x00" * 32)


@SUITE.case(
    "reconcile-answer",
    sent="reconciliation.requested.v1: a run of reconciliation",
    expected="reconciliation.answered.v1 over the hash of the request, which closes the run",
)
async def _answer(bench: Bench) -> str:
    await bench.person()
    since = bench.now
    async with bench.broker.db.write() as session:
        [run] = await open_runs(session, bench.broker, bench.node)
    answer = await _answered(bench, run, since)
    clock = bench.broker.clock
    ends, state, request = clock.monotonic() + LATER_S, "", None
    while state != "closed" and clock.monotonic() < ends:
        await clock.sleep(1)
        async with bench.broker.db.read() as session:
            row = await session.get_one(ReconciliationRow, run)
            state, request = row.state, row.request
    return expect((state, answer["request"]) == ("closed", request), f"answered; the run is {state}")


@SUITE.case(
    "reconcile-digest-wrong",
    sent="reconciliation.requested.v1 with a false digest of one bucket, and then no mark of any client in it",
    expected="the node asks for the marks of that bucket alone, restates its clients there, and says so in the answer",
)
async def _wrong(bench: Bench) -> str:
    person = await bench.person()
    bucket = bucket_of(person.token)
    asked: list[list[int]] = []

    def before(heard: Heard) -> Reply | None:
        if not heard.path.endswith("/marks"):
            return None
        asked.append(heard.json.get("buckets", []))
        marks = json.dumps({"marks": {str(one): [] for one in asked[-1]}}).encode()
        return bench.wire.signed(heard, Reply(200, marks, {"content-type": "application/json"}))

    bench.wire.before = before
    since = bench.now
    answer = await _answered(bench, await _request(bench, bucket), since)
    told = "restated" if bench.restatement(person, since) else "not restated"
    came = f"asked for {len(asked)} lists of buckets; the client is {told}; restated {answer['restated']}"
    right = asked == [[bucket]] and told == "restated" and answer["restated"] >= 1
    return expect(right, came)


@SUITE.case(
    "reconcile-stranger",
    sent="reconciliation.requested.v1 that another institution signed",
    expected="acknowledged, and a later poll names the position and set-not-permitted",
)
async def _stranger(bench: Bench) -> str:
    run = bench.broker.ids.uuid7()
    payload = {"reconciliation_id": run, "digests": [_FALSE] * 256, "position": 1}
    subject = {"format": "opaque", "id": run}
    text = event(bench.neighbour, "reconciliation.requested.v1", payload, sub_id=subject)
    return await found(bench, text, "set-not-permitted")


async def _answered(bench: Bench, run: str, since: int) -> dict[str, Any]:
    """Return what the node answers to a run, once it does."""

    def find() -> dict[str, Any] | None:
        answers = [text for text in bench.pushed(since) if type_of(text) == "reconciliation.answered.v1"]
        told = [next(iter(claims_of(text)["events"].values())) for text in answers]
        return next((one for one in told if one.get("reconciliation_id") == run), None)

    return await bench.until(find, "the node pushes reconciliation.answered.v1 of the run", LATER_S)


async def _request(bench: Bench, bucket: int) -> str:
    """Ask the node to compare, as the broker does, with a false digest of one bucket; return the run."""
    broker, run = bench.broker, bench.broker.ids.uuid7()
    async with broker.db.write() as session:
        position = await relayed(session, bench.node)
        digests = list(map(jose.encode, bucket_digests(await shared_digests(session, broker, bench.node))))
        digests[bucket] = _FALSE
        payload = ReconciliationRequested(reconciliation_id=run, digests=tuple(digests), position=position or None)
        head = await lock_head(session, BROKER, bench.node)
        if head is None:
            raise LookupError("The node has no mailbox.")
        signed = broker.event("reconciliation.requested.v1", run, payload, broker.now)
        await append_sets(session, head, [signed], broker.now)
        facts = {"id": run, "institution": bench.node, "key": run, "state": "requested", "position": position}
        session.add(ReconciliationRow(**facts, request=jose.encode(signed.hash), figures={}, started_at=broker.now))
    broker.bells.ring(bench.node)
    return run
