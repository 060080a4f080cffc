"""Records that the two sides know differently are found by their digests and restated; the owner's record wins."""

from typing import Any

import pytest
from sqlalchemy import delete, text, update

from services.broker.operations.reconcile.runs import open_runs, reconcile_once
from services.broker.operations.relay.batch import Batch
from shared.domain.institutions import BROKER
from shared.exchange.history.tables import AuthorRow, SharedRecordRow
from shared.institution.operations.reconciling import running
from tests.builders import Federation, Office, always
from tests.federation.saying import joint
from tests.reconciliation.damages import found, lose, records, statement, told, whole


async def codes(office: Office, client: str) -> list[str]:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    return sorted(entry["code"] for entry in view["entries"])


async def test_a_record_changed_by_sql_is_found_and_told(federation: Federation) -> None:
    pup, ops, _, at_ops = await told(federation)
    async with pup.node.db.write() as session:
        await session.execute(text("UPDATE support_form SET code = 'PUP-STA' WHERE from_day = '2026-02-05'"))
    [run] = await federation.reconcile(pup.id)
    assert found(await statement(federation, run)) == {"restated": 1, "behind": 1}
    assert await codes(ops, at_ops) == ["AI-E01"] * 3 + ["PUP-STA", "PUP-SZK", "PUP-SZK"]
    assert await records(federation.broker.db, pup.id) == await records(pup.node.db, pup.id)
    worked = await pup.get("/v1/discrepancies")
    assert [(work["cause"], work["state"]) for work in worked] == [("behind", "mended")]
    [again] = await federation.reconcile(pup.id)
    assert found(await statement(federation, again)) == {}


async def test_a_record_that_sql_left_against_the_rules_is_named_and_stops_nothing(federation: Federation) -> None:
    pup, ops, _, _ = await told(federation)
    before = await records(ops.node.db, pup.id)
    async with pup.node.db.write() as session:
        await session.execute(text("UPDATE support_form SET until_day = '2025-01-01' WHERE from_day = '2026-02-05'"))
    for _ in range(2):
        [run] = await federation.reconcile(pup.id)
        assert found(await statement(federation, run)) == {"unmended": 1, "behind": 1}
    assert await records(ops.node.db, pup.id) == before
    worked = await pup.get("/v1/discrepancies?state=unmended")
    assert [work["cause"] for work in worked] == ["behind", "behind"]


async def test_records_that_the_broker_lost_are_told_again(federation: Federation) -> None:
    pup, _, _, _ = await told(federation)
    before = await records(federation.broker.db, pup.id)
    async with federation.broker.db.write() as session:
        await session.execute(delete(SharedRecordRow).where(SharedRecordRow.iss == pup.id))
    [run] = await federation.reconcile(pup.id)
    assert found(await statement(federation, run)) == {"restated": 1}
    assert await records(federation.broker.db, pup.id) == before != []
    [again] = await federation.reconcile(pup.id)
    assert found(await statement(federation, again)) == {}


@pytest.mark.parametrize("where", ["broker", "author", "peer"])
async def test_a_copy_that_is_not_as_signed_becomes_what_its_set_says(federation: Federation, where: str) -> None:
    pup, ops, _, _ = await told(federation)
    db = {"broker": federation.broker.db, "author": pup.node.db, "peer": ops.node.db}[where]
    before = await records(db, pup.id)
    async with db.write() as session:
        altered = update(SharedRecordRow).where(SharedRecordRow.iss == pup.id)
        await session.execute(altered.values(payload={"code": "PUP-POS"}))
    [run] = await federation.reconcile(ops.id if where == "peer" else pup.id)
    assert await records(db, pup.id) == before
    assert found(await statement(federation, run)) == {"altered": 3}


