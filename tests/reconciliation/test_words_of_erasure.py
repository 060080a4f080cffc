"""Words of erasure after a broker's loss: whoever holds what they name hears of them, and nobody else (decision 54)."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from services.broker.operations import register
from services.broker.operations.reconcile import anew
from services.broker.operations.relay.reminding import remind_of_given_up
from shared.exchange.client.broker import Refused
from shared.institution.operations.erasing.standing import ask_holders
from shared.institution.operations.exchange.polling import poll_once
from tests import builders
from tests.broker.builders import relay
from tests.builders import Federation, Office
from tests.federation.erasing import FORM, codes_seen, erase, texts
from tests.federation.saying import joint
from tests.reconciliation.test_beginning_anew import copy_of, restore_broker

pytestmark = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)

Act = Callable[[Office, str, str], Awaitable[object]]


async def begin_anew(federation: Federation, told: Office) -> None:
    """Begin the mailboxes anew once an office said that it had been told more than the broker holds."""
    with pytest.raises(Refused):
        await poll_once(told.node, wait_s=0)
    assert (await federation.operator.post("/v1/mailboxes/begin-anew")).status_code == 201


async def say_again(federation: Federation, office: Office) -> None:
    """Push what the broker lost of an office's stream once more, and let it be relayed."""
    office.node.peer_position = None
    await federation.push(office)
    await relay(federation)


async def wrongly_told(federation: Federation) -> tuple[Office, Office, str, str, str]:
    """Two offices that begin to share a client of whom one has a record that it is about to erase."""
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await federation.push(pup)
    return pup, ops, at_pup, await ops.enrol(1), wrong


async def test_what_its_author_erased_stays_erased_where_mailboxes_begin_anew(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops, at_pup, at_ops, wrong = await wrongly_told(federation)
    await federation.settle()
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    assert wrong not in await texts(ops.node, pup.id)
    await restore_broker(federation, copy)
    await begin_anew(federation, ops)
    assert await poll_once(ops.node, wait_s=0) > 0
    assert wrong not in await texts(ops.node, pup.id), "the new mailbox has the record, and its erasure not yet"
    pup.node.peer_position = None
    await federation.settle()
    assert wrong not in await texts(ops.node, pup.id)
    assert await codes_seen(ops, at_ops) == []
    assert await ops.get("/v1/dead-letters") == []
    assert await all_followed(pup, at_pup) == ["broker", ops.id]


@pytest.mark.parametrize("begun", ["before the author's word", "after it"])
async def test_an_erasure_reaches_who_got_the_record_in_the_past_that_the_broker_lost(
    federation: Federation, tmp_path: Path, begun: str
) -> None:
    pup, ops, at_pup, at_ops, wrong = await wrongly_told(federation)
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    await federation.settle()
    assert wrong in await texts(ops.node, pup.id)
    await restore_broker(federation, copy)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await say_again(federation, pup)
    assert await all_followed(pup, at_pup) == ["broker"], "the broker knows of nobody else any more"
    ops.node.peer_position = None
    if begun == "after it":
        await federation.push(ops)
    await begin_anew(federation, ops)
    await federation.settle()
    assert wrong not in await texts(ops.node, pup.id)
    assert await codes_seen(ops, at_ops) == []
    assert await ops.get("/v1/dead-letters") == await pup.get("/v1/dead-letters") == []
    assert await all_followed(pup, at_pup) == ["broker", ops.id]


async def all_followed(office: Office, client: str) -> list[str]:
    """Return who has followed the one erasure of a client, and that nobody has not."""
    await ask_holders(office.node)
    (done,) = (await office.get(f"/v1/clients/{client}/erasures"))["items"]
    assert all(one["erased"] for one in done["holders"])
    return [one["id"] for one in done["holders"]]


async def whole_client(pup: Office, at_pup: str, wrong: str) -> None:
    await erase(pup, at_pup)


async def after_withdrawal(pup: Office, at_pup: str, wrong: str) -> None:
    await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)


