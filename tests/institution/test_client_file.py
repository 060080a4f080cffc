"""A client's whole file: everything the office holds, as data and as a page to print."""

from base64 import b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from shared.institution.models.employments import Employment, EmploymentEvent
from shared.institution.operations.client_file import rows_of_clients, sections
from shared.institution.operations.client_page import title, words
from shared.institution.tables import InstitutionBase
from tests.builders import Federation, Office
from tests.conftest import MakeDatabase
from tests.domain.benefit.builders import spaced
from tests.institution.test_clients import problem
from tests.institution.test_gate import token

BODIES: dict[str, dict[str, Any]] = {
    "support-forms": {
        "code": "OPS-ZCE",
        "from": "2026-03-02",
        "amount_gr": 123050,
        "note": "<script>alert(1)</script>",
    },
    "benefits": {"code": "OPS-ZOK", "monthly_net_gr": 78500, "remaining_net_gr": 0, "from": "2026-01-01"},
    "social-contracts": {"form": "A", "goals": 3, "from": "2026-02-01"},
    "households": {"number": "GD/17", "members": 4, "children": 2, "from": "2026-01-01"},
    "employments": {"effective": "2026-03-16", "net_gr": 360585, "employer": "Zakład Przykładowy"},
}


@pytest.fixture
async def federation(make_database: MakeDatabase, tmp_path: Path) -> AsyncIterator[Federation]:
    async with Federation(tmp_path / "nodes", make_database) as federation:
        yield federation


async def test_the_file_holds_everything_on_the_client_and_nothing_on_others(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    client, other = await ops.enrol(1, surname="Pierwsza"), await ops.enrol(2, surname="Druga")
    at_pup = await pup.enrol(1, surname="Pierwsza")
    await federation.settle()
    for path, body in BODIES.items():
        await ops.post(f"/v1/clients/{client}/{path}", body)
        elsewhere = {"number": "GD/18"} if path == "households" else {}
        await ops.post(f"/v1/clients/{other}/{path}", body | elsewhere)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    await ops.put("/v1/by-external-id/kadry/social-contracts/K-1", {"client_id": client, "from": "2026-05-01"}, 201)
    await federation.settle()
    file = await ops.get(f"/v1/clients/{client}/file")
    assert (file["office"], file["client"][0]["surname"]) == ("ops-2478011", "Pierwsza")
    assert file["client"][0]["pesel"]
    assert {path: len(file[path]) for path in BODIES} == dict.fromkeys(BODIES, 1) | {"social-contracts": 2}
    assert file["households"][0]["number"] == "GD/17"
    assert file["support-forms"][0]["note"] == BODIES["support-forms"]["note"]
    assert file["employments"][0]["events"][0]["net_gr"] == 360585
    assert [one["code"] for one in file["told-by-others"] if one["type"].startswith("support_form")] == ["PUP-STA"]
    told = {one["type"] for one in file["told-to-others"]}
    assert {"client.enrolled.v1", "support_form.opened.v1", "contract.signed.v1", "employment.started.v1"} <= told
    assert [one["external_id"] for one in file["external-ids"]] == ["K-1"]
    assert {one["change"] for one in file["change"]} >= {"created", "opened", "matched"}
    assert "Druga" not in str(file)
    assert other not in str(file)


async def test_the_page_runs_nothing_and_says_everything_in_two_languages(ops: Office) -> None:
    client = await ops.enrol(1)
    for path, body in BODIES.items():
        await ops.post(f"/v1/clients/{client}/{path}", body)
    for language, said in (("pl", ("forma wsparcia", "Akta klienta", "1 230,50 zł")), ("en", ("form of support",))):
        answer = await ops.http.get(f"/v1/clients/{client}/file?format=html&language={language}")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        style = answer.text.partition("<style>")[2].partition("</style>")[0]
        digest = b64encode(sha256(style.encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]
        assert answer.headers["content-security-policy"].startswith("default-src 'none';")
        assert "<script" not in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text
        assert all(
            words in spaced(answer.text) for words in (*said, "Zakład Przykładowy", "GD/17", f'lang="{language}"')
        )


async def test_no_table_and_no_kind_can_be_forgotten(pup: Office, ops: Office) -> None:
    for office in (pup, ops):
        node = office.node
        tables = {
            name
            for name, table in InstitutionBase.metadata.tables.items()
            if "client_id" in table.c and name in node.institution.tables
        }
        assert {str(row.__tablename__) for row in rows_of_clients(node)} == tables
        names = {section.name for section in sections(node)}
        kinds = {kind.path for kind in node.institution.kinds}
        apart = {"employment", *(str(kind.row.__tablename__) for kind in node.institution.kinds)}
        assert names >= kinds | {"employments"} | {table.replace("_", "-") for table in tables - apart}


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_every_part_and_every_member_has_a_word(pup: Office, ops: Office, language: Any) -> None:
    said = words(language)
    for office in (pup, ops):
        members = {*Employment.model_fields, *EmploymentEvent.model_fields}
        for kind in office.node.institution.kinds:
            members |= {field.alias or name for name, field in kind.view.model_fields.items()}
        for section in sections(office.node):
            assert title(section, language) != section.name or section.name in said, section.name
        assert members - {"client_id"} <= said.keys(), sorted(members - said.keys())


async def test_a_file_of_many_records_is_read_page_by_page(pup: Office) -> None:
    client = await pup.enrol(1)
    items = [{"client_id": client, "code": "PUP-STA", "from": "2026-03-02", "hours_total": n} for n in range(450)]
    await pup.post("/v1/support-forms/bulk", {"items": items}, 200)
    file = await pup.get(f"/v1/clients/{client}/file")
    assert [one["hours_total"] for one in file["support-forms"]] == list(range(450))
    assert len(file["change"]) == 451


async def test_a_file_is_given_for_its_own_scope_and_known_clients_alone(pup: Office) -> None:
    client = await pup.enrol(1)
    bearer = {"Authorization": f"Bearer {token(scopes=['clients:read', 'audit:read'])}"}
    answer = await pup.http.get(f"/v1/clients/{client}/file", headers=bearer)
    assert (answer.status_code, answer.json()["expected"]) == (403, "clients:export")
    missing = await pup.get("/v1/clients/0198c6a0-0000-7000-8000-000000000000/file?format=html", 404)
    assert problem(missing) == "not-found"
