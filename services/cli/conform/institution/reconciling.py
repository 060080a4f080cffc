"""Reconciliation at a broker: one exchange says whether both ends stand alike; answers are taken to what was asked."""

from typing import Any

from services.cli.conform.cases import Deviation, Suite, expect
from services.cli.conform.institution.expecting import expect_problem, expect_success
from services.cli.conform.institution.player import Player
from services.cli.conform.institution.stream import OwnStream, event
from shared.domain.institutions import BROKER
from shared.exchange import jose

SUITE: Suite[Player] = Suite("7. Reconciliation")
_FALSE = jose.encode(b"\x00" * 32)
_TIMES = 5
LOOK_S, LOOKS = 0.1, 200


async def _compare(at: Player, **changes: Any) -> Any:
    """Return what the broker says of both streams, the own one as it stands there but for the changes.

    Mail may come meanwhile, in answer to earlier cases: then the question is put again.
    """
    stream, mailbox = await OwnStream.of(at), await at.head(BROKER, at.id)
    if mailbox["incarnation"] is None:
        raise Deviation("the broker has no mailbox of an institution that is active")
    if not stream.position:
        await stream.push(event(at, "client.withdrawn.v1", {}))
    own = {"incarnation": stream.incarnation, "position": stream.position, "chain": jose.encode(stream.chain)}
    for _ in range(_TIMES):
        ends = {"own": own | changes, "mailbox": {name: mailbox[name] for name in own}}
        answer = expect_success(await at.call("POST", "/v1/reconciliations/streams", ends))
        before, mailbox = mailbox, await at.head(BROKER, at.id)
        if mailbox["position"] == before["position"]:
            break
    return answer


@SUITE.case(
    "reconcile-in-step",
    sent="where both streams stand, as the broker says itself",
    expected="200: own and mailbox are in step, nothing is damaged, and the broker's word is on both",
)
async def _in_step(at: Player) -> str:
    ends = await _compare(at)
    told = [(ends[name]["in_step"], ends[name]["damaged"], bool(ends[name]["word"])) for name in ("own", "mailbox")]
    return expect(told == [(True, [], True)] * 2, f"200, in step: {told[0][0]} and {told[1][0]}")


@SUITE.case(
    "reconcile-chain-wrong",
    sent="the right position of the own stream under a wrong chain",
    expected="200: the own stream is not in step, the mailbox is",
)
async def _chain(at: Player) -> str:
    ends = await _compare(at, chain=_FALSE)
    told = (ends["own"]["in_step"], ends["mailbox"]["in_step"])
    return expect(told == (False, True), f"200, in step: {told[0]} and {told[1]}")


@SUITE.case(
    "reconcile-run-unknown",
    sent="the question for the marks of a run that was not opened with the sender",
    expected="404 not-found",
)
async def _unknown(at: Player) -> str:
    path = f"/v1/reconciliations/{at.client.ids.uuid7()}/marks"
    return expect_problem(await at.call("POST", path, {"buckets": [1]}), "not-found")


@SUITE.case(
    "reconcile-answer-unasked",
    sent="reconciliation.answered.v1 to a run that nobody asked for",
    expected="200, the chain goes on; a later set_errors names the position and conflict",
)
async def _unasked(at: Player) -> str:
    stream, run = await OwnStream.of(at), at.client.ids.uuid7()
    counts = dict.fromkeys(("missing", "altered", "behind", "restated", "waiting", "unmended"), 0)
    payload = {"reconciliation_id": run, "request": _FALSE} | counts
    await stream.push(event(at, "reconciliation.answered.v1", payload, sub_id={"format": "opaque", "id": run}))
    for _ in range(LOOKS):  # it is judged when it is relayed, after it was taken in
        told = {error["position"]: error["problem"] for error in (await stream.push())["set_errors"]}
        if stream.position in told:
            return expect(told[stream.position] == "conflict", f"200, set_errors {told[stream.position]}")
        await at.client.clock.sleep(LOOK_S)
    raise Deviation("200, set_errors does not name it")
