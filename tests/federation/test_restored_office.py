"""An office restored from an older copy of its SQLite file gets back what it disclosed, and goes on from there."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, make_url, select

from shared.domain.institutions import BROKER
from shared.exchange.history.tables import AuthorRow, HoleRow, SharedRecordRow
from shared.exchange.stream.heads import StreamFork, find_head
from shared.exchange.stream.tables import EntryRow, SetRow
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.exchange.recovering import compare_once
from shared.institution.operations.reconciling.behind import changed_behind
from shared.institution.tables import ClientRow, SupportFormRow
from tests.builders import Federation, Office
from tests.federation.backups import start_again
from tests.federation.recipients import books, make_recipient
from tests.federation.saying import joint

pytestmark = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)


@dataclass
class Backup:
    """A copy of an office's database as a backup at night makes it."""

    path: Path


def back_up(office: Office, to: Path) -> Backup:
    database = make_url(office.node.settings.database_url).database
    assert database is not None
    with sqlite3.connect(database) as source, sqlite3.connect(to) as target:
        source.backup(target)
    source.close()
    target.close()
    return Backup(to)


async def restore(federation: Federation, office: Office, backup: Backup, seed: str = "after the loss") -> Office:
    """Lose an office and start it anew on the copy."""
    settings = office.node.settings.model_copy(update={"database_url": f"sqlite:///{backup.path}"})
    return await start_again(federation, office, settings, seed)


async def own_stream(office: Office) -> tuple[int, bytes, list[tuple[str, int | None]]]:
    """Return how far the office's own stream goes, its chain, and its SETs."""
    async with office.node.db.read() as session:
        head = await find_head(session, office.id, BROKER)
        assert head is not None
        same = (SetRow.iss == EntryRow.iss) & (SetRow.hash == EntryRow.hash)
        query = select(SetRow).join(EntryRow, same).where(EntryRow.stream_id == head.id)
        sets = await session.scalars(query.order_by(EntryRow.position))
        return head.position, head.chain, [(row.text, row.n) for row in sets]


async def disclosed(office: Office, author: str) -> list[tuple[str, str, int]]:
    """Return what an office holds of an author's disclosed records."""
    async with office.node.db.read() as session:
        rows = await session.scalars(select(SharedRecordRow).where(SharedRecordRow.iss == author))
        return sorted((row.key, str(row.payload), row.n) for row in rows if not row.dropped)


Lost = tuple[Office, Office, Backup, str, str]


@pytest.fixture
async def lost(federation: Federation, tmp_path: Path) -> Lost:
    """Two offices, and the backup of one before most of what it then told."""
    pup, ops, at_pup, at_ops = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-01-05"})
    await federation.settle()
    backup = back_up(pup, tmp_path / "backup.sqlite3")
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await pup.post(f"/v1/support-forms/{form['id']}/close", {"until": "2026-05-31"}, 200)
    await pup.enrol(2)
    await ops.enrol(2)
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-E01", "from": "2026-02-02"})
    await federation.settle()
    return pup, ops, backup, at_pup, at_ops


@pytest.mark.parametrize("polls_first", [False, True])
async def test_it_gets_back_what_it_disclosed_whichever_lane_is_quicker(
    federation: Federation, lost: Lost, polls_first: bool
) -> None:
    pup, ops, backup, _, at_ops = lost
    before = await own_stream(pup)
    told = await disclosed(pup, pup.id)
    restored = await restore(federation, pup, backup)
    assert (await own_stream(restored))[0] < before[0]
    if polls_first:
        await poll_once(restored.node, wait_s=0)
    await federation.settle()
    after = await own_stream(restored)
    assert after[2][: len(before[2])] == before[2], "every SET it had signed, byte for byte"
    assert {record[0] for record in told} <= {record[0] for record in await disclosed(restored, pup.id)}
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert sorted(entry["code"] for entry in view["entries"]) == ["AI-E01", "PUP-STA", "PUP-SZK"]
    assert (await federation.operator.get("/v1/forks")).json() == []
    for office in (restored, ops):
        assert await office.get("/v1/dead-letters") == []


