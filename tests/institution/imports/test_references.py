"""Records of a file that name others besides the one they belong to: a goal, a benefit, a member of the household."""

from typing import Any, get_args

import pytest

from shared.institution.imports.column_map import MapBroken, read_map
from shared.institution.imports.drafts import require_fits
from shared.institution.kinds import RecordKind
from shared.institution.models.base import OurId
from shared.institution.operations.imports import running
from shared.institution.operations.imports.receiving import kept_of
from tests.builders import Office, pesel
from tests.institution.imports.files import counts, lines_of, run, text

CASE = """
title: Akta z arkusza
system: akta
client: {external_id: OSOBA, pesel: {column: PESEL, as: pesel}}
records:
  - kind: social-contracts
    when: {column: TYP, is: [KONTRAKT]}
    external_id: NR
    members: {form: {constant: A}, from: {column: DNIA, as: pl_date}}
  - kind: contract-goals
    when: {column: TYP, is: [CEL]}
    external_id: NR
    parent: DO
    members: {what: TRESC, due: {column: DNIA, as: pl_date}}
  - kind: contract-actions
    when: {column: TYP, is: [DZIALANIE]}
    external_id: NR
    parent: DO
    references: {contract_goal_id: INNE}
    members: {what: TRESC, due: {column: DNIA, as: pl_date}}
  - kind: benefits
    when: {column: TYP, is: [ZASILEK]}
    external_id: NR
    members:
      code: {constant: OPS-ZOK}
      monthly_net_gr: {column: TRESC, as: pl_grosze}
      from: {column: DNIA, as: pl_date}
  - kind: allowance-decisions
    when: {column: TYP, is: [DECYZJA]}
    external_id: NR
    references: {benefit_id: INNE}
    members:
      number: NR
      decided_on: {column: DNIA, as: pl_date}
      outcome: {constant: granted}
      code: {constant: OPS-ZOK}
      basis: {constant: ups_38}
      amount_gr: {constant: 50500}
      from: {column: DNIA, as: pl_date}
  - kind: households
    when: {column: TYP, is: [RODZINA]}
    external_id: NR
    members: {number: NR, members: {constant: 2}, from: {column: DNIA, as: pl_date}}
  - kind: household-members
    when: {column: TYP, is: [CZLONEK]}
    external_id: NR
    parent: DO
    references: {member_client_id: INNE}
    members: {kinship: {constant: spouse}, from: {column: DNIA, as: pl_date}}
"""
HEADER = "TYP;OSOBA;PESEL;NR;DO;INNE;TRESC;DNIA"
DAY = "1.02.2026"


def rows(number: int) -> list[str]:
    """Return the lines of one person's file, what is named before what names it."""
    of = f"{number};{pesel(number)}"
    return [
        f"KONTRAKT;{of};K/{number};;;;{DAY}",
        f"CEL;{of};C/{number};K/{number};;stała praca;1.12.2026",
        f"DZIALANIE;{of};D/{number};K/{number};C/{number};kurs;1.06.2026",
        f"ZASILEK;{of};Z/{number};;;505,00;{DAY}",
        f"DECYZJA;{of};OPS.5121.{number};;Z/{number};;{DAY}",
        f"RODZINA;{of};R/{number};;;;{DAY}",
    ]


async def imported(ops: Office, lines: list[str], *, dry_run: bool = False) -> Any:
    folder = ops.node.settings.import_maps
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "akta.yaml").write_text(CASE, encoding="utf-8")
    return await run(ops, text(HEADER, lines).encode(), "akta", dry_run=dry_run)


