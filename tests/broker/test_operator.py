"""The operator's plane: how streams stand, what was not taken, what there is; counts and ids, never a person."""

from typing import Any

import pytest

from shared.domain.institutions import BROKER
from tests.broker.builders import ON_SQLITE, Peer, enter, relay, shared_person, token_of
from tests.broker.test_quarantine import spoilt
from tests.builders import OPERATOR_SCOPES, Federation

PATHS = ("/v1/lag", "/v1/dead-letters", "/v1/overview", "/v1/forks")


async def get(federation: Federation, path: str) -> Any:
    answer = await federation.operator.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def of(lag: Any, owner: str, peer: str) -> dict[str, Any]:
    [found] = [one for one in lag["streams"] if (one["owner"], one["peer"]) == (owner, peer)]
    return dict(found)


@ON_SQLITE
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("scopes", "status", "problem"),
    [
        (None, 401, "token-missing"),
        ([], 403, "scope-missing"),
        ([one for one in OPERATOR_SCOPES if one != "broker:read"], 403, "scope-missing"),
        (["broker:read"], 200, ""),
    ],
)
async def test_only_who_may_read_reads(
    federation: Federation, path: str, scopes: list[str] | None, status: int, problem: str
) -> None:
    key = federation.broker.identity.keys[0]
    client = federation._http(federation.broker_app, key, "broker", scopes or [])
    answer = await client.get(path, headers={} if scopes is not None else {"Authorization": ""})
    assert answer.status_code == status
    assert not problem or answer.json()["type"].endswith(problem)


@ON_SQLITE
@pytest.mark.parametrize("path", PATHS)
async def test_a_members_proof_opens_nothing_of_the_operators(federation: Federation, path: str) -> None:
    pup = await enter(federation, "pup-2478")
    answer = await pup.call("GET", path, status=401)
    assert answer.problem == "token-missing"


async def test_a_members_own_token_is_not_the_operators(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    client = federation._http(federation.broker_app, pup.key, pup.id, OPERATOR_SCOPES)
    answer = await client.get("/v1/overview")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:zwornik:problem:token-invalid")


async def test_the_lag_of_a_stream_is_what_its_other_end_has_not_taken(federation: Federation) -> None:
    pup, ops = await enter(federation, "pup-2478"), await enter(federation, "ops-2478011")
    at = federation.clock.now().isoformat().replace("+00:00", "Z")
    await pup.push(pup.enrolled())
    federation.clock.go(60)
    await pup.push(pup.enrolled(2))
    lag = await get(federation, "/v1/lag")
    own = of(lag, pup.id, BROKER)
    assert (own["position"], own["acknowledged"], own["lag"], own["oldest_waiting"]) == (2, 0, 2, at)
    assert lag["waiting_relays"] == 2
    await ops.push(ops.enrolled())
    federation.clock.go(60)
    await relay(federation)
    lag = await get(federation, "/v1/lag")
    assert (of(lag, pup.id, BROKER)["lag"], of(lag, pup.id, BROKER)["oldest_waiting"]) == (0, None)
    assert lag["waiting_relays"] == 0
    assert of(lag, BROKER, pup.id)["lag"] == 1
    await pup.poll()
    assert of(await get(federation, "/v1/lag"), BROKER, pup.id)["lag"] == 1, "given is not taken"
    await pup.poll()
    mailbox = of(await get(federation, "/v1/lag"), BROKER, pup.id)
    assert (mailbox["position"], mailbox["acknowledged"], mailbox["lag"]) == (1, 1, 0)


async def test_dead_letters_are_listed_page_by_page_and_name_no_person(federation: Federation) -> None:
    pup, _ = await shared_person(federation)
    await pup.push(*(spoilt(pup.form(form=number, n=1)) for number in range(1, 6)))
    first = await get(federation, "/v1/dead-letters?limit=3")
    rest = await get(federation, f"/v1/dead-letters?limit=3&after={first[-1]['id']}")
    assert [one["position"] for one in (*first, *rest)] == [2, 3, 4, 5, 6]
    assert token_of() not in str([first, rest])
    for path in ("/v1/dead-letters?limit=0", "/v1/dead-letters?limit=501"):
        assert (await federation.operator.get(path)).status_code == 422


async def test_the_overview_counts_what_there_is_and_names_nobody(federation: Federation) -> None:
    nothing = await get(federation, "/v1/overview")
    assert set(nothing.values()) == {0}
    pup, ops = await shared_person(federation)
    far = await enter(federation, "ops-2476011")
    await enter(federation, "pup-2476", approved=False)
    await far.push(far.enrolled(), far.enrolled(5))
    await pup.push(spoilt(pup.form(n=1)), pup.form(7))
    await relay(federation)
    told = await get(federation, "/v1/overview")
    assert told | {"assessments_made": 0, "assessments_corrected": 0, "cases_decided": 0} == {
        "institutions": 3,
        "enrolments": 4,
        "joint_clients": 1,
        "suspected": 1,
        "contested": 0,
        "dead_letters": 2,
        "not_shared": 0,
        "assessments_made": 0,
        "assessments_corrected": 0,
        "cases_decided": 0,
    }
    await ops.push(ops.event("client.withdrawn.v1", {}))
    [asked] = [payload for name, payload in await far.collect() if name == "joint_client.suspected.v1"]
    answer = {"suspicion_id": asked["suspicion_id"], "reason_code": "other_person"}
    await far.push(far.event("match.refused.v1", answer))
    await relay(federation)
    after = await get(federation, "/v1/overview")
    assert (after["enrolments"], after["joint_clients"], after["suspected"]) == (3, 0, 0)


async def test_a_client_of_one_side_alone_is_no_joint_client(federation: Federation) -> None:
    peers: list[Peer] = [await enter(federation, name) for name in ("ops-1611012", "ops-1611053")]
    for peer in peers:
        await peer.push(peer.enrolled())
    await relay(federation)
    told = await get(federation, "/v1/overview")
    assert (told["enrolments"], told["joint_clients"]) == (2, 0)
