"""How long data are kept: copies freeze at a parting, and what is over its term goes by the path of an erasure."""

from typing import Any

from sqlalchemy import select

from services.broker.operations.purge import purge_once
from services.broker.tables import EnrolmentRow
from shared.domain.erasure import category_of
from shared.exchange.history.tables import SharedRecordRow
from shared.exchange.stream.tables import EntryRow, SetRow
from shared.institution.operations.purging.purge import purge
from tests.builders import Federation, Office
from tests.federation.recipients import make_recipient
from tests.federation.saying import joint

DAY = 86400
FORM = {"code": "PUP-STA", "from": "2026-03-02"}


async def purged(office: Office, *, dry_run: bool) -> dict[str, tuple[int, int]]:
    answer = await office.post("/v1/purges", {"dry_run": dry_run}, 200)
    return {one["category"]: (one["count"], one["held"]) for one in answer["purged"]}


async def held_of(node: Any, iss: str) -> tuple[int, int]:
    """How many SETs and records of an author a node holds."""
    async with node.db.read() as session:
        sets = list(await session.scalars(select(SetRow.hash).where(SetRow.iss == iss)))
        records = list(await session.scalars(select(SharedRecordRow.key).where(SharedRecordRow.iss == iss)))
        return len(sets), len(records)


async def go_days(federation: Federation, days: int) -> None:
    federation.clock.go(days * DAY)
    await federation.sign_anew()


async def test_at_a_parting_copies_freeze_with_the_day_and_go_after_their_term(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    federation.clock.go(3 * DAY)
    await federation.sign_anew()
    await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert (view["joint"], view["entries"]) == (False, [])
    [frozen] = view["frozen"]
    assert (frozen["iss"], frozen["frozen_on"], frozen["kept_until"]) == ("pup-2478", "2026-10-04", "2027-10-04")
    assert [entry["code"] for entry in frozen["entries"]] == ["PUP-STA"]
    assert await purged(ops, dry_run=True) == {}
    await go_days(federation, 366)
    assert await purged(ops, dry_run=True) == {"frozen": (1, 0)}
    assert await held_of(ops.node, pup.id) != (0, 0)
    hold = await ops.post(f"/v1/clients/{at_ops}/legal-holds", {"reason_code": "court_proceedings"})
    assert await purged(ops, dry_run=False) == {"frozen": (0, 1)}
    await ops.post(f"/v1/clients/{at_ops}/legal-holds/{hold['id']}/lift", {"reason_code": "proceedings_over"}, 200)
    assert await purged(ops, dry_run=False) == {"frozen": (1, 0)}
    assert await held_of(ops.node, pup.id) == (0, 0)
    assert (await ops.get(f"/v1/clients/{at_ops}/merged-view"))["frozen"] == []
    assert await purged(ops, dry_run=False) == {}
    [line] = await ops.listed("/v1/purges")
    assert (line["category"], line["count"], line["asked_by"]) == ("frozen", 1, "tester")


async def test_thirty_days_after_a_parting_the_broker_keeps_hashes_alone_and_both_can_meet_again(
    federation: Federation,
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/withdraw", status=200)
    await federation.settle()
    await go_days(federation, 30)
    assert await purge_once(federation.broker) == 0
    await go_days(federation, 1)
    assert await purge_once(federation.broker) == 2
    assert await purge_once(federation.broker) == 0
    assert await held_of(federation.broker, pup.id) == await held_of(federation.broker, ops.id) == (0, 0)
    assert (await held_of(federation.broker, "broker"))[0] == 0
    async with federation.broker.db.read() as session:
        assert {row.state for row in await session.scalars(select(EntryRow))} == {"purged"}
        assert [row.institution for row in await session.scalars(select(EnrolmentRow))] == [ops.id]
    tail = await pup.node.client.call("POST", f"/v1/streams/{pup.id}/broker/entries", {"positions": [1]})
    assert tail["entries"][0]["set"]["by"] == "retention"
    for office in (pup, ops):
        office.node.heads_compared, office.node.peer_position = False, None
    await pup.post(f"/v1/clients/{at_pup}/take-back", status=200)
    await federation.settle()
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert ([entry["code"] for entry in view["entries"]], view["frozen"]) == (["PUP-STA"], [])
    assert all(member["complete"] for member in view["members"])


async def test_a_case_keeps_what_was_said_at_the_broker_and_refuses_an_erasure(federation: Federation) -> None:
    one = await make_recipient(federation)
    job = await one.takes_a_job()
    refused = await one.pup.post(f"/v1/clients/{one.at_pup}/erasures", {"ground": "unlawful"}, 409)
    assert refused["type"].endswith("case-holds")
    record = {"ground": "unlawful", "kind": "employments", "record_id": job}
    assert (await one.pup.post(f"/v1/clients/{one.at_pup}/erasures", record, 409))["type"].endswith("case-holds")
    before = await held_of(federation.broker, one.pup.id)
    await one.pup.post(f"/v1/clients/{one.at_pup}/withdraw", status=200)
    await federation.settle()
    await go_days(federation, 60)
    assert await purge_once(federation.broker) == 0
    assert (await held_of(federation.broker, one.pup.id))[0] == before[0] + 1


async def test_records_and_clients_over_their_term_go_at_both_offices(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await pup.post(f"/v1/support-forms/{form['id']}/close", {"until": "2026-03-31"}, 200)
    gone = await pup.enrol(2)
    await pup.post(f"/v1/clients/{gone}/withdraw", status=200)
    await federation.settle()
    assert await purged(pup, dry_run=True) == {}
    federation.clock.go(3500 * DAY)
    day = federation.clock.at.date().isoformat()
    assert day < "2036-05-31"
    federation.clock.go(300 * DAY)
    answer = await purge(pup.node, dry_run=False, by="purge")
    found = {one.category: one.count for one in answer.purged}
    assert found["support"] == 1
    assert found["client"] == 1
    async with pup.node.db.read() as session:
        assert form["id"] not in str(list(await session.scalars(select(SetRow.text))))
    again = await purge(pup.node, dry_run=False, by="purge")
    assert "support" not in {one.category for one in again.purged}


async def test_every_kind_of_record_of_both_offices_has_a_term(federation: Federation) -> None:
    for office in (await federation.make_office("pup-2478"), await federation.make_office("ops-2478011")):
        for kind in office.node.institution.kinds:
            assert category_of(kind.name)
        terms = {one["category"]: one for one in await office.get("/v1/retention")}
        assert (terms["parted"]["days"], terms["parted"]["verified"]) == (30, True)
        assert not terms["support"]["verified"]
