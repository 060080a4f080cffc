"""What an office erases goes at every holder, the chains stay whole, and the owner sees who has followed."""

from typing import Any

from sqlalchemy import select

from shared.exchange.history.tables import HoleRow, SharedRecordRow
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow
from shared.institution.operations.erasing.standing import ask_holders
from shared.institution.tables import AccessPersonRow
from tests.builders import Federation, Office, new_client
from tests.federation.erasing import FORM, OTHER, codes_seen, count, erase, texts
from tests.federation.saying import joint


async def standing(office: Office, client: str) -> Any:
    return (await office.get(f"/v1/clients/{client}/erasures"))["items"][0]


async def test_an_erased_record_goes_at_every_holder_and_the_rest_stays(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wrong = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await federation.settle()
    done = await erase(pup, at_pup, kind="support-forms", record_id=wrong["id"])
    assert (done["sets"], done["complete"], done["term"]) == (1, False, "2026-11-01")
    await pup.get(f"/v1/support-forms/{wrong['id']}", 404)
    assert wrong["id"] not in await texts(pup.node, pup.id)
    await federation.settle()
    for node in (pup.node, ops.node, federation.broker):
        assert wrong["id"] not in await texts(node, pup.id)
        assert await count(node, SharedRecordRow, SharedRecordRow.key == wrong["id"]) == 0
        streams = 2 if node is federation.broker else 1
        assert await count(node, EntryRow, EntryRow.state == "erased") == streams
        assert await count(node, HoleRow) == await count(node, DeadLetterRow) == 0
    assert await codes_seen(ops, at_ops) == await codes_seen(pup, at_pup) == ["PUP-SZK"]


async def test_after_an_erasure_both_ends_still_agree_after_a_restart_and_go_on(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wrong = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    await erase(pup, at_pup, kind="support-forms", record_id=wrong["id"])
    await federation.settle()
    for office in (pup, ops):
        office.node.heads_compared, office.node.peer_position = False, None
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await federation.settle()
    assert await codes_seen(ops, at_ops) == ["PUP-SZK"]
    assert await count(federation.broker, DeadLetterRow) == await count(ops.node, DeadLetterRow) == 0


async def test_what_is_erased_before_it_was_pushed_never_leaves_and_fills_its_place(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    wrong = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await erase(pup, at_pup, kind="support-forms", record_id=wrong["id"])
    await pup.post(f"/v1/clients/{at_pup}/support-forms", OTHER)
    await federation.settle()
    assert await codes_seen(ops, at_ops) == ["PUP-SZK"]
    for node in (ops.node, federation.broker):
        assert await count(node, HoleRow) == await count(node, DeadLetterRow) == 0
        assert wrong["id"] not in await texts(node, pup.id)


async def test_a_holder_that_has_not_erased_is_named_until_it_has(federation: Federation) -> None:
    pup, ops, at_pup, _ = await joint(federation)
    wrong = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    await erase(pup, at_pup, kind="support-forms", record_id=wrong["id"])
    await ask_holders(pup.node)
    assert (await standing(pup, at_pup))["waiting"] == ["broker"]
    del federation.offices[ops.id]  # it is down
    await federation.settle()
    federation.clock.go(40 * 86400)
    await federation.sign_anew()
    await ask_holders(pup.node)
    seen = await standing(pup, at_pup)
    assert (seen["complete"], seen["late"], seen["waiting"]) == (False, True, [ops.id])
    assert {one["id"]: one["erased"] for one in seen["holders"]} == {"broker": True, ops.id: False}
    federation.offices[ops.id] = ops
    await federation.sign_anew()
    await federation.settle()
    await ask_holders(pup.node)
    seen = await standing(pup, at_pup)
    assert (seen["complete"], seen["late"], seen["waiting"]) == (True, False, [])


async def test_an_erased_client_leaves_no_trace_of_the_person_and_can_come_again(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await pup.post(f"/v1/clients/{at_pup}/employments", {"effective": "2026-03-01", "net_gr": 300000})
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "OPS-PAL", "from": "2026-02-01"})
    await federation.settle()
    await erase(pup, at_pup)
    await pup.get(f"/v1/clients/{at_pup}", 404)
    await federation.settle()
    await ask_holders(pup.node)
    seen = await standing(pup, at_pup)
    assert (seen["kind"], seen["complete"], seen["waiting"]) == ("client", True, [])
    assert [one["id"] for one in seen["holders"]] == ["broker", ops.id]
    for node in (pup.node, ops.node, federation.broker):
        assert form["id"] not in await texts(node, pup.id)
        assert "support_form" not in await texts(node, pup.id)
        assert await count(node, SharedRecordRow, SharedRecordRow.iss == pup.id) == 0
    assert await texts(pup.node, ops.id) == ""
    assert await codes_seen(ops, at_ops) == ["OPS-PAL"]
    again = (await pup.post("/v1/clients", new_client(1)))["id"]
    await pup.post(f"/v1/clients/{again}/support-forms", OTHER)
    await federation.settle()
    assert await codes_seen(ops, at_ops) == ["OPS-PAL", "PUP-SZK"]
    assert await count(federation.broker, DeadLetterRow) == await count(ops.node, DeadLetterRow) == 0


async def test_an_office_erases_after_parting_too_and_who_never_got_it_is_not_told(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    other = await federation.join("ops-2476011")
    wrong = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    await erase(pup, at_pup, kind="support-forms", record_id=wrong["id"])
    await federation.settle()
    assert wrong["id"] not in await texts(ops.node, pup.id) + await texts(federation.broker, pup.id)
    assert await count(other.node, SetRow) == 0
    assert await count(federation.broker, DeadLetterRow) == await count(ops.node, DeadLetterRow) == 0


async def test_who_looked_at_an_erased_client_stays_known_without_the_case(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    client = await pup.enrol(1)
    await pup.get(f"/v1/clients/{client}")
    await erase(pup, client)
    async with pup.node.db.read() as session:
        rows = list(await session.scalars(select(AccessPersonRow).where(AccessPersonRow.client_id == client)))
    assert len(rows) >= 2
    assert {row.case_number for row in rows} == {""}


async def test_a_hold_a_term_and_a_case_refuse_an_erasure_and_say_why(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    record = {"kind": "support-forms", "record_id": form["id"]}
    assert (await erase(pup, at_pup, "no_longer_needed", 409, **record))["type"].endswith("term-not-over")
    await pup.post(f"/v1/support-forms/{form['id']}/close", {"until": "2026-05-31"}, 200)
    refused = await erase(pup, at_pup, "no_longer_needed", 409, **record)
    assert refused["expected"] == "a day after 2036-05-31"
    hold = await pup.post(f"/v1/clients/{at_pup}/legal-holds", {"reason_code": "court_proceedings"})
    refused = await erase(pup, at_pup, "unlawful", 409, **record)
    assert (refused["type"].rpartition(":")[2], refused["received"]) == ("legal-hold", "court_proceedings")
    await pup.post(f"/v1/clients/{at_pup}/legal-holds/{hold['id']}/lift", {"reason_code": "proceedings_over"}, 200)
    await pup.post(f"/v1/clients/{at_pup}/legal-holds/{hold['id']}/lift", {"reason_code": "proceedings_over"}, 409)
    assert (await erase(pup, at_pup, "unlawful", **record))["sets"] == 2


async def test_an_alert_on_a_duplicate_goes_with_the_form_that_it_quotes(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    stage = FORM | {"until": "2026-08-31"}
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", stage)
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-Z03", "from": "2026-06-01"})
    await federation.settle()
    assert len(await ops.listed("/v1/duplicates?state=open")) == 1
    assert form["id"] in await texts(ops.node, "broker")
    await erase(pup, at_pup, kind="support-forms", record_id=form["id"])
    await federation.settle()
    for node in (pup.node, ops.node, federation.broker):
        assert form["id"] not in await texts(node, "broker") + await texts(node, pup.id)
    for office in (pup, ops):
        assert await office.listed("/v1/duplicates?state=open") == []
        assert await office.listed("/v1/duplicates?state=resolved") == []
    again = await pup.post(f"/v1/clients/{at_pup}/support-forms", stage)
    await federation.settle()
    assert again["id"] in str(await ops.listed("/v1/duplicates?state=open"))
