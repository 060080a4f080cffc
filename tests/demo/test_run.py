"""A demo from its beginning to its end: what it reports is what the ground truth says."""

import csv
import json
import stat
from collections import Counter
from typing import Any

import pytest

from services.cli.demo.checks import amiss
from services.cli.demo.people.csv_file import COLUMNS, people_csv
from services.cli.demo.people.institutions import institutions
from services.cli.demo.people.people import make_people
from shared.domain.benefit.ledger import due, lowers
from shared.domain.benefit.result import result_json
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
    "decisions": ["granted", "taken_over", "left_undone", "appealed", "changed", "upheld"],
    "explained": ["schedules", "months", "printed"],
    "payments": ["lists", "lines", "booked_again", "changed_by_it"],
    "books": ["entries", "corrections", "cells", "differing", "not_as_decided"],
    "money": sorted(one.id for one in institutions()),
    "seconds": [],
}
MONEY = (
    *("granted_gr", "raised_gr", "lowered_gr", "books_gr", "reserved_gr", "due_gr"),
    *("paid_gr", "held_back_gr", "to_hold_back_gr", "claims_gr", "claims"),
)


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
    assert {tuple(one) for one in report["money"].values()} == {MONEY}


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


def test_the_books_are_what_rule_and_decisions_make_due(report: dict[str, Any]) -> None:
    """Of what late news lower the first is taken over, the second won back by an appeal, the third left undone."""
    recipients = [person for person in make_people(people=60, seed=1) if person.arm == "recipient" and person.job]
    granted, newest = ([result_json(assessed(p, late=late))["months"] for p in recipients] for late in (False, True))
    lowered = [place for place in range(len(recipients)) if lowers(granted=granted[place], newest=newest[place])]
    books: Counter[str] = Counter(dict.fromkeys(report["money"], 0))
    for place in range(len(recipients)):
        stands = granted[place] if place in lowered[1:3] else newest[place]
        for (_, institution), amount in due(granted=stands, newest=newest[place]).items():
            books[institution] += amount
    assert len(lowered) == 2
    assert {name: one["books_gr"] for name, one in report["money"].items()} == books
    assert {name: one["reserved_gr"] for name, one in report["money"].items()} == books
    assert report["decisions"] == {
        "granted": 10, "taken_over": 2, "left_undone": 0, "appealed": 2, "changed": 1, "upheld": 1
    }  # fmt: skip


def test_every_office_pays_what_is_due_and_says_what_is_overpaid(report: dict[str, Any]) -> None:
    together = {name: sum(one[name] for one in report["money"].values()) for name in MONEY}
    assert together["paid_gr"] - together["to_hold_back_gr"] - together["claims_gr"] == together["due_gr"] > 0
    assert together["granted_gr"] + together["raised_gr"] + together["lowered_gr"] == together["books_gr"]
    assert together["claims_gr"] > 0
    assert together["claims"] > 0
    payments = report["payments"]
    assert payments["booked_again"] == payments["lines"] > payments["lists"] > 12
    assert payments["changed_by_it"] == 0


def test_books_agree_and_every_schedule_is_explained_and_printed(report: dict[str, Any]) -> None:
    books, explained = report["books"], report["explained"]
    assert (books["differing"], books["not_as_decided"]) == (0, 0)
    assert books["entries"] > books["corrections"] > 0
    assert explained["schedules"] == explained["printed"] == report["people"]["recipients"]
    assert explained["months"] > 10 * 3
    assert amiss(report) == []


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
        "The books of the degressive benefit",
        "due until August 2026",
        "corrections, after a hearing",
        "2 taken over, 0 left undone",
        "2: 1 won, 1 dismissed",
        "books equal at every office",
        "the same lines booked again",
        "memory of all processes (PSS)",
    ):
        assert text in ran.output, text
    assert "DOES NOT ADD UP" not in ran.output
    assert "DIFFERS" not in ran.output
    assert "Traceback" not in ran.output
