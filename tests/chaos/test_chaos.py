"""Twenty faults do real processes no harm that lasts; and a comparison sees harm that does."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos import comparing
from tests.chaos.run import Report, run

pytestmark = pytest.mark.long


def harm(report: Report) -> tuple[int, int, int, int]:
    return report.lost, report.duplicated, report.out_of_order, report.forged_accepted


def test_twenty_faults_lose_double_and_forge_nothing() -> None:
    report = run(11, faults=20, minutes=None)
    assert sum(report.faults.values()) == 20
    assert report.acknowledged == report.writes > 100
    assert (harm(report), report.said) == ((0, 0, 0, 0), [])
    assert report.is_good


def test_what_is_taken_away_behind_the_services_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = comparing.differences

    async def after_harm(stage: comparing.Stage) -> list[str]:
        with closing(sqlite3.connect(stage.file("ops-1611012"))) as connection, connection:
            connection.execute("DELETE FROM shared_record")
            connection.execute("DELETE FROM support_form")
        return await before(stage)

    monkeypatch.setattr("tests.chaos.comparing.differences", after_harm)
    report = run(12, faults=1, minutes=None)
    assert report.lost > 0
    assert not report.is_good
    report.save(tmp_path / "report.json")
    assert '"forged_accepted": 0' in (tmp_path / "report.json").read_text()