async def test_a_client_that_changes_meanwhile_waits_for_the_next_run(federation: Federation) -> None:
    pup, _, at_pup, _ = await told(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-05-01"})
    [run] = await federation.reconcile(pup.id)
    figures = await statement(federation, run)
    assert found(figures) == {}
    assert figures["waiting"] == 1


async def test_a_mailbox_entry_that_never_arrived_is_taken_in(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await told(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-06-01"})
    before = await records(ops.node.db, pup.id)
    authors = await authors_of(ops, pup.id)
    await federation.settle()
    mailbox = await whole(ops.node.db, BROKER, ops.id)
    await lose(ops.node.db, BROKER, ops.id, [len(mailbox)])
    await forget(ops, pup.id, before, authors)
    assert "PUP-STA" not in await codes(ops, at_ops)
    [run] = await federation.reconcile(ops.id)
    assert found(await statement(federation, run)) == {"missing": 1}
    assert "PUP-STA" in await codes(ops, at_ops)
    assert (await whole(ops.node.db, BROKER, ops.id))[: len(mailbox)] == mailbox


async def authors_of(office: Office, iss: str) -> list[dict[str, Any]]:
    async with office.node.db.read() as session:
        rows = await session.execute(text("SELECT token, n, hash FROM author WHERE iss = :iss"), {"iss": iss})
        return [dict(row._mapping) for row in rows]


async def forget(office: Office, iss: str, before: list[Any], authors: list[dict[str, Any]]) -> None:
    """Bring what an office knows of an author back to what it was."""
    keys = [key for _, _, key, _ in before]
    async with office.node.db.write() as session:
        newer = (SharedRecordRow.iss == iss, SharedRecordRow.key.not_in(keys))
        await session.execute(delete(SharedRecordRow).where(*newer))
        for row in authors:
            at = update(AuthorRow).where(AuthorRow.token == row["token"], AuthorRow.iss == iss)
            await session.execute(at.values(n=row["n"], hash=row["hash"]))


async def test_what_the_broker_left_out_shows_between_the_offices_and_is_told_again(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pup, ops, at_pup, at_ops = await told(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-06-01"})
    with monkeypatch.context() as left_out:
        left_out.setattr(Batch, "relay", lambda self, iss, digest, to: None)
        await federation.settle()
    assert "PUP-STA" not in await codes(ops, at_ops)
    [run] = await federation.reconcile(pup.id)
    assert found(await statement(federation, run)) == {}, "author and broker agree: only the peer can tell"
    assert "PUP-STA" in await codes(ops, at_ops)
    [work] = await pup.get("/v1/discrepancies")
    assert (work["cause"], work["owner"], work["peer"], work["state"]) == ("relay", pup.id, ops.id, "mended")


async def test_an_office_that_keeps_silent_is_named(federation: Federation) -> None:
    pup, _, _, _ = await told(federation)
    async with federation.broker.db.write() as session:
        [run] = await open_runs(session, federation.broker, pup.id)
    assert await reconcile_once(federation.broker, always)
    federation.clock.go(federation.broker.settings.reconcile_wait_s + 1)
    assert await reconcile_once(federation.broker, always)
    [silent] = (await federation.operator.get("/v1/reconciliations?unanswered=true")).json()
    assert (silent["id"], silent["institution"], silent["state"]) == (run, pup.id, "unanswered")
    await federation.reconcile_due()
    late = (await federation.operator.get(f"/v1/reconciliations/{run}")).json()
    assert late["state"] == "closed", "an answer that comes late is taken"


async def test_a_run_that_fell_in_the_middle_goes_on_and_counts_nothing_twice(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    pup, _, _, _ = await told(federation)
    await joint(federation, 3)
    async with pup.node.db.write() as session:
        await session.execute(text("UPDATE support_form SET code = 'PUP-STA' WHERE from_day = '2026-02-05'"))

    async def fails(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as crash:
        crash.setattr(running, "_answer", fails)
        with pytest.raises(ConnectionError):
            await federation.reconcile(pup.id)
    [run] = await federation.reconcile(pup.id)
    assert found(await statement(federation, run)) == {"restated": 1, "behind": 1}


async def test_both_ends_keep_the_same_signed_statement(federation: Federation) -> None:
    pup, _, _, _ = await told(federation)
    [run] = await federation.reconcile(pup.id)
    at_broker = (await federation.operator.get(f"/v1/reconciliations/{run}")).json()
    at_office = await pup.get(f"/v1/reconciliations/{run}")
    for name in ("request", "answer", "statement", "state"):
        assert at_broker[name] == at_office[name]
    [listed] = await pup.get("/v1/reconciliations")
    assert listed["id"] == run
