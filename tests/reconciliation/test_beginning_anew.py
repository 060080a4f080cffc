"""After a fork: an office restored that wrote too early, two machines of one office, a broker restored from a copy."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from services.broker.main import create_app as create_broker_app
from services.broker.main import create_broker
from services.broker.operations import directory
from services.broker.operations.reconcile import anew
from services.broker.operations.relay.batch import Batch, Person
from services.broker.worker import Worker as BrokerWorker
from shared.exchange.client.broker import Refused
from shared.exchange.stream.heads import StreamFork
from shared.exchange.stream.tables import SetRow
from shared.institution.node import PUSH
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.worker import Worker
from tests.builders import Federation, Office, SeededIds
from tests.federation.saying import token
from tests.federation.test_restored_office import Backup, Lost, back_up, lost, own_stream, restore
from tests.reconciliation.damages import found, records, statement, told

__all__ = ["lost"]

pytestmark = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)


async def test_an_office_that_wrote_before_its_first_contact_begins_anew(federation: Federation, lost: Lost) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    before = await own_stream(pup)
    restored = await restore(federation, pup, backup)
    await restored.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    with pytest.raises(StreamFork):
        await federation.push(restored)
    begun = await restored.post("/v1/exchange/begin-anew")
    assert begun["taken_back"] == 4
    await federation.settle()
    async with restored.node.db.read() as session:
        texts = set(await session.scalars(select(SetRow.text).where(SetRow.iss == pup.id)))
    assert {text for text, _ in before[2]} <= texts, "it has back what it disclosed, byte for byte"
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert sorted(entry["code"] for entry in view["entries"]) == ["AI-E01", "PUP-POS", "PUP-STA", "PUP-SZK"]
    assert all(member["complete"] and not member["missing"] for member in view["members"])
    unknown = await restored.get("/v1/exchange/unknown-clients")
    assert unknown["tokens"] == [token(2)], "the client that it enrolled after the copy was made"
    await restored.enrol(2)
    assert (await restored.get("/v1/exchange/unknown-clients"))["tokens"] == []
    await federation.settle()
    assert (await restored.get("/v1/exchange"))["lag"] == 0
    assert await restored.get("/v1/dead-letters") == []
    assert len((await federation.operator.get("/v1/forks")).json()) == 1, "both words are kept"
    [run] = await federation.reconcile(restored.id)
    assert found(await statement(federation, run)) == {}
    assert await records(restored.node.db, pup.id) == await records(federation.broker.db, pup.id)


@pytest.mark.parametrize("withdrawn", ["before the loss", "after it"])
async def test_whom_it_withdrew_on_either_side_of_the_fork_is_withdrawn_at_the_broker_too(
    federation: Federation, lost: Lost, withdrawn: str
) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    other = await pup.enrol(3)
    backup = back_up(pup, backup.path)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-07-01"})
    if withdrawn == "before the loss":
        await pup.post(f"/v1/clients/{at_pup}/withdraw", None, 200)
    await federation.settle()
    restored = await restore(federation, pup, backup)
    if withdrawn == "after it":
        await restored.post(f"/v1/clients/{at_pup}/withdraw", None, 200)
    await restored.post(f"/v1/clients/{other}/withdraw", None, 200)
    with pytest.raises(StreamFork):
        await federation.push(restored)
    await restored.post("/v1/exchange/begin-anew")
    await federation.settle()
    client = await restored.get(f"/v1/clients/{at_pup}")
    assert (client["state"], client["joint"]) == ("withdrawn", False)
    assert not (await ops.get(f"/v1/clients/{at_ops}"))["joint"], "the broker knows, too"
    assert await restored.get("/v1/dead-letters") == []
    await restored.post(f"/v1/clients/{at_pup}/take-back", None, 200)
    await federation.settle()
    assert (await ops.get(f"/v1/clients/{at_ops}"))["joint"]


async def test_whom_it_withdrew_and_took_back_on_the_far_side_of_the_fork_is_shared_again(
    federation: Federation, lost: Lost
) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    restored = await restore(federation, pup, backup)
    await restored.post(f"/v1/clients/{at_pup}/withdraw", None, 200)
    await restored.post(f"/v1/clients/{at_pup}/take-back", None, 200)
    with pytest.raises(StreamFork):
        await federation.push(restored)
    await restored.post("/v1/exchange/begin-anew")
    await federation.settle()
    await restored.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    await federation.settle()
    for office, client in ((ops, at_ops), (restored, at_pup)):
        assert (await office.get(f"/v1/clients/{client}"))["joint"]
        view = await office.get(f"/v1/clients/{client}/merged-view")
        assert sorted(entry["code"] for entry in view["entries"]) == ["AI-E01", "PUP-POS", "PUP-STA", "PUP-SZK"]
        assert all(member["complete"] and not member["missing"] for member in view["members"])
        assert await office.get("/v1/dead-letters") == []
    assert (await federation.operator.get("/v1/overview")).json()["dead_letters"] == 0


@pytest.mark.parametrize("told_meanwhile", [False, True])
async def test_an_office_that_is_lost_once_more_gets_back_what_it_disclosed_before_it_began_anew(
    federation: Federation, lost: Lost, told_meanwhile: bool, tmp_path: Path
) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    disclosed = await own_stream(pup)
    for loss in ("first", "second"):
        copied = Backup(shutil.copy(backup.path, tmp_path / loss))
        restored = await restore(federation, pup, copied, loss)
        await restored.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
        with pytest.raises(StreamFork):
            await federation.push(restored)
        await restored.post("/v1/exchange/begin-anew")
        if told_meanwhile:
            await federation.settle()
    await federation.settle()
    async with restored.node.db.read() as session:
        texts = set(await session.scalars(select(SetRow.text).where(SetRow.iss == pup.id)))
    assert {text for text, _ in disclosed[2]} <= texts, "it has back what it disclosed, byte for byte"
    forms = ["PUP-POS", "PUP-POS"] if told_meanwhile else ["PUP-POS"]
    for office, client in ((ops, at_ops), (restored, at_pup)):
        view = await office.get(f"/v1/clients/{client}/merged-view")
        assert sorted(entry["code"] for entry in view["entries"]) == ["AI-E01", *forms, "PUP-STA", "PUP-SZK"]
        assert all(member["complete"] and not member["missing"] for member in view["members"])
    assert await restored.get("/v1/dead-letters") == []
    assert (await restored.get("/v1/exchange/unknown-clients"))["tokens"] == [token(2)]
    [run] = await federation.reconcile(restored.id)
    assert found(await statement(federation, run)) == {}
    assert await records(restored.node.db, pup.id) == await records(federation.broker.db, pup.id)


async def test_where_there_is_no_fork_nothing_begins_anew(federation: Federation) -> None:
    pup, _, _, _ = await told(federation)
    refused = await pup.post("/v1/exchange/begin-anew", status=409)
    assert "nothing to begin anew" in refused["detail"]


async def test_mailboxes_begin_anew_only_where_a_member_holds_another_past(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await told(federation)
    refused = await federation.operator.post("/v1/mailboxes/begin-anew")
    assert refused.status_code == 409
    assert "nothing to begin anew" in refused.json()["detail"]
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    await federation.settle()
    for office in (pup, ops):
        await poll_once(office.node, wait_s=0)
        assert await office.get("/v1/forks") == []
    assert (await federation.operator.get("/v1/forks")).json() == []
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert "PUP-POS" in [entry["code"] for entry in view["entries"]]


async def test_a_member_that_holds_the_whole_old_mailbox_follows_into_the_new_one_without_an_alarm(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops, at_pup, _ = await told(federation)
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    await federation.settle()
    await restore_broker(federation, copy)
    with pytest.raises(Refused):
        await poll_once(ops.node, wait_s=0)
    assert (await federation.operator.post("/v1/mailboxes/begin-anew")).status_code == 201
    assert await poll_once(pup.node, wait_s=0) > 0, "nothing new was in its mailbox since the copy"
    assert [fork["peer"] for fork in (await federation.operator.get("/v1/forks")).json()] == [ops.id]
    assert await pup.get("/v1/forks") == []


async def test_of_two_machines_that_run_one_office_one_stands_still_and_people_decide(
    federation: Federation, lost: Lost, tmp_path: Path
) -> None:
    pup, _, _, at_pup, _ = lost
    second = await restore_beside(federation, pup, back_up(pup, tmp_path / "second.sqlite3"))
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    await second.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-07-01"})
    await federation.push(pup)
    worker = Worker(second.node)
    await worker._push()
    assert second.node.lanes[PUSH].problem == "stream-fork"
    assert (await second.http.get("/readyz")).status_code == 503
    assert await second.get("/v1/forks") != []
    await second.post("/v1/exchange/begin-anew")
    await federation.push(second)
    pup.node.peer_position = None
    with pytest.raises(StreamFork):
        await federation.push(pup)
    assert len(await pup.get("/v1/forks")) == 1, "the other machine learns it, and does not write on"


async def restore_beside(federation: Federation, pup: Office, backup: Backup) -> Office:
    """Start a second machine of an office on a copy, while the first goes on."""
    second = await restore(federation, pup, backup)
    federation.offices[pup.id] = pup
    return second


async def test_a_broker_restored_from_a_copy_gets_back_what_it_lost_and_tells_who_shares_whom(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops, at_pup, at_ops = await told(federation)
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    new_at_pup, new_at_ops = await pup.enrol(5), await ops.enrol(5)
    await pup.post(f"/v1/clients/{new_at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-06-01"})
    await federation.settle()
    before = await records(federation.broker.db, pup.id)
    assert len(before) == 5
    await restore_broker(federation, copy)
    for office in (pup, ops):
        office.node.peer_position = None
        await federation.push(office)
        with pytest.raises(Refused) as refused:
            await poll_once(office.node, wait_s=0)
        assert refused.value.problem == "stream-fork"
        assert len(await office.get("/v1/forks")) >= 1
    answer = await federation.operator.post("/v1/mailboxes/begin-anew")
    assert answer.json() == {"mailboxes": 2}
    for office in (pup, ops):
        assert await poll_once(office.node, wait_s=0) > 0, "it follows by itself, and its lane never stands"
    again = await federation.operator.post("/v1/mailboxes/begin-anew")
    assert again.status_code == 409, "once is enough: nobody contradicts the new ones"
    await federation.settle()
    assert await records(federation.broker.db, pup.id) == before
    for client, codes in ((at_ops, ["AI-E01"] * 3 + ["PUP-POS"] + ["PUP-SZK"] * 3), (new_at_ops, ["PUP-STA"])):
        view = await ops.get(f"/v1/clients/{client}/merged-view")
        assert sorted(entry["code"] for entry in view["entries"]) == codes
        assert all(member["complete"] and not member["missing"] for member in view["members"])
    for run in await federation.reconcile():
        assert found(await statement(federation, run)) == {}


@pytest.mark.parametrize("who_goes_on", ["the operator", "the worker"])
async def test_a_call_that_dies_while_it_tells_who_shares_whom_is_gone_on_with(
    federation: Federation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, who_goes_on: str
) -> None:
    pup, ops, _, _ = await told(federation)
    others = [(await pup.enrol(number), await ops.enrol(number)) for number in (5, 6)]
    await federation.settle()
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    for client, _ in others:
        await pup.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    await federation.settle()
    await restore_broker(federation, copy)
    for office in (pup, ops):
        office.node.peer_position = None
        await federation.push(office)
    with pytest.raises(Refused):
        await poll_once(ops.node, wait_s=0)
    tell, told_of = anew._tell, []

    async def dies(batch: Batch, person: Person) -> None:
        if told_of:
            raise ConnectionResetError
        told_of.append(person.token)
        await tell(batch, person)

    monkeypatch.setattr(anew, "AT_ONCE", 1)
    monkeypatch.setattr(anew, "_tell", dies)
    with pytest.raises(ConnectionResetError):
        await anew.begin_mailboxes_anew(federation.broker)
    monkeypatch.setattr(anew, "_tell", tell)
    if who_goes_on == "the worker":
        await BrokerWorker(federation.broker)._keep_house()
    else:
        assert (await federation.operator.post("/v1/mailboxes/begin-anew")).json() == {"mailboxes": 2}
    again = await federation.operator.post("/v1/mailboxes/begin-anew")
    assert again.status_code == 409, "it was done, once"
    await federation.settle()
    for _, client in others:
        view = await ops.get(f"/v1/clients/{client}/merged-view")
        assert [entry["code"] for entry in view["entries"]] == ["PUP-POS"]
        assert all(member["complete"] and not member["missing"] for member in view["members"])
    for run in await federation.reconcile():
        assert found(await statement(federation, run)) == {}


def copy_of(federation: Federation, to: Path) -> Path:
    database = make_url(federation.broker.settings.database_url).database
    assert database is not None
    with sqlite3.connect(database) as source, sqlite3.connect(to) as target:
        source.backup(target)
    source.close()
    target.close()
    return to


async def restore_broker(federation: Federation, copy: Path) -> None:
    """Lose the broker and start it anew on a copy."""
    await federation.broker.db.close()
    settings = federation.broker.settings.model_copy(update={"database_url": f"sqlite:///{copy}"})
    federation.broker = create_broker(settings, federation.clock, SeededIds("after the loss"))
    federation._stack.push_async_callback(federation.broker.db.close)
    federation.broker.threads = False
    await directory.open_up(federation.broker)
    federation.broker_app.state.broker = federation.broker
    app = create_broker_app(federation.broker)
    federation.broker_app = app
    for client in (federation.operator, *(office.node.client._http for office in federation.offices.values())):
        transport = client._transport
        transport.app = app  # type: ignore[attr-defined]
