"""What a person asks of the data is recorded and answered with a reason; a restriction stops every use until lifted."""

from typing import Any

from shared.institution.operations.runs.clients import restate_some
from shared.institution.operations.work import Work
from tests.builders import Federation, Office
from tests.federation.recipients import make_recipient
from tests.federation.saying import joint, token

FORM = {"code": "PUP-STA", "from": "2026-03-02"}
JOB = {"start": "2026-12-01", "net_gr": 300000}


async def asks(office: Office, client: str, kind: str, **more: Any) -> str:
    body = {"kind": kind, "received_on": "2026-09-28"} | more
    return str((await office.post(f"/v1/clients/{client}/subject-requests", body))["id"])


async def answer(office: Office, client: str, request: str, code: str, status: int = 200, **more: Any) -> Any:
    body = {"answer": "upheld", "reason_code": code} | more
    return await office.post(f"/v1/clients/{client}/subject-requests/{request}/answer", body, status)


async def lift(office: Office, client: str, request: str, code: str, status: int = 200) -> Any:
    path = f"/v1/clients/{client}/subject-requests/{request}/lift"
    return await office.post(path, {"reason_code": code}, status)


async def codes_seen(office: Office, client: str) -> list[str]:
    return [entry["code"] for entry in (await office.get(f"/v1/clients/{client}/merged-view"))["entries"]]


