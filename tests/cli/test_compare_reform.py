"""``zwornik compare-reform``: two parameter versions over the same cases, per person, per institution and in total."""

import csv
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from shared.domain.benefit.case import parse_case
from shared.domain.benefit.dated import shipped
from shared.domain.benefit.overlay import parse_overlay, reform
from shared.domain.benefit.rule import assess
from tests.cli.command import Said, process, zwornik
from tests.domain.benefit.builders import WORKED

CASES = [WORKED[name]["case"] for name in sorted(WORKED)]
LINES = b"\n".join(json.dumps(case).encode() for case in CASES)
FIRST = "param,value,unit,valid_from,valid_to,verified,status,source\n"
PREMIUM = FIRST + "premium_bp,3000,basis points of net wage,2026-01-01,,false,draft,\n"
LINEAR = FIRST + "curve,linear,name or twelve basis points,2026-01-01,,false,draft,\n"
TAX = (
    FIRST
    + "HEALTH,20,% of (gross - ZUS); not deductible,2026-01-01,,false,draft,\n"
    + "PIT_RELIEF_MONTH,0,PLN/month,2026-01-01,,false,draft,\n"
)
WAGE = FIRST + "MIN_WAGE,5000,PLN gross/month,2027-01-01,,false,draft,\n"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    path = tmp_path / "reform.csv"
    path.write_text(PREMIUM)
    return path


def compared(overlay: Path, *options: object, stdin: bytes = LINES) -> list[Any]:
    said = zwornik("compare-reform", "-", "--overlay", overlay, "--format", "json", *options, stdin=stdin)
    assert (said.status, said.err) == (0, "")
    return [json.loads(line) for line in said.out.splitlines()]


def test_each_case_is_compared_under_both_versions(overlay: Path) -> None:
    scheme = reform(parse_overlay(PREMIUM)).scheme
    *answers, _ = compared(overlay)
    assert len(answers) == len(CASES)
    for case, answer in zip(CASES, answers, strict=True):
        before, after = assess(parse_case(case)), assess(parse_case(case, scheme=scheme))
        assert (answer["before_gr"], answer["after_gr"]) == (before.total_gr, after.total_gr)
        changed = sum(earlier != later for earlier, later in zip(before.months, after.months, strict=True))
        assert answer["months_changed"] == changed
    assert any(answer["difference_gr"] > 0 for answer in answers)


def test_institutions_add_up_to_each_case_and_cases_to_the_sum(overlay: Path) -> None:
    *answers, summed = compared(overlay)
    for answer in (*answers, summed):
        for member in ("before_gr", "after_gr", "difference_gr"):
            assert sum(each[member] for each in answer["institutions"].values()) == answer[member]
        assert answer["after_gr"] - answer["before_gr"] == answer["difference_gr"]
    for member in ("before_gr", "after_gr", "difference_gr", "months_changed"):
        assert sum(answer[member] for answer in answers) == summed[member]
    assert (summed["cases"], summed["problems"]) == (len(CASES), 0)
    assert summed["cases_changed"] == sum(answer["months_changed"] > 0 for answer in answers)


def test_both_versions_are_named_with_the_overlay_in_them(overlay: Path) -> None:
    versions = compared(overlay)[-1]["versions"]
    assert versions["before"] == {"rule": "1", "parameters": shipped().scheme.version, "law": shipped().law.version}
    assert versions["after"]["parameters"].startswith("2026-01-01.")
    assert versions["after"]["law"] == versions["before"]["law"]


def test_a_case_keeps_the_parameters_that_it_states(overlay: Path) -> None:
    overlay.write_text(LINEAR)
    *answers, _ = compared(overlay)
    for case, answer in zip(CASES, answers, strict=True):
        assert answer["stated"] == sorted(case.get("parameters", {}))
        if "curve" in answer["stated"]:
            assert answer["months_changed"] == 0
    assert any("curve" in answer["stated"] for answer in answers)
    assert any(answer["months_changed"] for answer in answers)


