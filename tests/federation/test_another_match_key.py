"""An office with another match key, or another broker pinned, says so and goes on with neither."""

from shared.domain.token import MatchKey
from tests.builders import Federation, new_client

OTHER = MatchKey(epoch=1, secret=bytes(32))


async def test_no_client_is_enrolled_under_another_match_key(federation: Federation) -> None:
    ops = await federation.join("ops-2478011")
    ops.node.match_key, right = OTHER, ops.node.match_key
    answer = await ops.post("/v1/clients", new_client(1), status=409)
    assert answer["type"] == "urn:zwornik:problem:match-key-mismatch"
    assert (await ops.get("/v1/clients"))["items"] == []
    ready = await ops.http.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["match_key"]) == (503, "match-key-mismatch")
    ops.node.match_key = right
    pup = await federation.join("pup-2478")
    at_ops, _ = await ops.enrol(1), await pup.enrol(1)
    await federation.settle()
    assert (await ops.get(f"/v1/clients/{at_ops}"))["joint"]


async def test_an_office_that_has_no_directory_yet_may_begin(federation: Federation) -> None:
    ops = await federation.make_office("ops-2478011")
    ops.node.client.directory = None
    await ops.enrol(1)


async def test_a_directory_of_another_broker_key_is_refused_and_fetched_anew(federation: Federation) -> None:
    ops = await federation.join("ops-2478011")
    ops.node.trust.pinned, right = "x" * 43, ops.node.trust.pinned
    ops.node.client.directory = None
    await ops.node.trust.load()
    assert ops.node.trust.directory is None
    ops.node.trust.pinned = right
    await ops.node.trust.load()
    assert ops.node.trust.directory is not None
