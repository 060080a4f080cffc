"""A person's standing as unemployed where two labour offices have registered the person."""

import pytest

from tests import builders
from tests.builders import Federation
from tests.federation.saying import joint


async def test_days_at_another_labour_office_count_as_it_told_them(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(builders.AREAS, "pup-2476", ("2478011",))
    pup, ops, at_pup, _ = await joint(federation)
    second = await federation.join("pup-2476")
    at_second = await second.enrol(1)
    await federation.settle()
    for office in (pup, ops, second):
        for suspicion in (await office.get("/v1/suspicions"))["items"]:
            await office.post(f"/v1/suspicions/{suspicion['id']}/confirm", {"reason_code": "same_person"}, 200)
            await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2024-10-01", "until": "2025-12-31"})
    placement = {"code": "PUP-STA", "from": "2025-02-01", "until": "2025-02-28"}
    await pup.post(f"/v1/clients/{at_pup}/support-forms", placement)
    await second.post(f"/v1/clients/{at_second}/registrations", {"from": "2026-02-01"})
    await federation.settle()
    status = await second.get(f"/v1/clients/{at_second}/unemployment-status", params={"on": "2026-03-01"})
    assert (status["registered"], status["from_other_offices"]) == (True, 2)
    assert (status["registered_days"], status["counted_days"]) == (457 + 28, 457)
    assert [one["days"] for one in status["taken_off"]] == [28]
