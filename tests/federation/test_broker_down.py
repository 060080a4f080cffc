"""The broker is down: the office goes on working, shows how far it lags, and nothing is lost when it returns."""

import asyncio
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx2
import pytest

from services.broker.node import RELAY
from services.broker.worker import Worker as BrokerWorker
from shared.exchange.client.broker import Unreachable
from shared.institution.node import POLL, PUSH
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.exchange.pushing import push_once
from shared.institution.worker import Worker
from tests.builders import Federation, Office
from tests.federation.saying import joint
from tests.federation.wires import Wire, hold


async def exchange(office: Office) -> dict[str, Any]:
    return dict(await office.get("/v1/exchange"))


async def codes(office: Office, client: str) -> list[str]:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    return sorted(entry["code"] for entry in view["entries"])


async def test_the_office_goes_on_and_nothing_is_lost(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-E01", "from": "2026-01-02"})
    await federation.settle()
    wires = [hold(office) for office in (pup, ops)]
    for wire in wires:
        wire.cut()
    began = federation.clock.now()
    federation.clock.go(3600)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    federation.clock.go(3600)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-03-02"})
    await pup.post(f"/v1/support-forms/{form['id']}/close", {"until": "2026-05-31"}, 200)
    other = await pup.enrol(2)
    with pytest.raises(Unreachable):
        await push_once(pup.node)
    with pytest.raises(Unreachable):
        await poll_once(pup.node, wait_s=0)
    view = await pup.get(f"/v1/clients/{at_pup}/merged-view")
    assert sorted(entry["code"] for entry in view["entries"]) == ["AI-E01", "PUP-STA", "PUP-SZK"]
    assert view["as_of"] <= began.isoformat().replace("+00:00", "Z"), "it says how old it is"
    standing = await exchange(pup)
    assert standing["lag"] == 4
    assert standing["oldest_waiting"].startswith("2026-10-01T09")
    assert await codes(ops, at_ops) == ["AI-E01"]
    for wire in wires:
        wire.mend()
    await federation.settle()
    assert (await exchange(pup))["lag"] == 0
    assert await codes(ops, at_ops) == ["AI-E01", "PUP-STA", "PUP-SZK"]
    at_other = await ops.enrol(2)
    await federation.settle()
    assert (await pup.get(f"/v1/clients/{other}"))["joint"]
    assert (await ops.get(f"/v1/clients/{at_other}"))["joint"]


@pytest.mark.parametrize("what", ["/sets", "/poll", "/head", "/missing-sets", "/"])
async def test_an_answer_that_is_lost_on_its_way_loses_nothing_and_doubles_nothing(
    federation: Federation, what: str
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    for office in (pup, ops):
        hold(office).loses_answer = _some(what)
    for number in range(1, 6):
        await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": f"2026-03-0{number}"})
        await _until_all_arrived(federation)
    assert await codes(ops, at_ops) == ["PUP-STA"] * 5
    assert [(await exchange(office))["lag"] for office in (pup, ops)] == [0, 0]
    for office in (pup, ops):
        assert await office.get("/v1/dead-letters") == []


def _some(what: str) -> Callable[[httpx2.Request], bool]:
    """Return what loses some of the first answers to calls of a path."""
    turns = count(1)
    return lambda request: what in request.url.path and next(turns) in (1, 2, 4, 7, 11, 16)


async def _until_all_arrived(federation: Federation) -> None:
    for _ in range(40):
        try:
            await federation.settle()
        except Unreachable:
            for office in federation.offices.values():
                office.node.peer_position = None  # as the lane does after a failure
            continue
        return
    raise AssertionError("it never settled")


async def test_lanes_say_that_the_broker_is_not_there_and_that_it_is_back(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    worker, wire = Worker(pup.node), hold(pup)
    await worker._push()
    ready = await pup.http.get("/readyz")
    assert ready.json()["checks"][PUSH] == "ok"
    wire.cut()
    await pup.enrol(2)
    for _ in range(8):
        await worker._push()
        await worker._poll()
    ready = await pup.http.get("/readyz")
    assert ready.status_code == 503
    assert (ready.json()["checks"][PUSH], ready.json()["checks"][POLL]) == ("unreachable", "unreachable")
    lanes = (await exchange(pup))["lanes"]
    assert lanes[PUSH]["failures"] == 8
    wire.mend()
    await federation.push(pup)
    await worker._push()
    pup.node.lanes[POLL].failures = 0
    checks = (await pup.http.get("/readyz")).json()["checks"]
    assert checks[PUSH] == "ok"
    assert (await exchange(pup))["lag"] == 0


@pytest.mark.parametrize("name", [PUSH, "house"])
async def test_a_loop_whose_task_has_ended_is_seen_by_readiness_and_metrics(federation: Federation, name: str) -> None:
    pup, _, _, _ = await joint(federation)
    worker = Worker(pup.node)
    worker.start()
    try:
        assert (await pup.http.get("/readyz")).status_code == 200
        [task] = [one for one in asyncio.all_tasks() if one.get_name() == name]
        task.cancel()
        await asyncio.wait([task])
        ready = await pup.http.get("/readyz")
        assert (ready.status_code, ready.json()["checks"][name]) == (503, "stopped")
        assert (await exchange(pup))["lanes"][name]["problem"] == "stopped"
        assert f'zwornik_lane_up{{lane="{name}"}} 0.0' in (await pup.http.get("/metrics")).text
    finally:
        await worker.stop()


async def test_a_loop_of_the_broker_that_has_ended_is_seen_by_readiness(federation: Federation) -> None:
    worker = BrokerWorker(federation.broker)
    worker.start()
    try:
        assert (await federation.operator.get("/readyz")).status_code == 200
        [task] = [one for one in asyncio.all_tasks() if one.get_name() == RELAY]
        task.cancel()
        await asyncio.wait([task])
        ready = await federation.operator.get("/readyz")
        assert (ready.status_code, ready.json()["checks"][RELAY]) == (503, "stopped")
    finally:
        await worker.stop()


async def test_a_restart_while_the_broker_is_down_keeps_what_waits(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wire: Wire = hold(pup)
    wire.cut()
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    pup.node.peer_position = None
    with pytest.raises(Unreachable):
        await push_once(pup.node)
    wire.mend()
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA"]