def test_two_reforms_are_compared_with_each_other(overlay: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(LINEAR)
    first, second, both = compared(overlay)[-1], compared(other)[-1], compared(overlay, "--base", other)[-1]
    assert (both["before_gr"], both["after_gr"]) == (second["after_gr"], first["after_gr"])
    assert compared(overlay, "--base", overlay)[-1]["difference_gr"] == 0


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_a_bad_case_gets_its_problem_and_the_others_are_compared(overlay: Path, form: str) -> None:
    lines = LINES.split(b"\n")
    mixed = b"\n".join([lines[0], b'{"case_id": "44651401357"}', lines[2], b"not a case"])
    said = zwornik("compare-reform", "-", "--overlay", overlay, "--format", form, stdin=mixed)
    assert (said.status, said.err) == (2, "")
    assert "44651401357" not in said.out
    assert CASES[0]["case_id"][:20] in said.out
    assert CASES[2]["case_id"][:20] in said.out
    if form == "json":
        answers = [json.loads(line) for line in said.out.splitlines()]
        assert [(answer["line"], answer.get("field")) for answer in answers if "line" in answer] == [
            (2, "benefits"),
            (4, None),
        ]
        assert (answers[-1]["cases"], answers[-1]["problems"]) == (2, 2)
    else:
        assert "line 2: benefits: A required member is missing." in said.out
        assert "line 4: " in said.out


def test_the_csv_says_the_same_as_the_json(overlay: Path) -> None:
    *answers, summed = compared(overlay)
    said = zwornik("compare-reform", "-", "--overlay", overlay, "--format", "csv", stdin=LINES)
    rows = list(csv.DictReader(said.out.splitlines()))
    told = {(row["scope"], row["case_id"], row["institution"]): row for row in rows}
    expected = {("case", answer["case_id"], ""): answer for answer in answers} | {("total", "", ""): summed}
    expected |= {
        ("share", answer["case_id"], owner): change
        for answer in answers
        for owner, change in answer["institutions"].items()
    }
    expected |= {("institution", "", owner): change for owner, change in summed["institutions"].items()}
    assert told.keys() - {("version", "", "")} == expected.keys()
    for key, change in expected.items():
        for member in ("before_gr", "after_gr", "difference_gr"):
            assert told[key][member] == str(change[member])
    assert [row["note"].split(":")[0] for row in rows if row["scope"] == "version"] == ["before", "after"]


def test_the_table_shows_people_institutions_the_sum_and_what_stays(overlay: Path) -> None:
    summed = compared(overlay)[-1]
    overlay.write_text(PREMIUM + WAGE.removeprefix(FIRST))
    said = zwornik("compare-reform", "-", "--overlay", overlay, stdin=LINES)
    assert said.status == 0
    assert f"cases compared: {len(CASES)}, changed: {summed['cases_changed']}, refused: 0" in said.out
    assert "Parameters that a case states itself stay" in said.out
    assert "Rows of law in the overlay change net wages of events that state gross_wage_gr" in said.out
    for earlier, later in pairwise(["before: rule 1", "after:  rule 1", "Per person", "Per institution", "in total"]):
        assert said.out.index(earlier) < said.out.index(later)


@pytest.mark.parametrize("format_", ["table", "json", "csv"])
def test_rows_of_law_that_no_case_asks_for_are_named(overlay: Path, format_: str) -> None:
    overlay.write_text(TAX + WAGE.removeprefix(FIRST))
    event = {"kind": "start", "effective": "2026-03-01", "gross_wage_gr": 240300}
    remark = "rows of law that change nothing, since no wage is worked out by them: "
    for case, idle in (
        (CASES[2] | {"employment": [event]}, "MIN_WAGE"),
        (CASES[2], "HEALTH, MIN_WAGE, PIT_RELIEF_MONTH"),
    ):
        said = zwornik(
            "compare-reform", "-", "--overlay", overlay, "--format", format_, stdin=json.dumps(case).encode()
        )
        assert said.err.splitlines()[-1] == remark + idle
        said = zwornik("assess", "-", "--overlay", overlay, stdin=json.dumps(case).encode())
        assert said.err.splitlines()[-1] == remark + idle
        assert remark not in said.out


def test_a_reform_of_law_changes_what_people_get_whose_gross_wage_is_stated(overlay: Path) -> None:
    overlay.write_text(TAX)
    event = {"kind": "start", "effective": "2026-03-01"}
    half_time = CASES[2] | {"employment": [event | {"gross_wage_gr": 240300}]}
    in_hand = CASES[2] | {"employment": [event | {"net_wage_gr": 188693}]}
    lines = b"\n".join(json.dumps(case).encode() for case in (half_time, in_hand))
    said = zwornik("compare-reform", "-", "--overlay", overlay, "--format", "json", stdin=lines)
    gross, net, _ = [json.loads(line) for line in said.out.splitlines()]
    assert gross["before_gr"] == net["before_gr"] == net["after_gr"]
    assert gross["after_gr"] > gross["before_gr"]
    assert said.err.startswith("net wages were worked out by figures of law that no source confirms: HEALTH, PIT_COSTS")
    after = zwornik("assess", "-", "--overlay", overlay, stdin=json.dumps(half_time).encode())
    assert json.loads(after.out)["total_gr"] == gross["after_gr"]


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({"gross_wage_gr": -1}, "employment[0].gross_wage_gr"),
        ({"gross_wage_gr": 1.5}, "employment[0].gross_wage_gr"),
        ({"gross_wage_gr": "1"}, "employment[0].gross_wage_gr"),
        ({"gross_wage_gr": 1, "net_wage_gr": 1}, "employment[0].gross_wage_gr"),
        ({"gross_wage_gr": 1, "effective": "2022-03-01"}, "employment[0].effective"),
        ({"gross_wage_gr": 1, "effective": "soon"}, "employment[0].effective"),
        ({"gross_wage_gr": 1, "kind": "stop"}, "employment[0].net_wage_gr"),
    ],
)
def test_a_bad_gross_wage_is_refused_by_its_field_and_the_others_are_compared(
    overlay: Path, event: dict[str, Any], field: str | None
) -> None:
    case = CASES[2] | {"employment": [{"kind": "start", "effective": "2026-03-01"} | event]}
    said = zwornik(
        "compare-reform", "-", "--overlay", overlay, "--format", "json", stdin=LINES + b"\n" + json.dumps(case).encode()
    )
    assert said.status == 2
    *_, refused, summed = [json.loads(line) for line in said.out.splitlines()]
    assert (refused["line"], refused.get("field")) == (len(CASES) + 1, field)
    assert (summed["cases"], summed["problems"]) == (len(CASES), 1)


