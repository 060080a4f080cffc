"""Wages of a job: a net wage above its gross wage is refused by every way in."""

from typing import Any

from tests.builders import Office

WRONG = {"effective": "2026-03-02", "net_gr": 300000, "gross_gr": 200000}
EXPECTED = ("net_gr", "at most gross_gr", "The net wage is higher than the gross wage it is paid of")


def refused(answer: Any) -> tuple[str, str, str]:
    return answer["field"], answer["expected"], answer["detail"].split(";")[0]


async def test_a_net_wage_above_the_gross_one_is_refused_by_every_way_in(pup: Office) -> None:
    client = await pup.enrol(1)
    path = f"/v1/clients/{client}/employments"
    assert refused(await pup.post(path, WRONG, 422)) == EXPECTED
    right = {"effective": "2026-03-02", "net_gr": 200000, "gross_gr": 200000, "working_time_bp": 20_000}
    job = (await pup.post(path, right))["id"]
    assert refused(await pup.post(f"/v1/employments/{job}/wage-changes", WRONG, 422)) == EXPECTED
    [one] = (await pup.post("/v1/employments/bulk", {"items": [{"client_id": client, **WRONG}]}, 200))["items"]
    assert one["problem"]["field"] == "net_gr"
    await pup.post(f"/v1/employments/{job}/wage-changes", {"effective": "2026-04-01", "net_gr": 300000})
