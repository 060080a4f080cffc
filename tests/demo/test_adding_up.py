"""A demo whose figures do not add up says so and fails; on PostgreSQL they add up too."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.cli.demo.checks import amiss
from tests.demo.conftest import Ran
from tests.demo.running import demo

OFFICE = {"books_gr": 90, "reserved_gr": 90, "due_gr": 40, "paid_gr": 45, "to_hold_back_gr": 3, "claims_gr": 2}
WHOLE: dict[str, Any] = {
    "joint_clients": {"found": 5, "expected": 5, "false": 0},
    "events": {"relayed": 9, "applied": 9, "dead_letters": 0, "lost": 0},
    "checkpoints_equal": True,
    "assessments": {"made": 3, "decided": 3, "corrected": 2},
    "decisions": {"granted": 3, "taken_over": 1, "left_undone": 1, "appealed": 2, "changed": 1, "upheld": 1},
    "explained": {"schedules": 3, "printed": 3},
    "payments": {"lines": 7, "booked_again": 7, "changed_by_it": 0},
    "books": {"differing": 0, "not_as_decided": 0},
    "money": {"pup-2478": OFFICE},
}


def test_a_report_that_adds_up_has_nothing_amiss() -> None:
    assert amiss(WHOLE) == []


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("joint_clients", {"found": 4}),
        ("joint_clients", {"false": 1}),
        ("events", {"lost": 1}),
        ("events", {"dead_letters": 1}),
        ("events", {"applied": 8}),
        ("assessments", {"decided": 2}),
        ("assessments", {"corrected": 3}),
        ("decisions", {"granted": 2}),
        ("decisions", {"upheld": 0}),
        ("explained", {"schedules": 2}),
        ("explained", {"printed": 2}),
        ("payments", {"changed_by_it": 1}),
        ("payments", {"booked_again": 6}),
        ("books", {"differing": 1}),
        ("books", {"not_as_decided": 1}),
        ("money", {"pup-2478": OFFICE | {"reserved_gr": 89}}),
        ("money", {"pup-2478": OFFICE | {"paid_gr": 44}}),
        ("money", {"pup-2478": OFFICE | {"claims_gr": 0}}),
    ],
)
def test_each_figure_that_does_not_fit_is_said_once(part: str, change: Mapping[str, Any]) -> None:
    assert len(amiss(WHOLE | {part: WHOLE[part] | change})) == 1


def test_streams_that_differ_are_said() -> None:
    assert amiss(WHOLE | {"checkpoints_equal": False}) == ["checkpoints differ between the two ends of a stream"]


@pytest.mark.long
def test_books_that_somebody_altered_end_the_demo_with_status_1(tmp_path: Path) -> None:
    with demo(tmp_path, "--people", "12") as run:
        books = run.folder / "ops-1611073.sqlite3"
        run.until(lambda: books.exists() and entries(books) > 0)
        with sqlite3.connect(books, timeout=30) as database:
            values = ("0" * 36, 1, "2026-03", "pup-1611", "A" * 43, 100, 1_790_000_000_000_000)
            database.execute("INSERT INTO ledger VALUES (?,?,?,?,?,?,?)", values)
        database.close()
        assert run.wait() == 1, run.output
        assert run.left(0) == []
        assert "DOES NOT ADD UP: amounts that differ between the books of broker and offices: 1" in run.output
        assert run.output.splitlines()[-1].startswith("zwornik: the report does not add up: ")
        assert run.report["books"]["differing"] == 1


def entries(path: Path) -> int:
    """How many entries stand in an office's books; none while its tables are still made."""
    database = sqlite3.connect(path, timeout=30)
    try:
        return int(database.execute("SELECT count(*) FROM ledger").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        database.close()


@pytest.mark.long
def test_it_adds_up_on_postgresql_too(ran_on_postgres: Ran) -> None:
    assert ran_on_postgres.status == 0, ran_on_postgres.output
    report = json.loads((ran_on_postgres.folder / "report.json").read_text("utf-8"))
    assert amiss(report) == []
    assert (report["books"]["differing"], report["books"]["not_as_decided"]) == (0, 0)
    assert report["explained"]["schedules"] == report["people"]["recipients"] == 2
    assert report["payments"]["booked_again"] == report["payments"]["lines"] > 0
    assert "books equal at every office" in ran_on_postgres.output