@pytest.mark.parametrize("act", [whole_client, after_withdrawal])
@pytest.mark.parametrize("knew", [True, False])
async def test_a_word_said_when_its_author_left_reaches_who_got_the_record(
    federation: Federation, tmp_path: Path, act: Act, knew: bool
) -> None:
    """``knew``: the copy of the broker has both offices as members, and lacks the record alone."""
    pup, ops, at_pup, _, wrong = await wrongly_told(federation)
    if knew:
        await federation.settle()
        wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM | {"from": "2026-03-09"}))["id"]
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    await federation.settle()
    assert wrong in await texts(ops.node, pup.id)
    await act(pup, at_pup, wrong)
    await federation.push(pup)
    await relay(federation)
    await restore_broker(federation, copy)
    ops.node.peer_position = None
    await say_again(federation, pup)
    await begin_anew(federation, ops)
    await federation.settle()
    assert wrong not in await texts(ops.node, pup.id)


async def test_a_word_left_in_a_given_up_mailbox_is_mailed_again_though_the_operators_call_failed(
    federation: Federation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pup, ops, at_pup, _, wrong = await wrongly_told(federation)
    await federation.settle()
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    await restore_broker(federation, copy)
    with pytest.raises(Refused):
        await poll_once(ops.node, wait_s=0)
    await say_again(federation, pup)

    async def dies(broker: object) -> int:
        raise ConnectionResetError

    monkeypatch.setattr(anew, "remind_of_given_up", dies)
    with pytest.raises(ConnectionResetError):
        await anew.begin_mailboxes_anew(federation.broker)
    await federation.settle()
    await ask_holders(pup.node)
    (erasure,) = (await pup.get(f"/v1/clients/{at_pup}/erasures"))["items"]
    assert erasure["waiting"] == [ops.id], "nobody says that it was followed before it was mailed"
    assert [await remind_of_given_up(federation.broker) for _ in range(2)] == [1, 0], "the broker's worker does it"
    await federation.settle()
    assert await all_followed(pup, at_pup) == ["broker", ops.id]


async def test_what_a_holder_followed_before_it_retired_stays_followed(federation: Federation, tmp_path: Path) -> None:
    pup, ops, at_pup, _, wrong = await wrongly_told(federation)
    await federation.settle()
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    assert await all_followed(pup, at_pup) == ["broker", ops.id]
    await restore_broker(federation, copy)
    with pytest.raises(Refused):
        await poll_once(ops.node, wait_s=0)
    async with federation.broker.db.write() as session:
        await register.set_state(session, federation.broker, ops.id, "retired")
    assert (await federation.operator.post("/v1/mailboxes/begin-anew")).status_code == 201
    await say_again(federation, pup)
    await poll_once(pup.node, wait_s=0)
    assert await all_followed(pup, at_pup) == ["broker", ops.id]


async def test_who_joins_hears_nothing_of_what_was_erased_before(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(builders.AREAS, "ops-2476011", ("2476011",))
    pup, _, at_pup, _ = await joint(federation)
    other = await federation.join("ops-2476011")
    await other.enrol(1)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    await federation.settle()
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await federation.settle()
    for office in (pup, other):
        [suspicion] = (await office.get("/v1/suspicions"))["items"]
        await office.post(f"/v1/suspicions/{suspicion['id']}/confirm", {"reason_code": "same_person"}, 200)
    await federation.settle()
    assert "record.restated" in await texts(other.node, pup.id)
    assert "set.erased" not in await texts(other.node, pup.id)


async def test_an_office_that_came_by_a_corrected_pesel_hears_of_an_erasure_too(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    wrong = (await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM))["id"]
    at_ops = await ops.enrol(2)
    await federation.settle()
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    await ops.patch(f"/v1/clients/{at_ops}", {"pesel": builders.pesel(1)})
    await federation.settle()
    assert wrong in await texts(ops.node, pup.id)
    await restore_broker(federation, copy)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong)
    await say_again(federation, pup)
    ops.node.peer_position = None
    await begin_anew(federation, ops)
    await federation.settle()
    assert wrong not in await texts(ops.node, pup.id)