async def test_a_restriction_lets_nothing_leave_until_it_is_lifted(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    request = await asks(pup, at_pup, "restriction", note="pismo z 28 września")
    assert (await pup.get(f"/v1/clients/{at_pup}"))["restricted_on"] is None
    done = await answer(pup, at_pup, request, "accuracy_contested")
    assert (done["state"], done["due_on"], done["answered_by"]) == ("upheld", "2026-10-28", "tester")
    assert done["reason_pl"].startswith("Osoba kwestionuje")
    assert (await pup.get(f"/v1/clients/{at_pup}"))["restricted_on"] == "2026-10-01"
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await pup.post(f"/v1/clients/{at_pup}/employments", {"effective": "2026-03-01", "net_gr": 300000})
    async with pup.node.db.write() as session:  # nor by a reconciliation, which finds that the client differs
        work = Work(pup.node, session, pup.node.ids.uuid7(), pup.node.now)
        assert (await restate_some(work, [token(1)])).restated == []
        await work.finish()
    await federation.settle()
    assert await codes_seen(ops, at_ops) == []
    refused = await pup.post(f"/v1/clients/{at_pup}/degressive-benefit/preview", JOB, 409)
    assert (refused["type"].rpartition(":")[2], refused["received"]) == (
        "data-restricted",
        "restricted since 2026-10-01",
    )
    assert (await pup.post(f"/v1/clients/{at_pup}/erasures", {"ground": "unlawful"}, 409))["type"].endswith(
        "restricted"
    )
    await lift(pup, at_pup, request, "data_wrong", 422)
    assert (await lift(pup, at_pup, request, "accuracy_verified"))["state"] == "lifted"
    await lift(pup, at_pup, request, "accuracy_verified", 409)
    await federation.settle()
    assert await codes_seen(ops, at_ops) == [None, "PUP-STA"]
    await pup.post(f"/v1/clients/{at_pup}/degressive-benefit/preview", JOB, 200)


async def test_no_benefit_is_granted_on_restricted_data(federation: Federation) -> None:
    one = await make_recipient(federation)
    await one.takes_a_job()
    request = await asks(one.pup, one.at_pup, "objection")
    await answer(one.pup, one.at_pup, request, "grounds_prevail")
    refused = await one.decide((await one.benefit())["result_hash"], 409)
    assert refused["type"].endswith("data-restricted")
    await lift(one.pup, one.at_pup, request, "person_agrees")
    await federation.settle()
    assert (await one.decide((await one.benefit())["result_hash"]))["decision"] == "approved"


async def test_a_rectification_names_what_was_put_right_since(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    federation.clock.go(60)
    request = await asks(pup, at_pup, "rectification")
    amended = {"kind": "support-forms", "record_id": form["id"], "version": 2}
    assert (await answer(pup, at_pup, request, "data_wrong", 422))["field"] == "amended"
    await answer(pup, at_pup, request, "data_wrong", 409, amended=[amended])
    await pup.patch(f"/v1/support-forms/{form['id']}", {"from": "2026-03-09"})
    done = await answer(pup, at_pup, request, "data_wrong", amended=[amended])
    assert (done["state"], done["amended"]) == ("upheld", [amended])
    assert (await pup.get(f"/v1/clients/{at_pup}"))["restricted_on"] is None
    await answer(pup, at_pup, request, "data_wrong", 409, amended=[amended])
    await lift(pup, at_pup, request, "ground_gone", 422)


async def test_what_was_asked_stands_in_the_clients_file_and_is_another_clients_to_nobody(
    federation: Federation,
) -> None:
    pup = await federation.join("pup-2478")
    client, other = await pup.enrol(1), await pup.enrol(2)
    request = await asks(pup, client, "objection", note="nie chcę")
    await answer(pup, other, request, "grounds_prevail", 404)
    await answer(pup, client, request, "legal_claims", answer="refused")
    [listed] = await pup.listed(f"/v1/clients/{client}/subject-requests")
    assert (listed["state"], listed["note"], listed["reason_code"]) == ("refused", "nie chcę", "legal_claims")
    file = (await pup.http.get(f"/v1/clients/{client}/file")).json()
    assert [one["note"] for one in file["subject-request"]] == ["nie chcę"]
    assert (await pup.get(f"/v1/clients/{client}"))["restricted_on"] is None
    tomorrow = {"kind": "objection", "received_on": "2026-10-02"}
    await pup.post(f"/v1/clients/{client}/subject-requests", tomorrow, 422)


async def notices(at: Office, /, **filters: str) -> list[tuple[str, str]]:
    """Return which offices are to be told, and how far that is."""
    found = await at.listed("/v1/recipient-notices", params=filters)
    return [(one["office"]["id"], one["state"]) for one in found]


async def restricted_since(office: Office, client: str, member: str) -> Any:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    (since,) = [one["restricted_on"] for one in view["members"] if one["id"] == member]
    return since


async def test_who_shares_a_client_is_told_that_the_data_are_restricted_until_that_is_lifted(
    federation: Federation,
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    assert await restricted_since(ops, at_ops, pup.id) is None
    request = await asks(pup, at_pup, "restriction")
    done = await answer(pup, at_pup, request, "accuracy_contested")
    assert [(one["office"]["id"], one["state"]) for one in done["recipients"]] == [(ops.id, "told")]
    await federation.settle()
    assert await restricted_since(ops, at_ops, pup.id) == "2026-10-01"
    assert await restricted_since(pup, at_pup, ops.id) is None
    assert await codes_seen(ops, at_ops) == ["PUP-STA"], "the mark is no record of the person's history"
    assert await notices(pup, state="open") == []
    assert await notices(pup, state="told", kind="restriction") == [(ops.id, "told")]
    left = await pup.get(f"/v1/clients/{at_pup}/disclosures")
    assert [(one["office"]["id"], one["shares"], one["open_notices"]) for one in left["recipients"]] == [
        (ops.id, True, 0)
    ]
    last = left["items"][0]
    assert (last["event"], last["to"]) == ("data.restricted.v1", ["broker", ops.id])
    told = [one["change"] for one in (await ops.get("/v1/changes"))["items"] if one["kind"] == "peer_record"]
    assert told[-1] == "restricted"
    await federation.reconcile()
    assert await pup.get("/v1/discrepancies") == await ops.get("/v1/discrepancies") == []
    await lift(pup, at_pup, request, "accuracy_verified")
    await federation.settle()
    assert await restricted_since(ops, at_ops, pup.id) is None
    assert await codes_seen(ops, at_ops) == ["PUP-STA"]


async def test_who_shared_a_client_once_is_a_line_for_an_official_until_informed(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    request = await asks(pup, at_pup, "restriction")
    done = await answer(pup, at_pup, request, "accuracy_contested")
    [line] = done["recipients"]
    assert (line["office"]["name"], line["state"], line["told_at"]) == (f"Urząd {ops.id}", "open", None)
    assert await notices(pup, state="open", office=ops.id) == [(ops.id, "open")]
    [got] = (await pup.get(f"/v1/clients/{at_pup}/disclosures"))["recipients"]
    assert (got["office"]["id"], got["shares"], got["open_notices"]) == (ops.id, False, 1)
    informed = await pup.post(f"/v1/recipient-notices/{line['id']}/informed", status=200)
    assert (informed["state"], informed["told_by"]) == ("informed", "tester")
    await pup.post(f"/v1/recipient-notices/{line['id']}/informed", status=409)
    assert await notices(pup, state="open") == []
    [listed] = await pup.listed(f"/v1/clients/{at_pup}/subject-requests")
    assert [one["state"] for one in listed["recipients"]] == ["informed"]
    await pup.post("/v1/recipient-notices/0198c6a0-0000-7000-8000-000000000000/informed", status=404)


async def test_a_rectification_is_told_with_the_record_or_waits_where_nothing_is_told(federation: Federation) -> None:
    pup, ops, at_pup, _ = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", FORM)
    plan = await pup.post(f"/v1/clients/{at_pup}/action-plans", {"aim": "praca", "from": "2026-10-01"})
    federation.clock.go(60)
    for path, change, recipients in (
        ("support-forms", {"from": "2026-03-09"}, [(ops.id, "told")]),
        ("action-plans", {"aim": "inna praca"}, []),
    ):
        request = await asks(pup, at_pup, "rectification")
        record = form if path == "support-forms" else plan
        await pup.patch(f"/v1/{path}/{record['id']}", change)
        amended = {"kind": path, "record_id": record["id"], "version": 2}
        done = await answer(pup, at_pup, request, "data_wrong", amended=[amended])
        assert [(one["office"]["id"], one["state"]) for one in done["recipients"]] == recipients, path
    restriction = await asks(pup, at_pup, "restriction")
    await answer(pup, at_pup, restriction, "accuracy_contested")
    request = await asks(pup, at_pup, "rectification")
    await pup.patch(f"/v1/support-forms/{form['id']}", {"from": "2026-03-10"})
    amended = {"kind": "support-forms", "record_id": form["id"], "version": 3}
    done = await answer(pup, at_pup, request, "data_wrong", amended=[amended])
    assert [one["state"] for one in done["recipients"]] == ["open"], "under a restriction nothing was told"


async def test_a_client_whom_nobody_shared_has_no_recipients(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    client = await pup.enrol(1)
    request = await asks(pup, client, "restriction")
    assert (await answer(pup, client, request, "accuracy_contested"))["recipients"] == []
    assert await notices(pup) == []
