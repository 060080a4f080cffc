"""However a demo ends, none of its processes is left, and it says in one line why it could not go on."""

import os
import signal
from pathlib import Path

import pytest

from tests.demo.running import Demo, demo

SMALL = ("--people", "12")


def until_services_run(run: Demo) -> None:
    """Wait until the broker and some offices are up, in the middle of the loading."""
    run.until(lambda: len(run.pids()) >= 6)


@pytest.mark.parametrize(
    "how", [signal.SIGINT, *(pytest.param(how, marks=pytest.mark.long) for how in (signal.SIGTERM, signal.SIGHUP))]
)
def test_a_signal_in_the_middle_ends_it_with_no_process_left(tmp_path: Path, how: signal.Signals) -> None:
    with demo(tmp_path, *SMALL) as run:
        until_services_run(run)
        assert run.end(how) == 130
        assert run.left(0) == []
        assert run.pids() == {}
        assert "stopped before the end" in run.output
        assert "Traceback" not in run.output


@pytest.mark.long
def test_kill_9_of_the_demo_leaves_no_process(tmp_path: Path) -> None:
    with demo(tmp_path, *SMALL) as run:
        until_services_run(run)
        assert run.end(signal.SIGKILL) == -signal.SIGKILL
        assert run.left() == []
        assert run.pids() == {}


@pytest.mark.long
def test_kill_9_of_the_nursery_leaves_no_process_and_is_said_at_once(tmp_path: Path) -> None:
    with demo(tmp_path, *SMALL) as run:
        until_services_run(run)
        os.kill(run.nursery(), signal.SIGKILL)
        assert run.wait(10) == 1
        assert run.left(2) == []
        assert run.output.splitlines()[-1].startswith("zwornik: the demo cannot go on: ")
        assert "Traceback" not in run.output


@pytest.mark.long
def test_kill_9_of_both_at_once_leaves_no_process(tmp_path: Path) -> None:
    with demo(tmp_path, *SMALL) as run:
        until_services_run(run)
        nursery = run.nursery()
        os.kill(run.process.pid, signal.SIGKILL)
        os.kill(nursery, signal.SIGKILL)
        run.wait(10)
        assert run.left() == []


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", "ConnectionRefusedError"),
        pytest.param("postgresql://nobody:hunter2@127.0.0.1:99999/none", "", marks=pytest.mark.long),
        pytest.param("nonsense", "ArgumentError", marks=pytest.mark.long),
    ],
)
def test_a_postgresql_that_is_none_is_said_in_one_line(tmp_path: Path, url: str, cause: str) -> None:
    with demo(tmp_path, *SMALL, "--postgres", url) as run:
        assert run.wait(30) == 1
        assert run.left(0) == []
        building, said = run.output.splitlines()
        assert building.startswith("building the stage")
        assert said.startswith("zwornik: the PostgreSQL cannot be used: ")
        assert cause in said
        assert "hunter2" not in said


@pytest.mark.long
def test_a_service_that_does_not_come_back_ends_it_with_one_line(tmp_path: Path) -> None:
    with demo(tmp_path, *SMALL) as run:
        run.until(lambda: run.pid("broker"))
        run.folder.joinpath("keys", "broker", "signing").rename(tmp_path / "taken-away")
        run.kill("broker")
        assert run.wait(150) == 1
        assert run.left(0) == []
        assert run.output.splitlines()[-1].startswith("zwornik: the demo cannot go on: broker did not answer ")
        assert "Traceback" not in run.output
