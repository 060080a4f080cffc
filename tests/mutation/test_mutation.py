"""``./dev mutate`` itself, on a small module made up for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation.__main__ import ROOT

MODULE = "def larger(a, b):\n    if a > b:\n        return a\n    return b\n"
EXAMPLES = """
from made_up import larger

def test_of_two_the_larger_is_returned():
    assert (larger(1, 2), larger(2, 1)) == (2, 2)
"""
SAME = "made_up.py,larger,if a > b:,if a >= b:,1,Of equals either will do.\n"


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    """A folder with a module, tests that notice all but one of its changes, and no accepted one."""
    (tmp_path / "made_up.py").write_text(MODULE)
    (tmp_path / "test_made_up.py").write_text(EXAMPLES)
    accept(tmp_path, "")
    return tmp_path


def accept(folder: Path, rows: str) -> None:
    (folder / "accepted.csv").write_text(f"file,place,before,after,nth,reason\n{rows}")


def mutate(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.mutation", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    given = ["--root", str(folder), "--files", "made_up.py", "--tests", "test_made_up.py"]
    return mutate(*given, "--accepted", str(folder / "accepted.csv"), *options)


def test_a_change_that_no_test_notices_is_listed(made_up: Path) -> None:
    ended = run(made_up)
    first, listed, last = ended.stdout.splitlines()
    assert first.startswith("4 mutants, 3 noticed, in ")
    assert listed == "made_up.py:2 in larger: if a > b: -> if a >= b:"
    assert last == "1 not noticed, 0 accepted as the same rule, 0 rows too many."
    assert ended.returncode == 1


def test_a_change_that_is_none_is_accepted_with_its_reason(made_up: Path) -> None:
    accept(made_up, SAME)
    ended = run(made_up)
    assert "if a >= b:\n    Of equals either will do.\n0 not noticed, 1 accepted" in ended.stdout
    assert ended.returncode == 0


@pytest.mark.parametrize("after", ["if a < b:", "if b > a:"])
def test_an_accepted_change_that_is_noticed_or_gone_is_a_row_too_many(made_up: Path, after: str) -> None:
    accept(made_up, f"{SAME}made_up.py,larger,if a > b:,{after},1,No reason.\n")
    ended = run(made_up)
    assert f"if a > b: -> {after} is noticed or gone; take the row out.\n0 not noticed" in ended.stdout
    assert ended.returncode == 1


def test_tests_that_fail_without_any_change_say_nothing(made_up: Path) -> None:
    (made_up / "test_made_up.py").write_text("def test_nothing():\n    assert False\n")
    ended = run(made_up)
    assert ended.stderr == (
        "./dev mutate: The tests must pass before anything is changed; run them to see why they do not.\n"
    )
    assert ended.returncode == 2


def test_tests_that_are_not_there_say_nothing(made_up: Path) -> None:
    (made_up / "test_made_up.py").write_text("")
    assert run(made_up).returncode == 2


def test_a_change_that_never_ends_is_noticed(made_up: Path) -> None:
    (made_up / "made_up.py").write_text(
        "def halvings(n):\n    found = 0\n    while n > 1:\n        n //= 2\n        found += 1\n    return found\n"
    )
    (made_up / "test_made_up.py").write_text(
        "from made_up import halvings\n\ndef test_eight_is_halved_three_times():\n    assert halvings(8) == 3\n"
    )
    ended = run(made_up, "--seconds", "0.1")
    assert ended.stdout.splitlines()[1:] == ["0 not noticed, 0 accepted as the same rule, 0 rows too many."]
    assert ended.returncode == 0


def test_a_change_that_keeps_a_module_from_loading_is_noticed(made_up: Path) -> None:
    (made_up / "made_up.py").write_text("assert 1 < 2\n")
    (made_up / "test_made_up.py").write_text("import made_up\n\ndef test_it_loads():\n    assert made_up\n")
    ended = run(made_up)
    assert "assert 1 < 2 -> assert 1 <= 2\n" in ended.stdout
    assert "assert 1 < 2 -> assert 1 > 2\n" not in ended.stdout


def test_drawn_cases_are_tried_only_if_asked_for(made_up: Path) -> None:
    (made_up / "test_made_up.py").write_text(
        f"{EXAMPLES}\nfrom hypothesis import given, strategies\n\n"
        "@given(strategies.just(5))\ndef test_drawn(number):\n    assert number != 5\n"
    )
    assert (run(made_up).returncode, run(made_up, "--drawn").returncode) == (1, 2)


@pytest.mark.long
def test_every_change_of_the_benefit_rule_is_noticed_or_is_none() -> None:
    ended = mutate()
    assert ended.returncode == 0, ended.stdout + ended.stderr
