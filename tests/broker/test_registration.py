"""Registration and approval over HTTP: a statement proves itself, the operator compares a thumbprint, states follow."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from services.broker.operations.register import MAX_PENDING_KEYS, set_state
from services.broker.tables import InstitutionKeyRow
from shared.domain.errors import NotFound
from shared.exchange.directory import open_directory
from shared.exchange.keys import SigningKey
from shared.exchange.stream.tables import StreamRow
from tests.broker.builders import ON_POSTGRESQL, Peer, enter, statement, stored
from tests.builders import FEDERATION, OPERATOR_SCOPES, Federation

NEW = SigningKey.from_seed(b"new")


@pytest.fixture
async def pup(federation: Federation) -> Peer:
    """A labour office that is approved."""
    return await enter(federation, "pup-2478")


async def post(federation: Federation, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
    answer = await federation.operator.post(path, json=body or {})
    assert answer.status_code == status, (answer.status_code, answer.text)
    return dict(answer.json())


async def register(federation: Federation, text: str, status: int = 202) -> dict[str, Any]:
    return await post(federation, "/v1/institutions", {"statement": text}, status)


async def approve(federation: Federation, name: str, thumbprint: str, status: int = 200) -> dict[str, Any]:
    return await post(federation, f"/v1/institutions/{name}/approve", {"thumbprint": thumbprint}, status)


def name_of(answer: dict[str, Any]) -> str:
    return str(answer["type"]).rpartition(":")[2]


async def test_a_registration_waits_and_the_directory_says_nothing_of_it(federation: Federation) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    assert (await federation.operator.get("/v1/institutions")).json()[0]["state"] == "pending"
    assert set(federation.broker.directory.members) == {"broker"}
    async with federation.broker.db.read() as session:
        assert not list(await session.scalars(select(StreamRow))), "nobody writes to it before"
    [waiting] = (await federation.operator.get("/v1/institutions/waiting-keys")).json()
    assert (waiting["id"], waiting["thumbprint"]) == (peer.id, peer.key.kid)
    await enter(federation, "pup-2478")
    assert set(federation.broker.directory.members) == {"broker", "pup-2478"}, "nor when others are approved"


async def test_an_approved_institution_is_in_the_directory_under_its_key_and_has_a_mailbox(
    federation: Federation,
) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    answer = await approve(federation, peer.id, peer.key.kid)
    assert (answer["state"], answer["kind"], answer["area"]) == ("active", "ops", ["2478011"])
    member = federation.broker.directory.members[peer.id]
    assert [one.key.kid for one in member.keys] == [peer.key.kid]
    assert (await peer.collect()) == []


async def test_a_thumbprint_that_was_not_stated_approves_nobody(federation: Federation) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    before = await stored(federation)
    for thumbprint in (NEW.kid, federation.broker.identity.keys[0].kid):
        answer = await approve(federation, peer.id, thumbprint, 409)
        assert (name_of(answer), answer["field"]) == ("conflict", "thumbprint")
    assert await stored(federation) == before
    assert set(federation.broker.directory.members) == {"broker"}


async def test_one_who_never_registered_cannot_be_approved_nor_suspended(federation: Federation) -> None:
    assert name_of(await approve(federation, "pup-9999", NEW.kid, 404)) == "not-found"
    for what in ("suspend", "resume", "retire"):
        assert name_of(await post(federation, f"/v1/institutions/pup-9999/{what}", status=404)) == "not-found"
    await post(federation, "/v1/institutions/broker/suspend", status=422)


async def test_nobody_suspends_the_broker_itself(federation: Federation) -> None:
    async with federation.broker.db.write() as session:
        with pytest.raises(NotFound):
            await set_state(session, federation.broker, "broker", "suspended")


async def test_approving_once_more_changes_nothing_but_the_serial(federation: Federation, pup: Peer) -> None:
    before = federation.broker.directory
    await approve(federation, pup.id, pup.key.kid)
    after = federation.broker.directory
    assert after.members == before.members
    assert after.serial > before.serial
    async with federation.broker.db.read() as session:
        assert len(list(await session.scalars(select(StreamRow)))) == 1


async def test_a_statement_is_taken_once(federation: Federation) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    text = statement(peer)
    await register(federation, text)
    before = await stored(federation)
    assert name_of(await register(federation, text, 401)) == "proof-replayed"
    assert await stored(federation) == before


@ON_POSTGRESQL
async def test_one_statement_twice_at_the_same_moment_is_taken_once(federation: Federation) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    text = statement(peer, NEW)
    answers = await asyncio.gather(
        *(federation.operator.post("/v1/institutions", json={"statement": text}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [202, 401, 401, 401]


@pytest.mark.parametrize(
    ("changes", "status", "problem"),
    [
        ({"federation": "pl-other"}, 401, "proof-audience"),
        ({"key_fingerprint": "0" * 16}, 409, "match-key-mismatch"),
        ({"key_fingerprint": "xyz"}, 422, "request-invalid"),
        ({"area": ()}, 422, "request-invalid"),
        ({"area": ("2478",)}, 422, "request-invalid"),
        ({"id": "broker"}, 422, "request-invalid"),
        ({"id": "urzad"}, 422, "request-invalid"),
        ({"name": "x" * 201}, 422, "request-invalid"),
        ({"jti": "short"}, 422, "request-invalid"),
    ],
)
async def test_a_statement_that_cannot_be_is_refused(
    federation: Federation, changes: dict[str, Any], status: int, problem: str
) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    before = await stored(federation)
    assert name_of(await register(federation, statement(peer, NEW, **changes), status)) == problem
    assert await stored(federation) == before


@pytest.mark.parametrize(("shift", "status"), [(-24 * 3600 - 1, 401), (-24 * 3600, 202), (300, 202), (301, 401)])
async def test_a_statement_is_of_today(federation: Federation, shift: int, status: int) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    answer = await register(federation, statement(peer, NEW, at=peer.now + shift), status)
    assert status == 202 or name_of(answer) == "proof-expired"


async def test_a_statement_signed_with_another_key_than_it_introduces_is_refused(federation: Federation) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    head, payload, _ = statement(peer).split(".")
    foreign = statement(peer, NEW).split(".")
    for text in (f"{head}.{payload}.{foreign[2]}", f"{foreign[0]}.{payload}.{foreign[2]}"):
        answer = await register(federation, text, 401)
        assert name_of(answer) in ("proof-signature", "proof-malformed")


async def test_a_second_registration_is_a_change_of_key_and_never_a_new_institution(
    federation: Federation, pup: Peer
) -> None:
    await pup.push(pup.enrolled())
    old = pup.key
    answer = await register(federation, statement(pup, NEW))
    assert (answer["state"], answer["thumbprint"]) == ("active", NEW.kid)
    assert [one.key.kid for one in federation.broker.directory.members[pup.id].keys] == [old.kid]
    pup.key = NEW
    await pup.call("POST", f"/v1/streams/{pup.id}/sets", pup.delivery(2, []), status=401)
    pup.key = old
    await pup.push(pup.enrolled(2))
    await approve(federation, pup.id, NEW.kid)
    listed = federation.broker.directory.members[pup.id].keys
    assert {one.key.kid for one in listed} == {old.kid, NEW.kid}
    pup.key = NEW
    await pup.push(pup.enrolled(3))
    assert (await pup.poll()).status == 200, "the mailbox is the same"
    async with federation.broker.db.read() as session:
        streams = list(await session.scalars(select(StreamRow).where(StreamRow.owner == pup.id)))
        assert [stream.position for stream in streams] == [3]


async def test_a_replaced_key_is_good_for_a_week_and_its_sets_for_ever(federation: Federation, pup: Peer) -> None:
    old = pup.key
    await register(federation, statement(pup, NEW))
    await approve(federation, pup.id, NEW.kid)
    [replaced] = [one for one in federation.broker.directory.members[pup.id].keys if one.key.kid == old.kid]
    assert replaced.valid_until == pup.now + 7 * 24 * 3600
    signed_in_time = pup.enrolled()
    federation.clock.go(8 * 24 * 3600)
    signed_too_late = pup.enrolled(2)
    pup.key = NEW
    answer = await pup.push(signed_in_time, signed_too_late)
    assert answer.body["set_errors"] == [{"position": 2, "problem": "set-signature"}]


async def test_a_key_is_never_used_twice(federation: Federation, pup: Peer) -> None:
    other = await enter(federation, "ops-2478011")
    before = await stored(federation)
    answer = await register(federation, statement(pup, other.key), 409)
    assert (name_of(answer), answer["field"]) == ("conflict", "jwk")
    assert await stored(federation) == before


async def test_the_same_key_stated_again_waits_for_nothing(federation: Federation, pup: Peer) -> None:
    await register(federation, statement(pup))
    assert (await federation.operator.get("/v1/institutions/waiting-keys")).json() == []


async def test_so_many_keys_may_wait_and_no_more(federation: Federation, pup: Peer) -> None:
    for number in range(MAX_PENDING_KEYS):
        await register(federation, statement(pup, SigningKey.from_seed(f"key {number}".encode())))
    answer = await register(federation, statement(pup, NEW), 409)
    assert name_of(answer) == "conflict"
    async with federation.broker.db.read() as session:
        rows = await session.scalars(select(InstitutionKeyRow).where(InstitutionKeyRow.state == "pending"))
        assert len(list(rows)) == MAX_PENDING_KEYS


async def test_a_suspended_institution_is_told_so_and_goes_on_where_it_stopped(
    federation: Federation, pup: Peer
) -> None:
    await pup.push(pup.enrolled())
    assert (await post(federation, f"/v1/institutions/{pup.id}/suspend"))["state"] == "suspended"
    for path, body in (("sets", pup.delivery(2, [])), ("poll", {})):
        answer = await pup.call("POST", f"/v1/streams/{pup.id}/{path}", body, status=403)
        assert answer.problem == "issuer-suspended"
    assert (await post(federation, f"/v1/institutions/{pup.id}/resume"))["state"] == "active"
    assert (await pup.push(pup.enrolled(2))).body["position"] == 2


async def test_a_retired_institution_stays_retired(federation: Federation, pup: Peer) -> None:
    await post(federation, f"/v1/institutions/{pup.id}/retire")
    for what in ("resume", "suspend", "retire"):
        answer = await post(federation, f"/v1/institutions/{pup.id}/{what}", status=409)
        assert (name_of(answer), answer["received"]) == ("conflict", "retired")
    assert federation.broker.directory.members[pup.id].state == "retired"
    await pup.call("GET", f"/v1/streams/{pup.id}/broker/head", status=403)


async def test_one_that_was_never_approved_cannot_be_suspended(federation: Federation) -> None:
    peer = await enter(federation, "ops-2478011", approved=False)
    answer = await post(federation, f"/v1/institutions/{peer.id}/suspend", status=409)
    assert answer["received"] == "pending"


SCOPES: list[tuple[str, str, str]] = [
    ("GET", "/v1/institutions", "broker:read"),
    ("GET", "/v1/institutions/waiting-keys", "broker:read"),
    ("POST", "/v1/institutions/pup-2478/approve", "broker:approve"),
    ("POST", "/v1/institutions/pup-2478/reject", "broker:approve"),
    ("POST", "/v1/institutions/pup-2478/suspend", "broker:suspend"),
    ("POST", "/v1/institutions/pup-2478/resume", "broker:suspend"),
    ("POST", "/v1/institutions/pup-2478/retire", "broker:suspend"),
]


@pytest.mark.parametrize(("method", "path", "scope"), SCOPES)
async def test_each_act_of_the_operator_takes_its_own_scope(
    federation: Federation, pup: Peer, method: str, path: str, scope: str
) -> None:
    before = await stored(federation)
    others = [one for one in OPERATOR_SCOPES if one != scope]
    for scopes, status, problem in (
        (others, 403, "scope-missing"),
        ([], 403, "scope-missing"),
        (None, 401, "token-missing"),
    ):
        answer = await _as(federation, scopes, method, path, {"thumbprint": pup.key.kid})
        assert (answer.status_code, name_of(answer.json())) == (status, problem)
    assert await stored(federation) == before
    allowed = await _as(federation, [scope], method, path, {"thumbprint": pup.key.kid})
    assert allowed.status_code in (200, 409)


async def _as(federation: Federation, scopes: Sequence[str] | None, method: str, path: str, body: Any) -> Any:
    key = federation.broker.identity.keys[0]
    client = federation._http(federation.broker_app, key, "broker", list(scopes or ()))
    headers = {} if scopes is not None else {"Authorization": ""}
    return await client.request(method, path, json=body if method == "POST" else None, headers=headers)


async def test_whoever_pins_the_broker_reads_what_was_approved(federation: Federation, pup: Peer) -> None:
    token = (await federation.operator.get("/v1/directory")).text
    pinned = federation.broker.identity.keys[0].kid
    read = open_directory(token, pinned=pinned, federation=FEDERATION)
    assert read.members[pup.id].area == ("2478011",)
    assert read.key_for(pup.id, pup.key.kid, pup.now) == pup.key.public
