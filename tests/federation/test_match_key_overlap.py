"""One match key follows another while offices work: nobody is lost, no count begins anew, records and cases go on."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from services.broker.tables import EnrolmentRow, MembershipRow, PersonPairRow, PersonRow, SuspicionRow
from shared.domain.token import MatchKey
from shared.exchange.history.tables import AuthorRow, HoleRow, SharedRecordRow
from shared.exchange.match_key_file import next_to
from shared.institution.operations.exchange import retelling
from shared.institution.operations.exchange.retelling import retell_due
from shared.institution.operations.match_keys import remaining
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow
from shared.runtime.database.engine import Database
from tests.builders import MATCH_KEY, Federation, Office, new_client
from tests.federation.epochs import NEXT_KEY, announce, bring, bring_alone, fetch, go_on, go_to, token
from tests.federation.recipients import make_recipient
from tests.reconciliation.damages import found, statement


async def give(office: Office, client: str, code: str, from_: str = "2026-03-02") -> None:
    await office.post(f"/v1/clients/{client}/support-forms", {"code": code, "from": from_})


async def codes(office: Office, client: str) -> list[str]:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    assert all(member["complete"] for member in view["members"]), view["members"]
    return sorted(entry["code"] for entry in view["entries"])


async def is_joint(office: Office, client: str) -> bool:
    return bool((await office.get(f"/v1/clients/{client}"))["joint"])


async def counts(database: Database, iss: str) -> dict[str, int]:
    async with database.read() as session:
        rows = await session.scalars(select(AuthorRow).where(AuthorRow.iss == iss))
        return {row.token: row.n for row in rows}


async def dead_letters(*offices: Office) -> list[str]:
    return [letter["problem"] for office in offices for letter in await office.get("/v1/dead-letters?state=open")]


async def live_tokens(federation: Federation) -> set[str]:
    """Return the tokens under which anything lives at the broker."""
    assert federation.broker.directory.match_keys.is_current(NEXT_KEY.fingerprint)
    async with federation.broker.db.read() as session:
        found: set[str] = set()
        for query in (
            select(EnrolmentRow.token),
            select(PersonRow.token),
            select(MembershipRow.token),
            select(AuthorRow.token),
            select(SharedRecordRow.token),
            select(SuspicionRow.token),
            select(PersonPairRow.old),
        ):
            found |= set(await session.scalars(query))
        return found


async def test_records_told_before_during_and_after_are_all_there_and_nothing_differs(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await give(pup, at_pup, "PUP-STA")
    await federation.settle()
    moves_at, ends_at = await announce(federation)
    bring(pup)
    await go_on(federation)
    await give(pup, at_pup, "PUP-SZK", "2026-05-04")
    bring(ops)
    await go_on(federation)
    await give(ops, at_ops, "AI-E01")
    await go_to(federation, moves_at)
    await give(pup, at_pup, "PUP-SZK", "2026-06-01")
    await give(ops, at_ops, "AI-E02")
    await federation.settle()
    await go_to(federation, ends_at)
    await give(pup, at_pup, "PUP-STA", "2026-07-01")
    await give(ops, at_ops, "AI-E01", "2026-07-01")
    await federation.settle()
    assert await codes(ops, at_ops) == ["AI-E01", "AI-E01", "AI-E02", "PUP-STA", "PUP-STA", "PUP-SZK", "PUP-SZK"]
    assert await codes(pup, at_pup) == await codes(ops, at_ops)
    for run in await federation.reconcile():
        assert found(await statement(federation, run)) == {}
    new = token(1, NEXT_KEY)
    for database in (federation.broker.db, pup.node.db, ops.node.db):
        assert await counts(database, pup.id) == {new: 5}  # a restatement, and four forms after it
        assert await counts(database, ops.id) == {new: 4}
        async with database.read() as session:
            assert await session.scalar(select(func.count()).select_from(HoleRow)) == 0
    assert await live_tokens(federation) == {new}
    assert await dead_letters(pup, ops) == []


@pytest.mark.parametrize("first", ["pup-2478", "ops-2478011"])
async def test_a_match_made_during_the_overlap_joins_who_has_both_keys_with_who_has_the_old_one(
    federation: Federation, first: str
) -> None:
    offices = {name: await federation.join(name) for name in ("pup-2478", "ops-2478011")}
    await announce(federation)
    bring(offices["pup-2478"])
    clients = {}
    for name in sorted(offices, key=lambda one: one != first):
        clients[name] = await offices[name].enrol(1)
        await federation.settle()
    assert [await is_joint(offices[name], clients[name]) for name in offices] == [True, True]


@pytest.mark.parametrize("first", ["pup-2478", "ops-2478011"])
async def test_who_has_both_keys_meets_who_has_the_new_one_alone(federation: Federation, first: str) -> None:
    offices = {name: await federation.join(name) for name in ("pup-2478", "ops-2478011")}
    pup, ops = offices["pup-2478"], offices["ops-2478011"]
    await announce(federation)
    bring(pup)
    bring_alone(ops)
    clients = {}
    for name in sorted(offices, key=lambda one: one != first):
        clients[name] = await offices[name].enrol(1)
        await federation.settle()
    await give(pup, clients[pup.id], "PUP-STA")
    await give(ops, clients[ops.id], "AI-E01")
    await federation.settle()
    assert await codes(ops, clients[ops.id]) == ["AI-E01", "PUP-STA"] == await codes(pup, clients[pup.id])
    assert await dead_letters(pup, ops) == []


async def test_who_left_the_old_key_behind_joins_two_who_share_under_it(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await give(pup, at_pup, "PUP-STA")
    await announce(federation)
    bring(pup)
    await go_on(federation)
    other = await federation.join("ops-1611012")
    bring_alone(other)
    await other.enrol(1)
    await federation.settle()
    assert await is_joint(pup, at_pup)
    assert await is_joint(ops, at_ops)
    await give(pup, at_pup, "PUP-SZK")
    await federation.settle()
    assert (await dead_letters(ops)) == ["match-key-mismatch"]  # it waits for the key
    bring(ops)
    await go_on(federation)
    assert await codes(ops, at_ops) == ["PUP-STA", "PUP-SZK"]
    assert await dead_letters(ops) == []


async def test_an_office_that_is_late_stays_matched_is_named_and_catches_up(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    alone = await ops.enrol(2)
    await federation.settle()
    moves_at, ends_at = await announce(federation)
    bring(pup)
    await go_on(federation)
    said = (await federation.operator.get("/v1/match-keys")).json()
    assert said["offices"] == [
        {"id": "ops-2478011", "enrolled": 2, "told": 0, "shared": 1},
        {"id": "pup-2478", "enrolled": 1, "told": 1, "shared": 0},
    ]
    assert "match key at ops-2478011" in federation.broker.untold
    ready = (await ops.http.get("/readyz")).json()
    assert ready["warnings"]["match key"].startswith("the key of epoch 2 is missing; the present one ends ")
    await go_to(federation, moves_at)
    await give(ops, at_ops, "AI-E01")
    await give(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await codes(pup, at_pup) == ["AI-E01", "PUP-STA"]  # what the late one says is understood
    await go_to(federation, ends_at)
    await ops.post("/v1/clients", new_client(3), status=409)
    ready_ = await ops.http.get("/readyz")
    assert (ready_.status_code, ready_.json()["checks"]["match_key"]) == (503, "match-key-mismatch")
    await give(ops, at_ops, "AI-E02", "2026-04-01")  # its own work goes on
    await give(pup, at_pup, "PUP-SZK")
    await federation.settle()
    waits = ["match-key-mismatch"] * 4  # what it said; two forms of the other office, and that one is a duplicate
    assert await dead_letters(ops) == waits
    assert await is_joint(pup, at_pup)
    bring(ops)
    await go_on(federation)
    assert await codes(ops, at_ops) == ["AI-E01", "AI-E02", "PUP-STA", "PUP-SZK"] == await codes(pup, at_pup)
    assert (await ops.http.get("/readyz")).status_code == 200
    assert await dead_letters(pup, ops) == []
    assert (await federation.operator.get("/v1/overview")).json()["dead_letters"] == 0
    at_pup_too = await pup.enrol(2)
    await federation.settle()
    assert await is_joint(ops, alone)
    assert await is_joint(pup, at_pup_too)
    assert await live_tokens(federation) == {token(1, NEXT_KEY), token(2, NEXT_KEY)}
    for run in await federation.reconcile():
        assert found(await statement(federation, run)) == {}


async def test_an_office_that_was_brought_a_wrong_key_of_the_right_epoch_is_told_so_and_takes_the_right_one(
    federation: Federation,
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await announce(federation)
    wrong = MatchKey(epoch=2, secret=bytes(32))
    bring(pup)
    bring(ops, wrong)
    await go_on(federation)
    said = (await ops.http.get("/readyz")).json()["warnings"]["match key"]
    assert said.startswith("the key of epoch 2 is missing: ")
    assert NEXT_KEY.fingerprint in said
    assert wrong.fingerprint in said
    other = await federation.join("ops-1611012")
    bring_alone(other)
    await other.enrol(1)
    await federation.settle()
    await give(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await dead_letters(ops) == ["match-key-mismatch"]  # it waits for the key
    next_to(ops.node.settings.match_key_file).unlink()
    bring(ops)
    await go_on(federation)
    assert "match key" not in (await ops.http.get("/readyz")).json().get("warnings", {})
    assert await codes(ops, at_ops) == ["PUP-STA"]
    assert await dead_letters(pup, ops) == []


async def test_a_client_of_one_office_alone_is_told_and_moved_at_once_after_the_day(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    await pup.enrol(1)
    await ops.enrol(1)
    await ops.enrol(2)
    await federation.settle()
    moves_at, _ = await announce(federation)
    await go_to(federation, moves_at)
    bring(ops)
    assert await retell_due(ops.node) == 2
    async with ops.node.db.read() as session:
        assert await remaining(session, ops.node) == 0
        goes_by = {row.token for row in await session.scalars(select(ClientRow))}
    assert goes_by == {token(1), token(2, NEXT_KEY)}, "who is shared waits for the word of the broker"
    assert await retell_due(ops.node) == 0


async def test_the_old_key_does_not_end_while_shared_clients_are_known_by_it_alone(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    _, ends_at = await announce(federation)
    await go_to(federation, ends_at)
    assert federation.broker.directory.match_keys.is_current(MATCH_KEY.fingerprint)
    await give(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA"]
    bring(ops)
    await go_on(federation)
    assert federation.broker.directory.match_keys.is_current(NEXT_KEY.fingerprint)
    bring(pup)
    await go_on(federation)
    await give(pup, at_pup, "PUP-SZK")
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA", "PUP-SZK"]
    assert await is_joint(pup, at_pup)


async def test_a_crash_in_the_middle_loses_nobody_and_the_rest_is_told_afterwards(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    clients = [await pup.enrol(number) for number in range(1, 6)]
    await ops.enrol(4)
    await federation.settle()
    moves_at, ends_at = await announce(federation)
    bring(pup)
    bring(ops)
    monkeypatch.setattr(retelling, "AT_ONCE", 2)
    assert await retell_due(pup.node) == 2
    enrol, told = retelling.enrol, []

    def breaks(work: Work, row: ClientRow) -> None:
        enrol(work, row)
        told.append(row.id)
        if len(told) == 2:
            raise RuntimeError("the power fails")

    monkeypatch.setattr(retelling, "enrol", breaks)
    with pytest.raises(RuntimeError):
        await retell_due(pup.node)
    monkeypatch.setattr(retelling, "enrol", enrol)
    async with pup.node.db.read() as session:
        assert await remaining(session, pup.node) == 3
    await federation.settle()
    assert await is_joint(pup, clients[3])
    await go_on(federation)
    async with pup.node.db.read() as session:
        assert await remaining(session, pup.node) == 0
    await go_to(federation, moves_at)
    await go_to(federation, ends_at)
    assert await live_tokens(federation) == {token(number, NEXT_KEY) for number in range(1, 6)}
    assert await is_joint(pup, clients[3])


async def test_once_all_go_by_the_key_in_force_the_clients_are_not_read_over_and_over(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pup = await federation.join("pup-2478")
    await pup.enrol(1)
    _, ends_at = await announce(federation)
    bring(pup)
    await go_to(federation, ends_at)
    read: list[str] = []
    due = retelling.due
    monkeypatch.setattr(retelling, "due", lambda node: read.append(node.id) or due(node))
    for _ in range(20):
        assert await retell_due(pup.node) == 0
    assert read == []
    async with pup.node.db.write() as session:  # another process had an older directory
        await session.execute(update(ClientRow).values(token=token(1)))
    federation.clock.go(retelling.LOOK_AGAIN.total_seconds())
    assert [await retell_due(pup.node) for _ in range(3)] == [1, 0, 0]
    assert len(read) == 2, "to tell one, and to find no other one"


async def test_who_was_looked_at_while_two_keys_overlapped_is_looked_at_again_once_the_old_one_ends(
    federation: Federation,
) -> None:
    """The broker's word that moves a shared client did not come before the old key ended."""
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    await pup.enrol(1)
    await ops.enrol(1)
    await federation.settle()
    _, ends_at = await announce(federation)
    bring(pup)
    bring(ops)
    await go_on(federation)
    away = federation.offices.pop(pup.id)
    federation.clock.at = ends_at - timedelta(minutes=1)
    assert await retell_due(pup.node) == 0
    await go_to(federation, ends_at)
    assert federation.broker.directory.match_keys.is_current(NEXT_KEY.fingerprint)
    federation.offices[pup.id] = away
    await fetch(federation)
    assert [await retell_due(pup.node) for _ in range(3)] == [1, 0, 0]