@pytest.mark.parametrize("together", [1, 3, 500])
async def test_a_whole_file_of_a_person_comes_in_with_all_that_its_records_name(
    ops: Office, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr(running, "CHUNK_LINES", together)
    client, spouse = await ops.enrol(1), await ops.enrol(2)
    lines = [rows(2)[0], *rows(1), f"CZLONEK;1;{pesel(1)};M/1;R/1;2;;{DAY}"]
    assert counts(await imported(ops, lines, dry_run=True)) == (8, 0, 0, 0)
    job = await imported(ops, lines)
    assert counts(job) == (8, 0, 0, 0), await lines_of(ops, job)
    assert counts(await imported(ops, lines)) == (0, 0, 8, 0)

    async def only(path: str) -> Any:
        (one,) = await ops.listed(f"/v1/clients/{client}/{path}")
        return one

    assert (await only("contract-actions"))["contract_goal_id"] == (await only("contract-goals"))["id"]
    assert (await only("allowance-decisions"))["benefit_id"] == (await only("benefits"))["id"]
    assert (await only("household-members"))["member_client_id"] == spouse


async def test_another_reference_amends_the_record(ops: Office) -> None:
    client = await ops.enrol(1)
    second = f"CEL;1;{pesel(1)};C/1b;K/1;;samodzielność;1.12.2026"
    await imported(ops, [*rows(1), second])
    moved = rows(1)[2].replace(";C/1;", ";C/1b;")
    assert counts(await imported(ops, [moved])) == (0, 1, 0, 0)
    (action,) = await ops.listed(f"/v1/clients/{client}/contract-actions")
    goals = await ops.listed(f"/v1/clients/{client}/contract-goals")
    assert [one["what"] for one in goals if one["id"] == action["contract_goal_id"]] == ["samodzielność"]


async def test_a_record_that_names_what_is_not_there_or_is_another_clients_is_refused(ops: Office) -> None:
    await ops.enrol(1)
    await ops.enrol(2)
    await imported(ops, [*rows(1), *rows(2)])
    wrong = [
        f"DZIALANIE;1;{pesel(1)};D/9;K/1;C/9;kurs;1.06.2026",
        f"DZIALANIE;1;{pesel(1)};D/8;K/1;C/2;kurs;1.06.2026",
        f"DECYZJA;1;{pesel(1)};OPS.9;;Z/2;;{DAY}",
    ]
    job = await imported(ops, wrong)
    assert counts(job) == (0, 0, 0, 3)
    assert [(one["problem"], one["field"]) for one in await lines_of(ops, job)] == [
        ("not-found", "contract_goal_id"),
        ("request-invalid", "contract_goal_id"),
        ("request-invalid", "benefit_id"),
    ]


async def test_a_reference_that_is_left_empty_names_nothing(ops: Office) -> None:
    client = await ops.enrol(1)
    lines = rows(1)
    assert counts(await imported(ops, [lines[0], lines[2].replace(";C/1;", ";;")])) == (2, 0, 0, 0)
    (action,) = await ops.listed(f"/v1/clients/{client}/contract-actions")
    assert action["contract_goal_id"] is None


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "{kind: benefits, external_id: A, references: {benefit_id: B}, "
            "members: {code: C, monthly_net_gr: D, from: E}}",
            "benefits name no record by benefit_id",
        ),
        (
            "{kind: contract-actions, external_id: A, parent: P, references: {contract_goal_id: B},"
            " members: {contract_goal_id: C, what: D, due: E}}",
            "contract_goal_id stands in references already",
        ),
    ],
)
async def test_a_map_that_names_others_wrong_is_broken(ops: Office, kind: str, said: str) -> None:
    column_map = read_map(f"{{title: T, system: s, client: {{external_id: O}}, records: [{kind}]}}")
    with pytest.raises(MapBroken, match=said):
        require_fits(column_map, kept_of(ops.node))


async def test_every_member_that_holds_an_id_of_this_office_can_be_named_in_a_file(pup: Office, ops: Office) -> None:
    for office in (pup, ops):
        kinds = {kind.path: kind for kind in office.node.institution.kinds}
        for kind in kinds.values():
            assert ids_of(kind) <= set(kind.named), kind.path
            assert set(kind.named.values()) <= {"clients", *kinds}, kind.path


def ids_of(kind: RecordKind) -> set[str]:
    """Return the members of a kind whose value is the id of a record of this office."""
    pattern = next(one.pattern for one in OurId.__metadata__[0].metadata if hasattr(one, "pattern"))
    return {
        name
        for name, field in kind.create.model_fields.items()
        if name.endswith("_id") and pattern in str([field.metadata, *get_args(field.annotation)])
    }
