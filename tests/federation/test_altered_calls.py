"""A call whose content is altered on its way is refused, made again under a new proof, and then the lane goes on."""

import httpx2
import pytest
import structlog

from shared.exchange.client.broker import ALTERED_AGAIN, Refused
from shared.institution.operations.exchange.pushing import push_once
from tests.builders import Federation
from tests.federation.saying import joint
from tests.federation.wires import hold

pytestmark = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)


def altered(request: httpx2.Request) -> httpx2.Request:
    """Return the call with its last byte changed."""
    content = request.content[:-1] + bytes([request.content[-1] ^ 1])
    return httpx2.Request(request.method, request.url, headers=request.headers, content=content)


@pytest.mark.parametrize("times", [1, ALTERED_AGAIN])
async def test_a_call_that_is_altered_on_its_way_is_made_again_and_says_so(federation: Federation, times: int) -> None:
    pup, _, at_pup, _ = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    wire = hold(pup)
    wire.alters = lambda request: altered(request) if len(wire.calls) <= times else request
    with structlog.testing.capture_logs() as logs:
        await federation.push(pup)
    warned = [line for line in logs if "altered" in line["event"]]
    assert [line["log_level"] for line in warned] == ["warning"] * times
    assert wire.calls == [f"POST /v1/streams/{pup.id}/sets"] * (times + 1)


async def test_a_way_that_alters_every_call_makes_the_lane_stand(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    wire = hold(pup)
    wire.alters = altered
    with pytest.raises(Refused) as refused:
        await push_once(pup.node)
    assert (refused.value.problem, refused.value.retryable) == ("proof-digest", False)
    assert len(wire.calls) == ALTERED_AGAIN + 1