@pytest.mark.parametrize("polls_first", [False, True])
async def test_a_copy_from_before_the_match_tells_nothing_anew_before_it_has_its_own_words_back(
    federation: Federation, tmp_path: Path, polls_first: bool
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-01-05"})
    await federation.settle()
    backup = back_up(pup, tmp_path / "backup.sqlite3")
    at_ops = await ops.enrol(1)
    await federation.settle()
    before = await own_stream(pup)
    restored = await restore(federation, pup, backup)
    if polls_first:
        await poll_once(restored.node, wait_s=0)
    await federation.settle()
    assert (await own_stream(restored))[2][: len(before[2])] == before[2]
    assert await restored.get("/v1/forks") == []
    for office, client in ((restored, at_pup), (ops, at_ops)):
        view = await office.get(f"/v1/clients/{client}/merged-view")
        assert [entry["code"] for entry in view["entries"]] == ["PUP-SZK"]
        assert all(member["complete"] for member in view["members"])
    assert (await restored.get("/v1/exchange"))["lag"] == 0


async def test_it_counts_on_where_it_had_stopped(federation: Federation, lost: Lost) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    restored = await restore(federation, pup, backup)
    await federation.settle()
    await restored.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    other = await restored.enrol(3)
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert "PUP-POS" in [entry["code"] for entry in view["entries"]]
    assert [member["missing"] for member in view["members"]] == [0, 0]
    async with ops.node.db.read() as session:
        counted = select(SetRow.token, SetRow.n).where(SetRow.iss == pup.id, SetRow.n.is_not(None))
        counts = [tuple(row) for row in await session.execute(counted)]
    assert len(counts) == len(set(counts)), "no count was used twice for one person"
    at_other = await ops.enrol(3)
    await federation.settle()
    assert (await restored.get(f"/v1/clients/{other}"))["joint"]
    assert (await ops.get(f"/v1/clients/{at_other}"))["joint"]
    assert (await restored.get("/v1/exchange"))["lag"] == 0
    assert await restored.get("/v1/dead-letters") == []


async def test_it_gets_its_mail_again_and_takes_nothing_twice(federation: Federation, lost: Lost) -> None:
    pup, ops, backup, at_pup, _ = lost
    restored = await restore(federation, pup, backup)
    await federation.settle()
    view = await restored.get(f"/v1/clients/{at_pup}/merged-view")
    theirs = [entry["code"] for entry in view["entries"] if entry["iss"] == ops.id]
    assert theirs == ["AI-E01"]
    assert (await restored.get("/v1/exchange"))["mailbox"] > 0


async def test_the_copy_of_an_office_that_went_on_elsewhere_is_a_fork(federation: Federation, lost: Lost) -> None:
    pup, _, backup, at_pup, _ = lost
    copy = await restore(federation, pup, backup)
    await copy.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-06-01"})
    with pytest.raises(StreamFork):
        await federation.push(copy)
    assert len(await copy.get("/v1/forks")) == 1


async def test_what_was_not_lost_needs_no_recovery(federation: Federation, lost: Lost, tmp_path: Path) -> None:
    pup, _, _, _, _ = lost
    before = await own_stream(pup)
    restored = await restore(federation, pup, back_up(pup, tmp_path / "fresh.sqlite3"))
    await federation.settle()
    assert await own_stream(restored) == before
    async with restored.node.db.read() as session:
        authors: Any = list(await session.scalars(select(AuthorRow).where(AuthorRow.iss == pup.id)))
    assert [author.n for author in authors] >= [3]


@pytest.mark.parametrize("who", ["pup", "ops"])
async def test_its_books_come_back_with_the_decisions_of_the_time_that_it_lost(
    federation: Federation, tmp_path: Path, who: str
) -> None:
    recipient = await make_recipient(federation)
    job = await recipient.takes_a_job(net_gr=180000)
    office = recipient.pup if who == "pup" else recipient.ops
    backup = back_up(office, tmp_path / "backup.sqlite3")
    await recipient.decide((await recipient.benefit())["result_hash"])
    lowered = await recipient.news(job, effective="2026-06-01", net_gr=300000)
    await recipient.decide(lowered["result_hash"])
    await recipient.appeal("appeal", lodged_on="2026-10-01")
    restored = await restore(federation, office, backup)
    await federation.settle()
    assert await books(restored.node) == await books(federation.broker) != {}
    at_office = recipient.at_pup if who == "pup" else recipient.at_ops
    shown = await restored.get(f"/v1/clients/{at_office}/degressive-benefit")
    assert (shown["state"], shown["result_hash"]) == ("appealed", lowered["result_hash"])
    assert [one["decision"] for one in shown["decisions"]] == ["approved", "approved", "appealed"]


async def test_a_copy_from_before_the_match_takes_nothing_back_from_the_others(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    kept = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-01-05"})
    await federation.settle()
    backup = back_up(pup, tmp_path / "backup.sqlite3")
    at_ops = await ops.enrol(1)
    await federation.settle()
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await pup.post(f"/v1/support-forms/{kept['id']}/close", {"until": "2026-02-28"}, 200)
    job = {"effective": "2026-03-01", "net_gr": 360000}
    await pup.post(f"/v1/clients/{at_pup}/employments", job)
    await federation.settle()
    told = await disclosed(pup, pup.id)
    restored = await restore(federation, pup, backup)
    await federation.settle()
    assert await disclosed(ops, pup.id) == told
    async with restored.node.db.read() as session:
        client = await session.get_one(ClientRow, at_pup)
        assert await changed_behind(session, restored.node, [client]) == [client.token], "its older row is open"
        await session.execute(delete(SupportFormRow).where(SupportFormRow.code == "PUP-SZK"))
        assert await changed_behind(session, restored.node, [client]) == [], "what is lost alone is no change"
    for office, client in ((restored, at_pup), (ops, at_ops)):
        view = await office.get(f"/v1/clients/{client}/merged-view")
        assert [entry["code"] for entry in view["entries"]] == ["PUP-SZK", None, "PUP-STA"]
        assert form["id"] in [entry["id"] for entry in view["entries"]], "shown by the office that lost it, too"


async def test_it_takes_nothing_back_either_when_it_stops_between_the_tail_and_the_match(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    kept = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-01-05"})
    await federation.settle()
    backup = back_up(pup, tmp_path / "backup.sqlite3")
    await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/support-forms/{kept['id']}/close", {"until": "2026-02-28"}, 200)
    await federation.settle()
    told = await disclosed(pup, pup.id)
    stopped = await restore(federation, pup, backup)
    await compare_once(stopped.node)
    await restore(federation, stopped, backup)
    await federation.settle()
    assert await disclosed(ops, pup.id) == told


@pytest.mark.parametrize("meets_the_broker", ["first", "later", "after another start"])
async def test_what_it_writes_before_it_meets_the_match_once_more_reaches_the_others(
    federation: Federation, tmp_path: Path, meets_the_broker: str
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    kept = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-01-05"})
    changed = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-01-07"})
    await federation.settle()
    backup = back_up(pup, tmp_path / "backup.sqlite3")
    at_ops = await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/support-forms/{kept['id']}/close", {"until": "2026-02-28"}, 200)
    await federation.settle()
    restored = await restore(federation, pup, backup)
    if meets_the_broker == "first":
        await compare_once(restored.node)
    await restored.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await restored.post(f"/v1/support-forms/{changed['id']}/close", {"until": "2026-03-31"}, 200)
    if meets_the_broker == "after another start":
        await start_again(federation, restored, restored.node.settings, "another start")
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    shown = sorted((entry["code"], entry["until"]) for entry in view["entries"])
    assert shown == [("PUP-POS", "2026-03-31"), ("PUP-STA", None), ("PUP-SZK", "2026-02-28")]


async def test_whom_it_withdrew_after_the_copy_stays_withdrawn_until_it_takes_the_person_back(
    federation: Federation, lost: Lost
) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    await pup.post(f"/v1/clients/{at_pup}/withdraw", None, 200)
    await federation.settle()
    restored = await restore(federation, pup, backup)
    await federation.settle()
    client = await restored.get(f"/v1/clients/{at_pup}")
    assert (client["state"], client["joint"]) == ("withdrawn", False)
    await restored.post(f"/v1/clients/{at_pup}/take-back", None, 200)
    await federation.settle()
    for office, client_id in ((restored, at_pup), (ops, at_ops)):
        assert (await office.get(f"/v1/clients/{client_id}"))["joint"]


async def test_whom_it_took_back_after_the_copy_is_active_and_shared(
    federation: Federation, lost: Lost, tmp_path: Path
) -> None:
    pup, ops, _, at_pup, at_ops = lost
    await pup.post(f"/v1/clients/{at_pup}/withdraw", None, 200)
    await federation.settle()
    backup = back_up(pup, tmp_path / "withdrawn.sqlite3")
    await pup.post(f"/v1/clients/{at_pup}/take-back", None, 200)
    await federation.settle()
    told = await disclosed(ops, pup.id)
    restored = await restore(federation, pup, backup)
    await federation.settle()
    client = await restored.get(f"/v1/clients/{at_pup}")
    assert (client["state"], client["joint"]) == ("active", True)
    assert await disclosed(ops, pup.id) == told != []
    assert (await ops.get(f"/v1/clients/{at_ops}"))["joint"]


async def test_a_later_match_is_told_what_was_lost_as_well(federation: Federation, lost: Lost) -> None:
    pup, ops, backup, at_pup, at_ops = lost
    told = [record[:2] for record in await disclosed(ops, pup.id)]
    restored = await restore(federation, pup, backup)
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", None, 200)
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/take-back", None, 200)
    await federation.settle()
    assert (await restored.get(f"/v1/clients/{at_pup}"))["joint"]
    assert [record[:2] for record in await disclosed(ops, pup.id)] == told


async def test_a_restored_office_gets_the_word_of_an_erasure_back_and_the_bytes_go_again(
    federation: Federation, tmp_path: Path
) -> None:
    pup, _, at_pup, _ = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await federation.settle()
    backup = back_up(pup, tmp_path / "backup.sqlite3")
    record = {"ground": "unlawful", "kind": "support-forms", "record_id": form["id"]}
    await pup.post(f"/v1/clients/{at_pup}/erasures", record)
    await federation.settle()
    kept = await own_stream(pup)
    restored = await restore(federation, pup, backup)
    await federation.settle()
    assert await own_stream(restored) == kept
    async with restored.node.db.read() as session:
        assert list(await session.scalars(select(HoleRow))) == []
        erased = select(EntryRow.position).where(EntryRow.state == "erased")
        assert len(list(await session.scalars(erased))) == 1
