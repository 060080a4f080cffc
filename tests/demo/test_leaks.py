"""Nobody stands where they may not: at the broker, in a log, a metric or a problem, in clear at an office."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from shared.domain.pesel import Pesel
from shared.exchange.match_key_file import load_match_key
from tests.demo.conftest import CENTRE, Kept, Ran
from tests.demo.leaks import cell_forms, claims_of, sqlite_cells

ENROLLED = {"urn:zwornik:event:client.enrolled.v1"}


@pytest.fixture(params=["ran", pytest.param("kept", marks=pytest.mark.long)])
def run(request: pytest.FixtureRequest) -> Ran:
    """Both runs: one that ended by itself, one that was asked for much."""
    made: Ran = request.getfixturevalue(request.param)
    return made


def databases(run: Ran) -> list[Path]:
    paths = sorted(run.folder.glob("*.sqlite3"))
    assert len(paths) == 13
    return paths


def tokens_of_one_office(run: Ran) -> set[str]:
    key = load_match_key(run.folder / "custodian" / "match-key.json")
    return {key.token(Pesel(person["pesel"])) for person in run.of("one_office")}


def test_no_database_holds_a_pesel_or_a_surname_in_any_cell(run: Ran) -> None:
    found = {path.name: run.secrets.in_cells(sqlite_cells(path)) for path in databases(run)}
    assert {name: tables for name, tables in found.items() if tables} == {}


def test_no_file_of_a_database_holds_a_pesel_or_a_surname(run: Ran) -> None:
    found = {path.name: run.secrets.in_bytes(path.read_bytes()) for path in run.folder.glob("*.sqlite3*")}
    assert len(found) >= 13
    assert {name: some for name, some in found.items() if some} == {}


@pytest.mark.long
def test_no_open_database_and_no_journal_of_one_holds_a_pesel_or_a_surname(kept: Kept) -> None:
    assert {"broker.sqlite3", "broker.sqlite3-wal", f"{CENTRE}.sqlite3-wal"} <= kept.files.keys()
    found = {name: kept.secrets.in_bytes(content) for name, content in kept.files.items()}
    assert {name: some for name, some in found.items() if some} == {}


def test_no_log_holds_a_pesel_or_a_surname(run: Ran) -> None:
    logs = {path.name: path.read_text("utf-8") for path in run.folder.glob("*.log")}
    assert len(logs) == 13
    assert {name: found for name, text in logs.items() if (found := run.secrets.in_text(text))} == {}


def test_the_demo_itself_prints_no_pesel_and_no_surname(run: Ran) -> None:
    assert run.secrets.in_text(run.output) == set()


@pytest.mark.long
def test_no_metric_holds_a_pesel_or_a_surname(kept: Kept) -> None:
    found = {name: kept.secrets.in_text(said.metrics) for name, said in kept.said.items()}
    assert {name: some for name, some in found.items() if some} == {}
    assert len(found) == 13
    assert all("zwornik_requests_total" in said.metrics for said in kept.said.values())


@pytest.mark.long
def test_no_problem_holds_a_pesel_or_a_surname(kept: Kept) -> None:
    problems = [answer for answer in kept.answers if answer.status >= 400]
    found = {f"{p.service} {p.asked}: {p.text[:300]}": kept.secrets.in_text(p.text) for p in problems}
    assert {text: some for text, some in found.items() if some} == {}
    assert all(json.loads(answer.text)["type"].startswith("urn:zwornik:problem:") for answer in problems)
    assert not [answer for answer in kept.answers if kept.secrets.in_text(answer.headers)]


@pytest.mark.long
def test_the_provoking_reached_every_kind_of_refusal(kept: Kept) -> None:
    """Else the tests above would look at nothing."""
    statuses = Counter((answer.service.partition("-")[0], answer.status) for answer in kept.answers)
    for service in ("pup", "ops"):
        assert {400, 401, 404, 405, 409, 415, 422} <= {status for name, status in statuses if name == service}
    assert {400, 401, 404, 415, 422} <= {status for name, status in statuses if name == "broker"}
    assert {answer.status for answer in kept.answers if answer.status >= 500} == set()
    assert len(kept.answers) > 800


def test_of_people_of_one_office_the_broker_has_their_enrolment_alone(run: Ran) -> None:
    """The token stands in the rows of the person and the enrolment, and in the one SET that enrolled."""
    tokens, seen = tokens_of_one_office(run), defaultdict(set)
    assert len(tokens) == len(run.of("one_office"))
    for table, row in sqlite_cells(run.folder / "broker.sqlite3"):
        text = "\n".join(form for cell in row for form in cell_forms(cell))
        for token in tokens:
            if token in text or token.partition(".")[2] in text:
                seen[token].add(table)
                if table == "set_bytes":
                    (claims,) = (claims_of(cell) for cell in row if isinstance(cell, str) and cell.startswith("eyJ"))
                    assert claims["events"].keys() == ENROLLED
                    assert claims["sub_id"] == {"format": "opaque", "id": token}
                    (payload,) = claims["events"].values()
                    assert payload.keys() == {"check", "key_fingerprint", "basis"}
    assert seen == {token: {"person", "enrolment", "set_bytes"} for token in tokens}


def test_no_office_but_their_own_has_heard_of_people_of_one_office(run: Ran) -> None:
    key = load_match_key(run.folder / "custodian" / "match-key.json")
    homes = {key.token(Pesel(p["pesel"])): {p["pup"], *p["ops"].split()} - {""} for p in run.of("one_office")}
    heard = defaultdict(set)
    for path in databases(run):
        text = "\n".join(form for _, row in sqlite_cells(path) for cell in row for form in cell_forms(cell))
        for token in homes:
            if token.partition(".")[2] in text:
                heard[token].add(path.stem)
    assert heard == {token: {*home, "broker"} for token, home in homes.items()}


def test_the_broker_never_sees_the_match_key(run: Ran) -> None:
    secret = json.loads((run.folder / "custodian" / "match-key.json").read_text())["secret"]
    assert not list((run.folder / "keys" / "broker").rglob("*.json"))
    assert secret.encode() not in (run.folder / "broker.sqlite3").read_bytes()
    assert secret not in (run.folder / "broker.log").read_text()
