"""The whole pilot on both databases, and what ``kill -9`` in the middle may not change."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests import postgres
from tests.demo.conftest import NAMES
from tests.demo.killing import kill_in_the_middle
from tests.demo.leaks import Cells, Secrets, people_of
from tests.demo.outcome import figures, histories
from tests.demo.running import Demo, demo

pytestmark = pytest.mark.long

PUPS = tuple(name for name in NAMES if name.startswith("pup"))
CENTRES = tuple(name for name in NAMES if name.startswith("ops"))
SEED = 7
"""Another one than every other test has."""


@dataclass(frozen=True)
class Outcome:
    """What must not depend on who was killed when, nor on the database."""

    figures: Mapping[str, Any]
    histories: Mapping[str, Any]
    seconds: float


def outcome_of(run: Demo) -> Outcome:
    run.until((run.folder / "endpoints.json").exists)
    return Outcome(figures(run.report), histories(run), run.report["seconds"])


def undisturbed(cwd: Path, *options: str) -> Outcome:
    with demo(cwd, "--keep", "--seed", str(SEED), *options) as run:
        outcome = outcome_of(run)
        assert run.end() == 0
        assert run.left(0) == []
    return outcome


def disturbed(cwd: Path, whom: Sequence[str], calm: Outcome, times: int, *options: str) -> tuple[Outcome, list[str]]:
    with demo(cwd, "--keep", "--seed", str(SEED), *options) as run:
        killed = kill_in_the_middle(run, whom, times=times, seconds=calm.seconds)
        outcome = outcome_of(run)
        assert run.end() == 0
        assert run.left(0) == []
    return outcome, killed


def assert_same(found: Outcome, calm: Outcome, killed: Sequence[str] = ()) -> None:
    assert found.figures == calm.figures, killed
    assert found.histories.keys() == calm.histories.keys(), killed
    differing = [whose for whose, history in calm.histories.items() if found.histories[whose] != history]
    assert differing == [], killed


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return undisturbed(tmp_path_factory.mktemp("small"), "--people", "120")


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return undisturbed(tmp_path_factory.mktemp("whole"), "--people", "900")


def test_the_whole_pilot_is_found_and_decided(whole: Outcome) -> None:
    assert whole.figures["people"] == {"total": 904, "recipients": 150, "comparison": 150, "one_office": 600}
    assert whole.figures["joint_clients"] == {"found": 301, "expected": 301, "false": 0}
    assert whole.figures["suspected"] == 2
    assert (whole.figures["events"]["lost"], whole.figures["events"]["dead_letters"]) == (0, 0)
    assert whole.figures["checkpoints_equal"]
    assert (whole.figures["assessments"]["made"], whole.figures["assessments"]["decided"]) == (150, 150)
    assert len(whole.histories) == 603  # 301 at two offices, one of them at a third


def test_the_whole_pilot_is_the_same_on_postgresql(tmp_path: Path, postgres_for_the_demo: str, whole: Outcome) -> None:
    assert_same(undisturbed(tmp_path, "--people", "900", "--postgres", postgres_for_the_demo), whole)
    secrets = Secrets.of(people_of(tmp_path / "var" / "demo"))
    for name in NAMES:
        assert secrets.in_cells(postgres_cells(postgres_for_the_demo, name)) == {}, name


@pytest.mark.parametrize("whom", [("broker",), PUPS, CENTRES], ids=["broker", "labour offices", "welfare centres"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kill_9_in_the_middle_changes_nothing(
    tmp_path: Path, request: pytest.FixtureRequest, database: str, whom: Sequence[str], small: Outcome
) -> None:
    server = ("--postgres", request.getfixturevalue("postgres_for_the_demo")) if database == "postgresql" else ()
    found, killed = disturbed(tmp_path, whom, small, 6, "--people", "120", *server)
    assert len(killed) >= 4
    assert_same(found, small, killed)


def test_kill_9_of_everyone_in_turn_changes_nothing_in_the_whole_pilot(tmp_path: Path, whole: Outcome) -> None:
    found, killed = disturbed(tmp_path, ("broker", *PUPS, *CENTRES), whole, 13, "--people", "900")
    assert len(killed) >= 8
    assert_same(found, whole, killed)


def test_a_second_demo_on_the_same_postgresql_is_refused(tmp_path: Path, postgres_for_the_demo: str) -> None:
    server = ("--people", "12", "--postgres", postgres_for_the_demo)
    with demo(tmp_path / "first", *server) as first:
        first.until(lambda: len(first.pids()) >= 6)
        with demo(tmp_path / "second", *server) as second:
            assert second.wait(60) == 1
            assert second.output.splitlines()[-1] == "zwornik: another demo uses this PostgreSQL; stop it first"
        assert first.wait() == 0, first.output


def postgres_cells(server: str, name: str) -> Cells:
    """Every row of every table of a service's database."""

    async def read() -> list[tuple[str, Sequence[Any]]]:
        url = postgres.database_on(server, f"zwornik_demo_{name.replace('-', '_')}")
        connection = await asyncpg.connect(url)
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows: list[tuple[str, Sequence[Any]]] = []
        for (table,) in tables:
            some = await connection.fetch(f'SELECT * FROM "{table}"')  # noqa: S608  # names of our own tables
            rows += [(table, tuple(row.values())) for row in some]
        await connection.close()
        return rows

    cells = asyncio.run(read())
    assert len({table for table, _ in cells}) > 5
    return iter(cells)
