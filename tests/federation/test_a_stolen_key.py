"""A key was stolen: the operator says since when, and what the broker received from then on is believed nowhere."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.broker.operations import directory, register
from shared.exchange.client.broker import Unreachable
from shared.exchange.history.tables import AuthorRow
from shared.exchange.keys import SigningKey, save_key
from shared.exchange.proofs.request import Call, sign_request
from shared.exchange.registration import Registration, sign_registration
from shared.institution.operations.distrusting import follow_revocations
from shared.institution.operations.exchange.retrying import retry_aside
from shared.institution.operations.keys import take_up_own
from shared.runtime.clock import unix
from shared.runtime.database.engine import Database
from tests.builders import AREAS, FEDERATION, MATCH_KEY, Federation, Office
from tests.federation.saying import joint

NEW = SigningKey.from_seed(b"after the theft")


async def open_form(office: Office, client: str, code: str) -> None:
    await office.post(f"/v1/clients/{client}/support-forms", {"code": code, "from": "2026-03-02"})


async def codes(office: Office, client: str) -> list[str]:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    return sorted(entry["code"] for entry in view["entries"])


async def revoke(
    federation: Federation, office: Office, seconds_ago: int, status: int = 200, kid: str | None = None
) -> Any:
    since = federation.clock.now() - timedelta(seconds=seconds_ago)
    path = f"/v1/institutions/{office.id}/keys/{kid or office.node.key.kid}/revoke"
    answer = await federation.operator.post(path, json={"compromised_since": since.isoformat()})
    assert answer.status_code == status, answer.text
    return answer.json()


async def refresh(federation: Federation, *offices: Office) -> None:
    """What the house of an office does every half minute."""
    for office in offices:
        federation.clock.go(5)
        await office.node.trust.refresh(unknown_key=True)
        await follow_revocations(office.node)


async def new_key(federation: Federation, office: Office) -> None:
    """Give an office a key that nobody introduces, for the old one is the thief's too."""
    save_key(office.node.settings.key_dir, NEW)
    take_up_own(office.node)
    registration = Registration(
        id=office.id,
        federation=FEDERATION,
        name=f"Urząd {office.id}",
        area=AREAS[office.id],
        contact="it@example.invalid",
        key_fingerprint=MATCH_KEY.fingerprint,
        key=NEW.public,
        jti=office.node.ids.uuid7(),
    )
    async with federation.broker.db.write() as session:
        statement = sign_registration(NEW, registration, unix(federation.clock.now()))
        await register.register(session, federation.broker, statement)
        await register.approve(session, federation.broker, office.id, NEW.kid)
    await directory.reload(federation.broker)


