"""What left an office about a person, to whom, why and when: told from the office's own signed stream."""

from pathlib import Path
from typing import Any

import pytest

from shared.domain.errors import Invalid
from shared.institution.policy import load_policy
from tests.builders import Federation, Office, pesel
from tests.federation.saying import joint


async def told(office: Office, client: str, query: str = "") -> Any:
    return await office.get(f"/v1/clients/{client}/disclosures{query}")


async def test_before_a_match_only_the_enrolment_left_and_only_to_the_broker(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    client = await pup.enrol(1, basis="consent")
    await pup.post(f"/v1/clients/{client}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    (only,) = (await told(pup, client))["items"]
    assert (only["event"], only["to"], only["legal_basis"]) == ("client.enrolled.v1", ["broker"], "consent")
    assert (only["records"], only["codes"]) == (0, [])


async def test_a_form_that_left_is_told_with_its_receiver_and_how_the_catalogue_let_it_go(
    federation: Federation,
) -> None:
    _, ops, _, at_ops = await joint(federation)
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-E01", "from": "2026-02-01"})
    await ops.post(f"/v1/clients/{at_ops}/support-forms", {"code": "AI-H02", "from": "2026-02-01"})
    await ops.post(
        f"/v1/clients/{at_ops}/benefits", {"code": "OPS-ZST", "monthly_net_gr": 100000, "from": "2026-02-01"}
    )
    benefit, form = (await told(ops, at_ops))["items"][:2]
    assert (benefit["event"], benefit["codes"][0]["leaves_as"]) == ("benefit.granted.v1", "cash")
    assert (form["event"], form["to"]) == ("support_form.opened.v1", ["broker", "pup-2478"])
    assert [(one["code"], one["leaves_as"]) for one in form["codes"]] == [("AI-E01", "kind")]
    assert "AI-H02" not in str(await told(ops, at_ops))


async def test_who_got_it_is_who_shared_the_client_at_that_time(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    federation.clock.go(60)
    await federation.settle()
    await pup.patch(f"/v1/clients/{at_pup}", {"surname": "Inna"})
    changed, opened = (await told(pup, at_pup))["items"][:2]
    assert (changed["event"], changed["to"]) == ("client.changed.v1", ["broker"])
    assert (opened["event"], opened["to"]) == ("support_form.opened.v1", ["broker", "ops-2478011"])


async def test_what_left_under_an_earlier_token_is_told_as_well(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await pup.patch(f"/v1/clients/{at_pup}", {"pesel": pesel(7)})
    await federation.settle()
    found = [(one["event"], one["to"]) for one in (await told(pup, at_pup))["items"]]
    assert ("client.rekeyed.v1", ["broker"]) in found
    assert ("support_form.opened.v1", ["broker", "ops-2478011"]) in found


async def test_disclosures_come_page_by_page_newest_first(federation: Federation) -> None:
    pup, _, at_pup, _ = await joint(federation)
    for day in ("2026-03-02", "2026-03-03"):
        await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": day})
    whole = (await told(pup, at_pup))["items"]
    first = await told(pup, at_pup, "?limit=2")
    rest = await told(pup, at_pup, f"?after={first['next']}")
    assert [*first["items"], *rest["items"]] == whole
    assert rest["next"] is None


async def test_what_the_office_keeps_back_itself_does_not_leave_and_the_answer_says_so(
    federation: Federation, tmp_path: Path
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    file = tmp_path / "disclosure.csv"
    file.write_text("name;leaves_as\nPUP-STA;nothing\n", encoding="utf-8")
    pup.node.disclosure = load_policy(file, "pup")
    for code in ("PUP-STA", "PUP-POS"):
        await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": code, "from": "2026-03-02"})
    await federation.settle()
    entries = (await ops.get(f"/v1/clients/{at_ops}/merged-view"))["entries"]
    assert [entry["code"] for entry in entries] == ["PUP-POS"]
    answer = await told(pup, at_pup)
    assert [(one["code"], one["catalogue"], one["office"]) for one in answer["tightened"]] == [
        ("PUP-STA", "kind", "nothing")
    ]
    assert not any(code["code"] == "PUP-STA" for one in answer["items"] for code in one["codes"])


@pytest.mark.parametrize("text", ["name;leaves_as\nAI-H02;kind\n", "code;rule\nPUP-STA;nothing\n"])
def test_a_policy_file_that_would_widen_or_is_none_stops_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "disclosure.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid):
        load_policy(file, "ops")
