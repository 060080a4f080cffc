"""What may leave an office leaves whole, and what may not leaves nothing behind (WIRE.md, section 4)."""

import pytest

from tests.builders import Federation
from tests.federation.saying import joint

FORM = {"code": "AI-E01", "from": "2026-02-01"}


@pytest.mark.parametrize("path", ["support-forms", "benefits"])
async def test_a_code_of_others_is_refused_where_it_is_entered(federation: Federation, path: str) -> None:
    pup, _, at_pup, _ = await joint(federation)
    body = {"code": "OPS-ZOK", "from": "2026-02-01"} | ({"monthly_net_gr": 100} if path == "benefits" else {})
    refused = await pup.post(f"/v1/clients/{at_pup}/{path}", body, 422)
    assert (refused["field"], refused["expected"]) == ("code", "ops or pcpr")
    answer = await pup.post(f"/v1/{path}/bulk", {"items": [body | {"client_id": at_pup}]}, 200)
    assert [item["status"] for item in answer["items"]] == [422]
    await pup.put(f"/v1/by-external-id/system/{path}/1", body | {"client_id": at_pup}, 422)
    assert await pup.listed(f"/v1/clients/{at_pup}/{path}") == []


async def test_an_amendment_to_a_code_of_others_is_refused(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-02-01"})
    await pup.patch(f"/v1/support-forms/{form['id']}", {"code": "OPS-ZCE"}, 422)
    assert (await pup.get(f"/v1/support-forms/{form['id']}"))["code"] == "PUP-POS"


async def test_a_record_amended_to_what_never_leaves_vanishes_at_the_other_office(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    form = await ops.post(f"/v1/clients/{at_ops}/support-forms", FORM)
    benefit = {"code": "OPS-ZOK", "monthly_net_gr": 100, "from": "2026-02-01"}
    paid = await ops.post(f"/v1/clients/{at_ops}/benefits", benefit)
    await federation.settle()
    view = f"/v1/clients/{at_pup}/merged-view"
    assert [entry["code"] for entry in (await pup.get(view))["entries"]] == ["OPS-ZOK", "AI-E01"]
    await ops.patch(f"/v1/support-forms/{form['id']}", {"code": "AI-H02"})
    await ops.patch(f"/v1/benefits/{paid['id']}", {"code": "OPS-SCH"})
    await federation.settle()
    assert (await pup.get(view))["entries"] == []
    await ops.patch(f"/v1/support-forms/{form['id']}", {"code": "AI-E01"})
    await federation.settle()
    assert [entry["code"] for entry in (await pup.get(view))["entries"]] == ["AI-E01"]
