"""A demo from its beginning to its end: what it reports is what the ground truth says."""

import csv
import json
import stat
from collections import Counter
from typing import Any

import pytest

from services.cli.demo.people.csv_file import COLUMNS, people_csv
from services.cli.demo.people.institutions import institutions
from services.cli.demo.people.people import make_people
from shared.domain.pesel import Pesel
from tests.cli.telling import assessed
from tests.demo.conftest import Ran

KEYS: dict[str, list[str]] = {
    "institutions": [],
    "people": ["total", "recipients", "comparison", "one_office"],
    "joint_clients": ["found", "expected", "false"],
    "suspected": [],
    "events": ["disclosed", "relayed", "applied", "dead_letters", "lost"],
    "checkpoints_equal": [],
    "assessments": ["made", "decided", "corrected", "total_gr"],
    "latency_ms": ["p50", "p99"],
    "seconds": [],
}


@pytest.fixture
def report(ran: Ran) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((ran.folder / "report.json").read_text("utf-8"))
    return report


def test_it_ends_by_itself_with_status_0_and_no_process_left(ran: Ran) -> None:
    assert ran.status == 0, ran.output
    assert ran.left == []
    assert not list(ran.folder.glob("*.pid"))
    assert ran.output.splitlines()[-1] == "all processes have stopped"
    assert not (ran.folder / "endpoints.json").exists()


def test_the_report_has_exactly_its_members(report: dict[str, Any]) -> None:
    assert {name: list(value) if isinstance(value, dict) else [] for name, value in report.items()} == KEYS
    assert list(report) == list(KEYS)


def test_the_report_says_what_the_ground_truth_says(ran: Ran, report: dict[str, Any]) -> None:
    arms = Counter(person["arm"] for person in ran.people)
    joint = len(ran.of("joint")) + len(ran.of("confirmed"))
    assert report["institutions"] == 12
    assert report["people"] == {
        "total": len(ran.people),
        "recipients": arms["recipient"],
        "comparison": arms["comparison"],
        "one_office": len(ran.of("one_office")),
    }
    assert report["joint_clients"] == {"found": joint, "expected": joint, "false": 0}
    assert report["suspected"] == len(ran.of("confirmed")) + len(ran.of("refused"))
    assert joint > 20


def test_nothing_is_lost_and_both_ends_of_every_stream_agree(report: dict[str, Any]) -> None:
    events = report["events"]
    assert (events["lost"], events["dead_letters"]) == (0, 0)
    assert events["relayed"] == events["applied"] >= events["disclosed"] > 200
    assert report["checkpoints_equal"] is True
    assert 0 < report["latency_ms"]["p50"] <= report["latency_ms"]["p99"]
    assert report["seconds"] > 0


def test_every_recipient_is_decided_and_all_money_is_what_the_rule_says(report: dict[str, Any]) -> None:
    recipients = [person for person in make_people(people=60, seed=1) if person.arm == "recipient" and person.job]
    late = [person for person in recipients if person.job and any(news.late for news in person.job.news)]
    assert report["assessments"] == {
        "made": len(recipients),
        "decided": report["people"]["recipients"],
        "corrected": len(late),
        "total_gr": sum(assessed(person).total_gr for person in recipients),
    }
    assert late


def test_the_ground_truth_is_that_of_the_seed(ran: Ran) -> None:
    assert (ran.folder / "people.csv").read_text("utf-8") == people_csv(make_people(people=60, seed=1))
    with (ran.folder / "people.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == list(COLUMNS)
    assert all(Pesel(person["pesel"]).is_synthetic() for person in ran.people if person["expected"] != "typo")


def test_every_service_has_a_database_and_a_log_of_json_lines(ran: Ran) -> None:
    for name in ("broker", *(one.id for one in institutions())):
        assert (ran.folder / f"{name}.sqlite3").stat().st_size > 100_000
        lines = (ran.folder / f"{name}.log").read_text("utf-8").splitlines()
        assert {"request"} <= {json.loads(line)["event"] for line in lines}


def test_nobody_else_can_read_keys_databases_and_logs(ran: Ran) -> None:
    secret = [path for folder in ("keys", "custodian") for path in (ran.folder / folder).rglob("*") if path.is_file()]
    secret += [path for ending in ("sqlite3", "log") for path in ran.folder.glob(f"*.{ending}")]
    assert len(secret) == 13 + 12 * 2 + 1 + 13 * 2
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in secret if path.stat().st_mode & 0o077} == {}


def test_it_tells_what_happened(ran: Ran) -> None:
    for text in (
        "approving 12 institutions",
        "21 found of 21 expected, 0 false",
        "malformed-pesel",
        "The assessment is provisional",
        "recomputed at the office from its own records: the same",
        "checkpoints equal at both ends │ yes",
        "memory of all processes (PSS)",
    ):
        assert text in ran.output, text
    assert "DIFFERS" not in ran.output
    assert "Traceback" not in ran.output
