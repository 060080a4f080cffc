"""An office whose clock is wrong corrects it by the broker's signed answer, once, says so, and loses nothing."""

import pytest
import structlog

from shared.exchange.client.broker import Refused, Unreachable
from shared.exchange.proofs.request import HEADER
from shared.institution.operations.exchange.pushing import push_once
from tests.builders import Federation
from tests.federation.saying import joint
from tests.federation.wires import WrongClock, answered, hold, set_wrong


@pytest.mark.parametrize("wrong_by_s", [600, -600, 3599, -3599])
async def test_a_wrong_clock_is_corrected_by_one_answer_and_the_call_made_once_more(
    federation: Federation, wrong_by_s: int
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    federation.clock.go(2 * 3600)
    set_wrong(pup, wrong_by_s)
    wire = hold(pup)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    with structlog.testing.capture_logs() as logs:
        await federation.push(pup)
    [warned] = [line for line in logs if "clock" in line["event"]]
    assert (warned["log_level"], warned["skew_s"]) == ("warning", -wrong_by_s)
    assert pup.node.client.skew_s == -wrong_by_s
    path = f"POST /v1/streams/{pup.id}/sets"
    assert wire.calls == [path, path], "the call, and once more"
    wire.calls.clear()
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert [entry["code"] for entry in view["entries"]] == ["PUP-STA"]
    assert wire.calls.count(path) == 0, "nothing is left to be corrected"
    for office in (pup, ops):
        assert await office.get("/v1/dead-letters") == []


async def test_a_clock_that_was_set_right_again_is_corrected_back(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    pup.node.client.skew_s = -600
    await pup.enrol(2)
    await federation.push(pup)
    assert pup.node.client.skew_s == 0


@pytest.mark.parametrize("wrong_by_s", [3700, -3700, 86_400])
async def test_a_clock_that_is_more_than_an_hour_wrong_is_for_people_to_set(
    federation: Federation, wrong_by_s: int
) -> None:
    pup, _, _, _ = await joint(federation)
    federation.clock.go(48 * 3600)
    await federation.sign_anew()
    set_wrong(pup, wrong_by_s)
    wire = hold(pup)
    await pup.enrol(2)
    with pytest.raises(Refused) as refused:
        await push_once(pup.node)
    assert refused.value.problem in ("proof-not-yet-valid", "proof-expired")
    assert refused.value.clock_skew_s == wrong_by_s
    assert (len(wire.calls), pup.node.client.skew_s) == (1, 0)


async def test_a_correction_that_the_broker_did_not_sign_moves_no_clock(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    federation.clock.go(3600)
    set_wrong(pup, 600)
    wire = hold(pup)
    wire.falsify = lambda response: answered(response, proof=response.headers[HEADER][:-4] + "AAAA")
    await pup.enrol(2)
    with pytest.raises(Unreachable):
        await push_once(pup.node)
    assert (pup.node.client.skew_s, len(wire.calls)) == (0, 1)


async def test_a_second_refusal_is_not_answered_by_a_third_call(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    federation.clock.go(3600)
    set_wrong(pup, 600)
    wire, clock = hold(pup), WrongClock(federation.clock, 0)
    federation.broker.clock = clock

    def jump(request: object) -> bool:
        clock.wrong_by_s += 1800  # the broker's own clock is set between the two calls
        return False

    wire.is_cut = jump
    await pup.enrol(2)
    with pytest.raises(Refused):
        await push_once(pup.node)
    assert len(wire.calls) == 2