def test_what_stands_in_a_case_is_never_read_as_markup(overlay: Path) -> None:
    case = CASES[0] | {"case_id": "[bold]:smile: 1[/bold]"}
    said = zwornik("compare-reform", "-", "--overlay", overlay, stdin=json.dumps(case).encode())
    assert "[bold]:smile: 1[/bold]" in said.out


@pytest.mark.parametrize("form", ["json", "csv"])
@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "cp1250"}], ids=str)
def test_what_machines_read_is_the_same_bytes_everywhere(overlay: Path, form: str, locale: dict[str, str]) -> None:
    case = json.dumps(CASES[0] | {"case_id": "Łódź, „1”"}, ensure_ascii=False).encode()
    arguments = ("compare-reform", "-", "--overlay", overlay, "--format", form)
    said = process(*arguments, stdin=case, env=locale | {"PYTHONCOERCECLOCALE": "0"})
    assert said == zwornik(*arguments, stdin=case)
    assert "Łódź, „1”" in said.out


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (
            PREMIUM.replace("3000", "30000"),
            "reform.csv, line 2, value: The number is out of bounds. Expected: 0 to 10000",
        ),
        (FIRST, "reform.csv, line 1: The overlay has no row. Expected: at least one row"),
        (
            PREMIUM + "x,1,y,2026-01-01,,false,z,\n",
            "reform.csv, line 3, param: No table has this parameter. Expected: ",
        ),
        ("ż", "reform.csv is not UTF-8"),
    ],
)
@pytest.mark.parametrize("command", ["assess", "compare-reform"])
def test_a_bad_overlay_is_one_line_that_names_line_and_column(
    overlay: Path, command: str, content: str, complaint: str
) -> None:
    overlay.write_bytes(content.encode("cp1250"))
    assert complaint in zwornik(command, "-", "--overlay", overlay, stdin=LINES).complaint


def test_an_overlay_that_is_not_there_is_said(tmp_path: Path) -> None:
    said = zwornik("compare-reform", "-", "--overlay", tmp_path / "none.csv", stdin=LINES)
    assert said.complaint.endswith("none.csv cannot be read: No such file or directory")


def test_assess_takes_an_overlay_as_well(overlay: Path) -> None:
    scheme = reform(parse_overlay(PREMIUM)).scheme
    said: Said = zwornik("assess", "-", "--overlay", overlay, stdin=LINES)
    totals = [json.loads(line)["total_gr"] for line in said.out.splitlines()]
    assert totals == [assess(parse_case(case, scheme=scheme)).total_gr for case in CASES]
    assert totals != [assess(parse_case(case)).total_gr for case in CASES]


def test_a_spreadsheet_s_byte_order_mark_does_no_harm(overlay: Path) -> None:
    plain = compared(overlay)
    overlay.write_bytes(b"\xef\xbb\xbf" + PREMIUM.replace("\n", "\r\n").encode())
    assert compared(overlay) == plain
