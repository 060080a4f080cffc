"""A key changes while the other office still goes by an older directory: its mailbox goes on (WIRE.md, section 1)."""

import pytest

from services.broker.operations import directory, register
from services.broker.operations.directory import KEY_LIFE_S
from shared.exchange.identity import Identity
from shared.exchange.keys import SigningKey, load_keys, save_key
from shared.exchange.member_keys import sign_introduction
from shared.exchange.registration import Registration, sign_registration
from shared.institution.operations.exchange.retrying import retry_aside
from shared.institution.operations.keys import take_up_own, watch
from shared.runtime.clock import unix
from tests.builders import AREAS, FEDERATION, MATCH_KEY, Federation, Office
from tests.federation.saying import joint
from tests.federation.wires import hold

NEW = SigningKey.from_seed(b"the office's second key")


async def rotate(federation: Federation, office: Office, *, introduced: bool = True) -> None:
    """Give an office a new key and have it approved; the others learn of it when they next ask."""
    old, now = office.node.key, unix(federation.clock.now())
    save_key(office.node.settings.key_dir, NEW)
    take_up_own(office.node)
    assert office.node.key.kid == old.kid, "the directory does not carry the new one yet"
    word = sign_introduction(old, iss=office.id, federation=FEDERATION, introduces=NEW.kid, now=now)
    registration = Registration(
        id=office.id,
        federation=FEDERATION,
        name=f"Urząd {office.id}",
        area=AREAS[office.id],
        contact="it@example.invalid",
        key_fingerprint=MATCH_KEY.fingerprint,
        key=NEW.public,
        jti=office.node.ids.uuid7(),
        introduction=word if introduced else None,
    )
    async with federation.broker.db.write() as session:
        statement = sign_registration(NEW, registration, now)
        await register.register(session, federation.broker, statement)
        await register.approve(session, federation.broker, office.id, NEW.kid)
    await directory.reload(federation.broker)
    federation.clock.go(5)
    await office.node.trust.refresh(unknown_key=True)
    assert office.node.key.kid == NEW.kid


def knows(office: Office, kid: str) -> bool:
    held = office.node.trust.directory
    return held is not None and held.knows_key("pup-2478", kid)


async def codes(office: Office, client: str) -> list[str]:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    return sorted(entry["code"] for entry in view["entries"])


async def open_form(office: Office, client: str, code: str) -> None:
    await office.post(f"/v1/clients/{client}/support-forms", {"code": code, "from": "2026-03-02"})


