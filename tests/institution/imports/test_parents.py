"""Records that belong to another, from files: parts are named by the external id of the whole."""

from typing import Any

import pytest

from shared.institution.imports.column_map import MapBroken, read_map
from shared.institution.imports.drafts import require_fits
from shared.institution.operations.imports import running
from shared.institution.operations.imports.receiving import kept_of
from tests.builders import Office, pesel
from tests.institution.imports.files import counts, line, lines_of, run, text

PLANS = "TYP;PESEL;NR_PLANU;NR_KROKU;TRESC;KOD;OD;DO;WYNIK;DATA_WYNIKU"
GOALS = """
title: Kontrakty i cele
system: kontrakty
client: {pesel: {column: PESEL, as: pesel}}
records:
  - kind: social-contracts
    when: {column: TYP, is: [K]}
    external_id: NUMER
    members: {form: {constant: B}, referral_id: SKIEROWANIE, referral_day: {column: DNIA, as: pl_date}, from: {column: "OD", as: pl_date}}
  - kind: contract-goals
    when: {column: TYP, is: [C]}
    external_id: hash
    parent: NUMER
    members: {what: TRESC, due: {column: "OD", as: pl_date}}
  - kind: support-forms
    when: {column: TYP, is: [F]}
    external_id: NUMER
    members: {code: {constant: OPS-IPB}, from: {column: "OD", as: pl_date}}
  - kind: activation-programmes
    when: {column: TYP, is: [P]}
    external_id: hash
    parent: NUMER
    members: {code: {constant: OPS-IPB}, aim: TRESC, from: {column: "OD", as: pl_date}}
"""  # noqa: E501
GOALS_HEADER = "TYP;PESEL;NUMER;SKIEROWANIE;DNIA;OD;TRESC"


def plan(number: int, **cells: str) -> str:
    return line(PLANS, {"TYP": "PLAN", "PESEL": pesel(number), "NR_PLANU": f"IPD/{number}", "TRESC": "praca", "OD": "1.03.2026"} | cells)  # fmt: skip # noqa: E501


def step(number: int, at: int, **cells: str) -> str:
    values = {"TYP": "KROK", "PESEL": pesel(number), "NR_PLANU": f"IPD/{number}", "NR_KROKU": str(at)}
    return line(PLANS, values | {"TRESC": f"krok {at}", "DO": "30.06.2026"} | cells)


async def plans(office: Office, *lines: str, dry_run: bool = False) -> Any:
    return await run(office, text(PLANS, lines).encode(), "plany-dzialania", dry_run=dry_run)


async def test_steps_find_their_plan_before_them_or_of_an_earlier_file(
    pup: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_LINES", 2)
    client = await pup.enrol(1)
    lines = [plan(1), step(1, 1), step(1, 2, WYNIK="wykonano", DATA_WYNIKU="1.04.2026")]
    assert counts(await plans(pup, *lines, dry_run=True)) == (3, 0, 0, 0)
    assert await pup.listed("/v1/action-plans") == []
    assert counts(await plans(pup, *lines)) == (3, 0, 0, 0)
    assert counts(await plans(pup, *lines)) == (0, 0, 3, 0)
    assert counts(await plans(pup, step(1, 3), step(1, 1, TRESC="inny"))) == (1, 1, 0, 0)
    (made,) = await pup.listed(f"/v1/clients/{client}/action-plans")
    steps = await pup.listed(f"/v1/clients/{client}/action-plan-steps", params={"action_plan_id": made["id"]})
    assert [(one["what"], one["state"]) for one in steps] == [
        ("inny", "open"),
        ("krok 2", "closed"),
        ("krok 3", "open"),
    ]


async def test_a_step_without_its_plan_or_with_another_clients_is_refused(pup: Office) -> None:
    await pup.enrol(1)
    await pup.enrol(2)
    job = await plans(pup, plan(1), step(2, 1), step(1, 1, NR_PLANU=""), step(2, 2, NR_PLANU="IPD/1"))
    assert counts(job) == (1, 0, 0, 3)
    told = (await lines_of(pup, job))[1:]
    assert [(one["problem"], one["field"], one["column"]) for one in told] == [
        ("not-found", "action_plan_id", None),
        ("request-invalid", "action_plan_id", "NR_PLANU"),
        ("request-invalid", "action_plan_id", None),
    ]
    assert await pup.listed("/v1/action-plan-steps") == []


async def test_goals_and_programmes_of_one_file_belong_to_what_the_file_makes(ops: Office) -> None:
    client = await ops.enrol(1)
    (ops.node.settings.import_maps).mkdir(parents=True)
    (ops.node.settings.import_maps / "kontrakty.yaml").write_text(GOALS, encoding="utf-8")
    rows = [
        f"K;{pesel(1)};K/1;S/1;20.01.2026;1.02.2026;",
        f"C;{pesel(1)};K/1;;;1.12.2026;znaleźć pracę",
        f"F;{pesel(1)};F/1;;;1.02.2026;",
        f"P;{pesel(1)};F/1;;;1.02.2026;własny kąt",
    ]
    content = text(GOALS_HEADER, rows).encode()
    job = await run(ops, content, "kontrakty")
    assert counts(job) == (4, 0, 0, 0), await lines_of(ops, job)
    assert counts(await run(ops, content, "kontrakty")) == (0, 0, 4, 0)
    (contract,) = await ops.listed(f"/v1/clients/{client}/social-contracts")
    (goal,) = await ops.listed(f"/v1/clients/{client}/contract-goals")
    (form,) = await ops.listed(f"/v1/clients/{client}/support-forms")
    (programme,) = await ops.listed(f"/v1/clients/{client}/activation-programmes")
    assert (goal["social_contract_id"], programme["support_form_id"]) == (contract["id"], form["id"])


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("{kind: registrations, external_id: A, parent: B, members: {from: C}}", "registrations belong to no other"),
        ("{kind: action-plan-steps, external_id: A, members: {what: B, due: C}}", "missing: action_plan_id"),
        (
            "{kind: action-plan-steps, external_id: A, members: {action_plan_id: D, what: B, due: C}}",
            "by parent, not by action_plan_id",
        ),
    ],
)
async def test_a_map_that_names_its_parents_otherwise_is_broken(pup: Office, kind: str, said: str) -> None:
    column_map = read_map(f"{{title: T, system: s, client: {{external_id: O}}, records: [{kind}]}}")
    with pytest.raises(MapBroken, match=said):
        require_fits(column_map, kept_of(pup.node))
