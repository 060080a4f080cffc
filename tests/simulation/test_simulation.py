"""Whatever befalls the federation, nothing acknowledged is lost, doubled or out of order; a seed is one run."""

import copy
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.simulation import checks
from tests.simulation.run import Outcome, ground, simulate
from tests.simulation.seeds import FOUND
from tests.simulation.world import FAULTS, WRITES, Ground, World

ROOT = Path(__file__).parents[2]
SHORT, LONG = 24, 1000
GROUPS = 4
"""The short tier's seeds run as so many tests, so that they spread over its workers."""


@pytest.fixture(scope="module")
def laid() -> Iterator[Ground]:
    with ground() as made:
        yield made


def require_good(outcome: Outcome) -> None:
    assert not outcome.wrong, (f"./dev simulate --seeds 1 --from {outcome.seed} --trace", outcome.wrong)
    assert outcome.acknowledged >= WRITES
    assert sum(outcome.faults.values()) >= FAULTS


@pytest.mark.parametrize("group", range(GROUPS))
def test_nothing_acknowledged_is_lost_doubled_or_out_of_order(laid: Ground, group: int) -> None:
    for seed in range(group, SHORT, GROUPS):
        require_good(simulate(seed, laid))


@pytest.mark.parametrize("test", FOUND)
def test_what_a_run_once_found_is_held_by_a_narrow_test(test: str) -> None:
    file, name = test.split("::")
    assert f"def {name}(" in (ROOT / file).read_text()


@pytest.mark.long
@pytest.mark.parametrize("first", range(SHORT, LONG, 61))
def test_a_thousand_seeds_find_nothing(laid: Ground, first: int) -> None:
    for seed in range(first, min(first + 61, LONG)):
        require_good(simulate(seed, laid))


def test_the_same_seed_is_the_same_run_byte_for_byte(laid: Ground) -> None:
    runs = [simulate(7, laid) for _ in range(2)]
    assert runs[0].lines == runs[1].lines
    assert runs[0].trace_hash == runs[1].trace_hash
    assert simulate(8, laid).trace_hash != runs[0].trace_hash


@pytest.mark.long
def test_another_process_with_other_hashes_runs_a_seed_alike(laid: Ground) -> None:
    ours = simulate(3, laid).trace_hash
    command = [sys.executable, "-m", "tests.simulation", "--seeds", "1", "--from", "3", "--trace"]
    for hashes in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": str(ROOT)}
        said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
        assert f"trace {ours}" in said.stdout


def _forget_an_event(world: World) -> None:
    """Take the forms of another away from an office, as lost writes would."""
    sql = "DELETE FROM shared_record WHERE iss <> 'pup-1611' AND record = 'support_form' AND NOT dropped"
    checks.change(world.offices[0].file, sql)


def _move_a_head(world: World) -> None:
    checks.change(world.offices[0].file, "UPDATE stream SET position = position + 1 WHERE owner = 'pup-1611'")


def _deliver_twice(world: World) -> None:
    sql = "UPDATE set_bytes SET jti = (SELECT max(jti) FROM set_bytes WHERE iss = 'pup-1611') WHERE iss = 'pup-1611'"
    checks.change(world.offices[1].file, sql)


def _deliver_out_of_order(world: World) -> None:
    for office in world.offices:
        checks.change(office.file, "UPDATE set_bytes SET n = 100 - n WHERE iss <> 'broker'")


def _say_that_it_was_erased(world: World) -> None:
    """Let an office have acknowledged an erasure that nobody followed."""
    next(form for form in world.callers["pup-1611"].forms.values() if form.code).erased_at = 1.0


def _say_that_it_was_answered(world: World) -> None:
    """Let an office have acknowledged an answer to a referral that neither end knows."""
    made, answered = (next(iter(world.callers[office].forms.values())) for office in ("pup-1611", "ops-1611012"))
    answered.answers, answered.lost, made.lost, answered.person = made.id, False, False, made.person


def _say_that_nobody_confirmed(world: World) -> None:
    """Let the officials never have said who the person is whom two offices have since told each other about."""
    world.officials.forgetful = "ops-1611012"


HARMS = (
    _forget_an_event,
    _move_a_head,
    _deliver_twice,
    _deliver_out_of_order,
    _say_that_it_was_erased,
    _say_that_it_was_answered,
    _say_that_nobody_confirmed,
)


def test_the_checks_see_each_harm_that_is_done_on_purpose(laid: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each on the world as one run left it, which is put back in between."""
    before, seen = checks.wrongs, {}

    async def harmed(world: World) -> list[str]:
        for harm in HARMS:
            kept = _kept(world)
            harm(world)
            seen[harm.__name__] = await before(world)
            _put_back(world, *kept)
        return await before(world)

    monkeypatch.setattr("tests.simulation.run.wrongs", harmed)
    assert not simulate(1, laid).wrong
    assert len(seen) == len(HARMS)
    assert all(seen.values()), seen


def _kept(world: World) -> tuple[dict[str, Any], str | None]:
    """Keep the files beside themselves, and return the forms and what officials did, as they are now."""
    for machine in world.machines.values():
        _copy(machine.file, machine.file.with_suffix(".kept"))
    return {office: copy.deepcopy(caller.forms) for office, caller in world.callers.items()}, world.officials.forgetful


def _put_back(world: World, forms: dict[str, Any], forgetful: str | None) -> None:
    for machine in world.machines.values():
        _copy(machine.file.with_suffix(".kept"), machine.file)
    for office, caller in world.callers.items():
        caller.forms = forms[office]
    world.officials.forgetful = forgetful


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