async def test_a_new_key_is_not_used_before_it_is_approved(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    old = pup.node.key.kid
    save_key(pup.node.settings.key_dir, NEW)
    pup.node.identity = Identity(pup.id, FEDERATION, load_keys(pup.node.settings.key_dir))
    assert {key.kid for key in pup.node.identity.keys} == {old, NEW.kid}
    assert pup.node.key.kid == old
    await open_form(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await pup.get("/v1/dead-letters") == []


@pytest.mark.parametrize("since_refresh_s", [60, 0])
async def test_a_set_under_a_key_that_the_directory_lacks_is_taken_at_once(
    federation: Federation, since_refresh_s: int
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await rotate(federation, pup)
    assert not knows(ops, NEW.kid), "the other office has the directory of before"
    if not since_refresh_s:
        ops.node.trust._fetched = federation.clock.monotonic()  # it asked a moment ago and may not ask again so soon
    federation.clock.go(since_refresh_s)
    await open_form(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA"]
    assert await ops.get("/v1/dead-letters") == []
    assert knows(ops, NEW.kid)


async def test_what_cannot_be_checked_lies_aside_and_the_mailbox_goes_on(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wire = hold(ops)
    await rotate(federation, pup)
    wire.cut("/directory")
    await open_form(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await codes(ops, at_ops) == []
    [letter] = await ops.get("/v1/dead-letters")
    assert (letter["problem"], letter["found_by"], letter["iss"]) == ("set-signature", "self", pup.id)
    mailbox = (await ops.get("/v1/exchange"))["mailbox"]
    wire.mend()
    federation.clock.go(60)
    await ops.node.trust.refresh()
    assert await retry_aside(ops.node) == 1
    assert await codes(ops, at_ops) == ["PUP-STA"]
    assert await ops.get("/v1/dead-letters") == []
    assert (await ops.get("/v1/exchange"))["mailbox"] == mailbox
    assert await retry_aside(ops.node) == 0


async def test_what_lay_aside_and_came_once_more_meanwhile_is_settled(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wire = hold(ops)
    await rotate(federation, pup)
    wire.cut("/directory")
    await open_form(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert len(await ops.get("/v1/dead-letters")) == 1
    wire.mend()
    federation.clock.go(400)
    await open_form(pup, at_pup, "PUP-SZK")
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA", "PUP-SZK"], "the hole was asked for"
    await retry_aside(ops.node)
    assert await ops.get("/v1/dead-letters") == [], "what is held already is no dead letter"
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert [member["missing"] for member in view["members"]] == [0, 0]


async def test_after_the_overlap_the_office_and_its_mailbox_go_on_under_the_new_key(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await open_form(pup, at_pup, "PUP-SZK")
    await rotate(federation, pup)
    federation.clock.go((federation.broker.settings.key_overlap_days + 1) * 24 * 3600)
    await federation.sign_anew()
    await open_form(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA", "PUP-SZK"], "what the old key signed in its time still holds"
    assert await ops.get("/v1/dead-letters") == []


async def test_what_an_office_signed_before_it_was_approved_is_taken_when_it_is(federation: Federation) -> None:
    ops = await federation.join("ops-2478011")
    at_ops = await ops.enrol(1)
    pup = await federation.make_office("pup-2478")
    at_pup = await pup.enrol(1)
    federation.clock.go(3 * 24 * 3600)
    await federation.sign_anew()
    await federation.approve(pup)
    await federation.settle()
    assert (await pup.get("/v1/exchange"))["lag"] == 0
    assert await pup.get("/v1/dead-letters") == []
    assert (await pup.get(f"/v1/clients/{at_pup}"))["joint"]
    assert (await ops.get(f"/v1/clients/{at_ops}"))["joint"]


async def test_a_key_that_the_one_before_did_not_introduce_waits_until_an_official_compared_it(
    federation: Federation,
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await rotate(federation, pup, introduced=False)
    await open_form(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await codes(ops, at_ops) == [], "the broker may have made that key itself"
    waiting = {"institution": pup.id, "thumbprint": NEW.kid}
    assert await ops.get("/v1/exchange/keys") == [waiting]
    federation.clock.go(60)
    await ops.node.trust.load()
    assert await retry_aside(ops.node) == 0, "a restart believes it no more"
    path = f"/v1/exchange/keys/{pup.id}/confirm"
    await ops.post(path, {"thumbprint": "x" * 43}, status=409)
    await ops.post("/v1/exchange/keys/pup-2476/confirm", {"thumbprint": NEW.kid}, status=409)
    assert await ops.post(path, {"thumbprint": NEW.kid}, status=200) == waiting | {"taken": 1}
    assert await codes(ops, at_ops) == ["PUP-STA"]
    assert await ops.get("/v1/exchange/keys") == []
    assert await ops.get("/v1/dead-letters") == []


async def test_a_key_that_waits_for_approval_makes_the_office_look_for_it(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    assert not watch(pup.node)
    save_key(pup.node.settings.key_dir, NEW)
    assert watch(pup.node)
    (pup.node.settings.key_dir / f"{NEW.kid}.pem").chmod(0o644)
    assert watch(pup.node), "a key that others can read changes nothing, and stops nothing"
    (pup.node.settings.key_dir / f"{NEW.kid}.pem").unlink()
    assert not watch(pup.node)


async def test_no_push_fails_while_a_key_changes_and_the_old_one_ends_on_its_day(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    old = pup.node.key.kid
    signed: set[str] = set()
    told = 0

    async def write() -> None:
        nonlocal told
        await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
        told += 1
        signed.add(pup.node.key.kid)
        await federation.settle()

    await write()
    await rotate(federation, pup)
    await write()
    for _ in range(federation.broker.settings.key_overlap_days + 1):
        federation.clock.go(24 * 3600)
        await federation.sign_anew()
        await write()
    assert signed == {old, NEW.kid}
    assert await codes(ops, at_ops) == ["PUP-STA"] * told
    assert [*await pup.get("/v1/dead-letters"), *await ops.get("/v1/dead-letters")] == []
    listed = {key.key.kid for key in federation.broker.directory.members[pup.id].keys}
    assert listed == {NEW.kid}
    assert pup.node.metrics.failures.labels("push")._value.get() == 0


async def test_who_has_a_key_that_ends_is_warned_at_both_ends_and_stays_ready(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    federation.clock.go(KEY_LIFE_S - 13 * 24 * 3600)
    await federation.sign_anew()
    watch(pup.node)
    federation.broker.look_at_keys()
    warned = f"key of {pup.id}"
    for http in (pup.http, federation.operator):
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["warnings"][warned]) == (200, "12 days left")
        assert f'zwornik_key_days{{owner="{pup.id}"}} 12.0' in (await http.get("/metrics")).text
    await rotate(federation, pup)
    watch(pup.node)
    assert warned not in (await pup.http.get("/readyz")).json()["warnings"]
