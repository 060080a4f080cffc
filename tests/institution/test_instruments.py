"""The instruments of the four groups: what a welfare centre, a PCPR and an NGO give, and none of the others' rows."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import Federation, Office
from tests.conftest import MakeDatabase

OF_GROUP = {"vocational": "AI-Z03", "educational": "AI-E01", "health": "AI-H02", "social": "AI-S01"}
PERIOD = {"from": "2026-02-01", "until": "2026-06-30"}
PROGRAMME = {"aim": "samodzielność", "code": "OPS-IPU"}


@pytest.fixture
async def pcpr(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with Federation(tmp_path / "pcpr", make_database) as federation:
        yield await federation.make_office("pcpr-2478")


@pytest.fixture
async def ngo(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Office]:
    async with Federation(tmp_path / "ngo", make_database) as federation:
        yield await federation.make_office("ngo-0000123456")


async def test_each_group_of_instruments_is_recorded_and_listed_by_itself(ops: Office) -> None:
    client = await ops.enrol(1)
    for code in OF_GROUP.values():
        await ops.post(f"/v1/clients/{client}/support-forms", PERIOD | {"code": code})
    for group, code in OF_GROUP.items():
        for path in ("/v1/support-forms", f"/v1/clients/{client}/support-forms"):
            assert [form["code"] for form in await ops.listed(path, params={"group": group})] == [code]
    assert await ops.listed("/v1/support-forms", params={"group": "cash"}) == []
    both = {"group": "health", "code": "AI-E01"}
    assert await ops.listed("/v1/support-forms", params=both) == []
    refused = await ops.get("/v1/support-forms", 422, params={"group": "sport"})
    assert refused["field"] == "group"
    assert "vocational" in refused["expected"]


async def test_a_group_is_listed_page_by_page_in_order(ops: Office) -> None:
    client = await ops.enrol(1)
    for day, code in (("2026-02-03", "AI-E01"), ("2026-02-02", "AI-H01"), ("2026-02-01", "AI-E02")):
        await ops.post(f"/v1/clients/{client}/support-forms", {"code": code, "from": day})
    wanted = {"group": "educational", "sort": "from", "limit": 1}
    first = await ops.get("/v1/support-forms", params=wanted)
    second = await ops.get("/v1/support-forms", params=wanted | {"after": first["next"]})
    assert [page["items"][0]["code"] for page in (first, second)] == ["AI-E02", "AI-E01"]
    assert second["next"] is None


async def test_a_pcpr_gives_its_own_forms_and_programmes_and_no_others(pcpr: Office) -> None:
    client = await pcpr.enrol(1)
    path = f"/v1/clients/{client}/support-forms"
    form = await pcpr.post(path, PERIOD | {"code": "OPS-IPU"})
    programme = PROGRAMME | PERIOD | {"support_form_id": form["id"]}
    await pcpr.post(f"/v1/clients/{client}/activation-programmes", programme)
    await pcpr.post(path, PERIOD | {"code": "AI-H04"})
    for code, givers in (("AI-Z01", "ngo or ops"), ("PUP-STA", "pup"), ("OPS-DMI", "ops")):
        refused = await pcpr.post(path, PERIOD | {"code": code}, 422)
        assert (refused["field"], refused["expected"]) == ("code", givers)


async def test_an_ngo_gives_its_own_forms_and_decides_on_no_allowance(ngo: Office) -> None:
    client = await ngo.enrol(1)
    path = f"/v1/clients/{client}/support-forms"
    for code in ("AI-Z02", "AI-S05", "NGO-STR"):
        await ngo.post(path, PERIOD | {"code": code})
    assert (await ngo.post(path, PERIOD | {"code": "OPS-IPU"}, 422))["expected"] == "ops or pcpr"
    decision = {"number": "1", "decided_on": "2026-02-01", "outcome": "granted", "code": "OPS-ZST"}
    decision |= {"basis": "ups_37", "amount_gr": 1, "from": "2026-02-01"}
    refused = await ngo.post(f"/v1/clients/{client}/allowance-decisions", decision, 422)
    assert (refused["field"], refused["expected"]) == ("code", "ops or pcpr")
    mark = {"group": "homeless", "since": "2026-02-01"}
    await ngo.post(f"/v1/clients/{client}/target-group-marks", mark)
