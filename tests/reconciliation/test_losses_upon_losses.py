"""Losses upon losses: an office lost twice, a broker lost after an office began anew, cases that go on after a loss."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from services.broker.operations.reconcile import anew as broker_anew
from shared.exchange.client.broker import Refused, Unreachable
from shared.exchange.stream.heads import StreamFork
from shared.exchange.stream.tables import ForkRow, StreamRow
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.reconciling import anew, given_back
from shared.institution.tables import DecisionRow
from tests.builders import Federation, Office
from tests.federation.recipients import Recipient, make_recipient
from tests.federation.test_restored_office import Backup, Lost, back_up, lost, restore
from tests.reconciliation.damages import told
from tests.reconciliation.test_beginning_anew import copy_of, restore_broker

__all__ = ["lost"]

on_sqlite = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)


async def lose_and_begin_anew(
    federation: Federation, office: Office, backup: Backup, to: Path, *, writes: bool = True
) -> Office:
    """Restore an office from a copy of the backup, let it write too early, and begin anew."""
    restored = await restore(federation, office, Backup(shutil.copy(backup.path, to)), to.name)
    if writes:
        await restored.enrol(7)
    with pytest.raises(StreamFork):
        await federation.push(restored)
    await restored.post("/v1/exchange/begin-anew")
    await federation.settle()
    return restored


async def begin_mailboxes_anew(federation: Federation, copy: Path) -> None:
    """Restore the broker from a copy, let every office meet it, and begin all mailboxes anew."""
    await restore_broker(federation, copy)
    met = 0
    for office in federation.offices.values():
        office.node.peer_position = None
        try:
            await federation.push(office)
            await poll_once(office.node, wait_s=0)
        except (StreamFork, Refused):
            met += 1
    assert met, "somebody holds another past"
    await broker_anew.begin_mailboxes_anew(federation.broker)


@on_sqlite
async def test_whom_an_office_took_back_after_it_began_anew_stays_so_when_it_is_lost_again(
    federation: Federation, lost: Lost, tmp_path: Path
) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    await pup.post(f"/v1/clients/{at_pup}/withdraw", None, 200)
    await federation.settle()
    restored = await lose_and_begin_anew(federation, pup, backup, tmp_path / "first")
    assert (await restored.get(f"/v1/clients/{at_pup}"))["state"] == "withdrawn"
    await restored.post(f"/v1/clients/{at_pup}/take-back", None, 200)
    await federation.settle()
    restored = await lose_and_begin_anew(federation, pup, backup, tmp_path / "second", writes=False)
    assert (await restored.get(f"/v1/clients/{at_pup}"))["joint"]
    assert (await ops.get(f"/v1/clients/{at_ops}"))["joint"]


@on_sqlite
async def test_whom_an_office_withdrew_and_took_back_is_shared_wherever_a_page_ends(
    federation: Federation, lost: Lost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    await pup.post(f"/v1/clients/{at_pup}/withdraw", None, 200)
    await pup.post(f"/v1/clients/{at_pup}/take-back", None, 200)
    await federation.settle()
    monkeypatch.setattr(given_back, "MAX_SETS", 1)
    restored = await lose_and_begin_anew(federation, pup, backup, tmp_path / "first")
    assert (await restored.get(f"/v1/clients/{at_pup}"))["joint"]
    assert (await ops.get(f"/v1/clients/{at_ops}"))["joint"]


@on_sqlite
@pytest.mark.parametrize("taken_back", [False, True])
async def test_whom_an_office_withdrew_since_it_began_anew_is_withdrawn_at_a_broker_that_forgot_that(
    federation: Federation, lost: Lost, tmp_path: Path, taken_back: bool
) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    restored = await lose_and_begin_anew(federation, pup, backup, tmp_path / "first")
    await restored.post(f"/v1/clients/{at_pup}/withdraw", None, 200)
    if taken_back:
        await restored.post(f"/v1/clients/{at_pup}/take-back", None, 200)
    await federation.settle()
    await begin_mailboxes_anew(federation, copy)
    await restored.post("/v1/exchange/begin-anew")
    await federation.settle()
    assert (await ops.get(f"/v1/clients/{at_ops}"))["joint"] is taken_back
    assert (await restored.get(f"/v1/clients/{at_pup}"))["joint"] is taken_back


async def decided(federation: Federation) -> tuple[Recipient, str, Backup]:
    """Return a recipient whose case was approved, the job, and a copy of the labour office from before that."""
    recipient = await make_recipient(federation)
    job = await recipient.takes_a_job(net_gr=180000)
    shown = await recipient.benefit()
    backup = back_up(recipient.pup, federation.folder / "office-copy.sqlite3")
    await recipient.decide(shown["result_hash"])
    return recipient, job, backup


@on_sqlite
async def test_a_decision_that_comes_back_twice_is_one_decision(
    federation: Federation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipient, _, backup = await decided(federation)
    pup = recipient.pup = await restore(federation, recipient.pup, backup)
    await pup.enrol(7)
    with pytest.raises(StreamFork):
        await federation.push(pup)

    async def away(*_: object) -> None:
        raise Unreachable("The broker is away.")

    with monkeypatch.context() as patched:
        patched.setattr(anew, "_tell_present_state", away)
        with pytest.raises(Unreachable):
            await anew.begin_anew(pup.node)
    await pup.post("/v1/exchange/begin-anew")
    await federation.settle()
    async with pup.node.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(DecisionRow)) == 1
    assert [one["decision"] for one in (await recipient.benefit())["decisions"]] == ["approved"]


@on_sqlite
@pytest.mark.parametrize("older_mail", [0, 1, 12])
async def test_a_case_goes_on_after_the_mailboxes_began_anew(
    federation: Federation, tmp_path: Path, older_mail: int
) -> None:
    recipient = await make_recipient(federation)
    for day in range(older_mail):
        form = {"code": "AI-E01", "from": f"2026-05-{day + 1:02}"}
        await recipient.ops.post(f"/v1/clients/{recipient.at_ops}/support-forms", form)
        await federation.settle()
    job = await recipient.takes_a_job(net_gr=180000)
    await recipient.decide((await recipient.benefit())["result_hash"])
    copy = copy_of(federation, tmp_path / "broker-copy.sqlite3")
    for office, client, code in (
        (recipient.pup, recipient.at_pup, "PUP-POS"),
        (recipient.ops, recipient.at_ops, "AI-E01"),
    ):
        await office.post(f"/v1/clients/{client}/support-forms", {"code": code, "from": "2026-06-01"})
    await federation.settle()
    before = await recipient.benefit()
    await begin_mailboxes_anew(federation, copy)
    await federation.settle()
    assert (await recipient.benefit())["total_gr"] == before["total_gr"]
    after = await recipient.news(job, effective="2026-12-01", net_gr=300000)
    assert after["state"] == "corrected"
    assert after["total_gr"] != before["total_gr"]


@pytest.mark.parametrize("make_database", ["postgresql"], indirect=True)
async def test_of_calls_at_once_one_begins_all_mailboxes_and_the_others_find_it_done(federation: Federation) -> None:
    pup, *_ = await told(federation)
    broker = federation.broker
    async with broker.db.write() as session:
        newest = select(func.max(StreamRow.id)).where(StreamRow.owner == "broker", StreamRow.peer == pup.id)
        stream = await session.scalar(newest)
        session.add(
            ForkRow(id=broker.ids.uuid7(), stream_id=stream, position=1, ours="ours", theirs="theirs", at=broker.now)
        )
    calls = [broker_anew.begin_mailboxes_anew(broker) for _ in range(3)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert 2 in answers
    assert all(answer == 2 or isinstance(answer, broker_anew.NoFork) for answer in answers), answers
    async with broker.db.read() as session:
        count = select(func.count()).select_from(StreamRow).where(StreamRow.owner == "broker")
        assert await session.scalar(count) == 4, "a mailbox of each of two members, and one anew"