async def test_what_came_under_a_stolen_key_goes_and_comes_back_under_the_new_one(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await open_form(pup, at_pup, "PUP-STA")
    await federation.settle()
    federation.clock.go(100)
    await open_form(pup, at_pup, "PUP-SZK")
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA", "PUP-SZK"]
    answer = await revoke(federation, pup, 50)
    assert answer["set_aside"] == 1
    await refresh(federation, ops)
    assert await codes(ops, at_ops) == ["PUP-STA"], "what the broker had received before stands"
    [letter] = await ops.get("/v1/dead-letters")
    assert (letter["problem"], letter["iss"], letter["state"]) == ("set-signature", pup.id, "open")
    assert await retry_aside(ops.node) == 0
    members = {one["id"]: one for one in (await ops.get(f"/v1/clients/{at_ops}/merged-view"))["members"]}
    assert not members[pup.id]["complete"]
    await new_key(federation, pup)
    await refresh(federation, pup, ops)
    assert await codes(ops, at_ops) == ["PUP-STA"]
    await ops.post(f"/v1/exchange/keys/{pup.id}/confirm", {"thumbprint": NEW.kid}, status=200)
    await federation.reconcile(pup.id)
    assert await codes(ops, at_ops) == ["PUP-STA", "PUP-SZK"]
    members = {one["id"]: one for one in (await ops.get(f"/v1/clients/{at_ops}/merged-view"))["members"]}
    assert members[pup.id]["complete"]
    assert await follow_revocations(ops.node) == 0, "it is followed once"


async def test_a_thief_is_refused_at_once(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await revoke(federation, pup, 0)
    await open_form(pup, at_pup, "PUP-STA")
    answer = await federation.operator.post(
        f"/v1/streams/{pup.id}/sets", headers={"Zwornik-Proof": _proof(pup)}, json={}
    )
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:zwornik:problem:proof-key-expired")
    await refresh(federation, ops)
    assert await codes(ops, at_ops) == []


async def test_an_office_whose_key_was_revoked_goes_on_under_its_new_one_by_itself(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await new_key(federation, pup)
    assert pup.node.key.kid != NEW.kid, "it has not asked for the directory since"
    federation.clock.go(10)
    await revoke(federation, pup, 5)
    await open_form(pup, at_pup, "PUP-STA")
    with pytest.raises(Unreachable):
        await federation.push(pup)
    federation.clock.go(3)
    await pup.node.trust.be_ready(failed=True)
    assert pup.node.key.kid == NEW.kid
    await federation.push(pup)
    await refresh(federation, ops)
    await ops.post(f"/v1/exchange/keys/{pup.id}/confirm", {"thumbprint": NEW.kid}, status=200)
    [letter] = [one for one in await pup.get("/v1/dead-letters") if one["found_by"] == "peer"]
    await pup.post(f"/v1/dead-letters/{letter['id']}/redrive", status=200)
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA"], "what it had signed with the old key is said anew"


async def test_what_was_on_its_way_when_the_key_was_revoked_lies_aside_where_it_arrives(
    federation: Federation,
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await open_form(pup, at_pup, "PUP-STA")
    await federation.push(pup)
    del federation.offices[ops.id]  # it polls later
    await federation.settle()
    federation.offices[ops.id] = ops
    federation.clock.go(100)
    await open_form(pup, at_pup, "PUP-SZK")
    await federation.push(pup)
    await revoke(federation, pup, 50)
    await refresh(federation, ops)
    del federation.offices[pup.id]
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA"]


async def known_of(iss: str, *databases: Database) -> list[tuple[int, bytes, int | None]]:
    """Return how far databases know an author, and the baseline on which that rests."""
    found = []
    for database in databases:
        async with database.read() as session:
            rows = await session.execute(select(AuthorRow).where(AuthorRow.iss == iss))
            found += [(row.n, row.hash, row.baseline_n) for row in rows.scalars()]
    return found


@pytest.mark.parametrize("at_once", [1, 2, 200])
async def test_how_far_an_author_is_believed_does_not_turn_on_how_many_sets_are_set_aside_at_once(
    federation: Federation, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    for where in ("services.broker.operations.revoke", "shared.institution.operations.distrusting"):
        monkeypatch.setattr(f"{where}.AT_ONCE", at_once)
    pup, ops, at_pup, _ = await joint(federation)
    before = await known_of(pup.id, federation.broker.db, ops.node.db)
    federation.clock.go(100)
    for code in ("PUP-STA", "PUP-SZK", "PUP-STA"):
        await open_form(pup, at_pup, code)
    await federation.settle()
    assert (await revoke(federation, pup, 50))["set_aside"] == 3
    await refresh(federation, ops)
    assert await known_of(pup.id, federation.broker.db, ops.node.db) == [(n, last, None) for n, last, _ in before]


async def contested(federation: Federation) -> int:
    return int((await federation.operator.get("/v1/overview")).json()["contested"])


async def test_a_registration_that_a_stolen_key_told_decides_no_more_who_leads(
    federation: Federation, second: Office
) -> None:
    pup, ops, at_pup, _ = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2025-05-01"})
    await federation.settle()
    at_second = await second.enrol(1)
    await federation.settle()
    federation.clock.go(100)
    await second.post(f"/v1/clients/{at_second}/registrations", {"from": "2026-09-01"})
    await federation.settle()
    assert await contested(federation) == 1
    await revoke(federation, second, 50)
    del federation.offices[second.id]  # no call of its own is answered any more
    await federation.settle()
    federation.offices[second.id] = second
    assert await contested(federation) == 0
    client = await pup.get(f"/v1/clients/{at_pup}")
    assert client["contest"] == "waits", "nobody knows what the other office has"
    await new_key(federation, second)
    await refresh(federation, pup, ops, second)
    await federation.reconcile(second.id)
    assert await contested(federation) == 1


async def waits(federation: Federation, second: Office) -> tuple[Office, Office, str]:
    """Return an office that told its registration last and is held, the centre, and the registration that leads."""
    pup, ops, at_pup, _ = await joint(federation)
    at_second = await second.enrol(1)
    registration = await second.post(f"/v1/clients/{at_second}/registrations", {"from": "2026-09-01"})
    await federation.settle()
    federation.clock.go(100)
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2025-05-01"})
    await federation.settle()
    assert await contested(federation) == 1
    return pup, ops, registration["id"]


async def waits_without_a_key(federation: Federation, second: Office) -> tuple[Office, str]:
    """Return an office that is held and has a new key, for the one by which it told its registration was stolen."""
    pup, ops, registration = await waits(federation, second)
    await revoke(federation, pup, 50)
    await new_key(federation, pup)
    await refresh(federation, pup, ops, second)
    return pup, registration


async def test_who_is_held_and_lost_its_word_with_a_stolen_key_is_asked_again(
    federation: Federation, second: Office
) -> None:
    await waits_without_a_key(federation, second)
    await federation.settle()
    assert await contested(federation) == 1


async def test_who_is_held_and_lost_its_word_with_a_stolen_key_is_let_in_once_the_other_closes(
    federation: Federation, second: Office
) -> None:
    pup, registration = await waits_without_a_key(federation, second)
    await second.post(f"/v1/registrations/{registration}/close", {"until": "2026-10-01", "reason": "moved"}, 200)
    await federation.settle()
    [client] = await pup.listed("/v1/clients")
    assert (client["contest"], client["members"]) == (None, ["ops-2478011", second.id, pup.id])


async def test_offices_whose_mail_a_revocation_brings_hear_of_it_at_once(
    federation: Federation, second: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(federation.broker.bells, "ring", rung.append)
    pup, _, _ = await waits(federation, second)
    rung.clear()
    await revoke(federation, pup, 50)
    assert pup.id in rung


async def test_a_key_is_revoked_since_a_moment_that_has_passed_and_no_later_word_shortens_it(
    federation: Federation,
) -> None:
    pup = await federation.join("pup-2478")
    refused = await revoke(federation, pup, -60, status=422)
    assert refused["field"] == "compromised_since"
    first = await revoke(federation, pup, 100)
    assert (await revoke(federation, pup, 10))["compromised_since"] == first["compromised_since"]
    path = f"/v1/institutions/{pup.id}/keys/{'x' * 43}/revoke"
    answer = await federation.operator.post(path, json={"compromised_since": first["compromised_since"]})
    assert answer.status_code == 409


def _proof(office: Office) -> str:
    now = unix(office.node.now)
    call = Call(method="POST", target=f"/v1/streams/{office.id}/sets", body=b"{}", aud="broker", now=now)
    return sign_request(office.node.identity.keys[-1], office.id, call, office.node.ids.uuid7(), None)