async def test_an_open_case_of_the_benefit_goes_on(federation: Federation) -> None:
    recipient = await make_recipient(federation)
    job = await recipient.takes_a_job(net_gr=180000)
    before = await recipient.benefit()
    await recipient.decide(before["result_hash"])
    moves_at, ends_at = await announce(federation)
    bring(recipient.pup)
    bring(recipient.ops)
    await go_on(federation)
    await go_to(federation, moves_at)
    assert (await recipient.benefit())["state"] == "approved"
    after = await recipient.news(job, effective="2026-12-01", net_gr=300000)
    assert after["state"] == "corrected"
    await go_to(federation, ends_at)
    await recipient.decide(after["result_hash"])
    assert (await recipient.benefit())["state"] == "approved"
    assert await recipient.booked() == after["total_gr"] < before["total_gr"]


async def test_a_corrected_pesel_and_a_new_surname_are_told_by_both_keys(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(2)
    moves_at, ends_at = await announce(federation)
    bring(pup)
    bring(ops)
    await go_on(federation)
    await pup.patch(f"/v1/clients/{at_pup}", {"pesel": new_client(2)["pesel"]})
    await federation.settle()
    assert await is_joint(ops, at_ops)
    await pup.patch(f"/v1/clients/{at_pup}", {"surname": "Inna"})
    await federation.settle()
    assert not await is_joint(ops, at_ops)
    await ops.patch(f"/v1/clients/{at_ops}", {"surname": "Inna"})
    await go_to(federation, moves_at)
    assert await is_joint(ops, at_ops)
    await go_to(federation, ends_at)
    assert await is_joint(pup, at_pup)
    async with federation.broker.db.read() as session:  # what was over before the move waits under the old token
        assert set(await session.scalars(select(EnrolmentRow.token))) == {token(2, NEXT_KEY)}
        assert await session.scalar(select(MembershipRow.present).where(MembershipRow.token == token(2))) is False


async def test_a_new_client_on_its_way_when_the_old_key_ends_is_enrolled_all_the_same(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    moves_at, ends_at = await announce(federation)
    bring(pup)
    bring(ops)
    await go_to(federation, moves_at)
    at_pup = await pup.enrol(1)  # told under both, and not yet pushed
    ops_there = federation.offices.pop(pup.id)
    await go_to(federation, ends_at)
    federation.offices[pup.id] = ops_there
    await fetch(federation)
    at_ops = await ops.enrol(1)
    await federation.settle()
    assert await is_joint(ops, at_ops)
    assert await is_joint(pup, at_pup)
    assert await live_tokens(federation) == {token(1, NEXT_KEY)}


async def test_the_broker_holds_no_key_and_no_old_token_in_any_live_row(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    await pup.enrol(1)
    await ops.enrol(1)
    await federation.settle()
    moves_at, ends_at = await announce(federation)
    bring(pup)
    bring(ops)
    await go_on(federation)
    await go_to(federation, moves_at)
    await go_to(federation, ends_at)
    old = token(1)
    async with federation.broker.db.read() as session:
        for table in (
            "set_bytes",
            "enrolment",
            "membership",
            "person",
            "author",
            "shared_record",
            "suspicion",
            "dirty",
        ):
            rows = await session.scalar(text(f"SELECT count(*) FROM {table} WHERE token = :old"), {"old": old})  # noqa: S608  # our names
            assert rows == 0, table


async def test_what_officials_refused_goes_with_the_old_key(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    await pup.enrol(1)
    await ops.enrol(1, surname="Nowak")
    await federation.settle()
    [suspicion] = await ops.listed("/v1/suspicions")
    await ops.post(f"/v1/suspicions/{suspicion['id']}/refuse", {"reason_code": "other_person"}, 200)
    await federation.settle()
    _, ends_at = await announce(federation)
    await go_to(federation, ends_at)
    assert await live_tokens(federation) == set()
