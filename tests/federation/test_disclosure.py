"""What may leave an office leaves whole, and what may not leaves nothing behind (WIRE.md, section 4)."""

import pytest

from tests.builders import Federation
from tests.federation.saying import joint


@pytest.mark.parametrize("path", ["support-forms", "benefits"])
async def test_a_code_of_others_is_refused_where_it_is_entered(federation: Federation, path: str) -> None:
    pup, _, at_pup, _ = await joint(federation)
    body = {"code": "OPS-ZOK", "from": "2026-02-01"} | ({"monthly_net_gr": 100} if path == "benefits" else {})
    refused = await pup.post(f"/v1/clients/{at_pup}/{path}", body, 422)
    assert (refused["field"], refused["expected"], refused["received"]) == ("code", "ops or pcpr", "pup")
    answer = await pup.post(f"/v1/{path}/bulk", {"items": [body | {"client_id": at_pup}]}, 200)
    assert [item["status"] for item in answer["items"]] == [422]
    await pup.put(f"/v1/by-external-id/system/{path}/1", body | {"client_id": at_pup}, 422)
    assert await pup.get(f"/v1/clients/{at_pup}/{path}") == []


async def test_an_amendment_to_a_code_of_others_is_refused(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-POS", "from": "2026-02-01"})
    await pup.patch(f"/v1/support-forms/{form['id']}", {"code": "OPS-ZCE"}, 422)
    assert (await pup.get(f"/v1/support-forms/{form['id']}"))["code"] == "PUP-POS"
