"""Running the tests against each mutant, in processes that share nothing but the code already loaded.

A process forks for each mutant, so that neither pytest nor Hypothesis is loaded again; in the child one module is the
mutant, and the first test that fails ends it. Hypothesis draws the same examples every time and does not shrink them.
"""

import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import Phase, settings

from tests.mutation.changes import Mutant, mutants

SECONDS_PER_TEST = 30
"""CPU time after which a test counts as hanging; the slowest takes a sixth of it."""
_MOST_MEMORY = 2 * 1024**3
_SURVIVED, _NOTICED, _BROKEN_IMPORT = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)


class Unusable(Exception):
    """The survey would say nothing: the tests fail without any change, or do not run."""


@dataclass(frozen=True)
class Target:
    """A file whose mutants are made, relative to the root, and the definitions to keep to; none means all."""

    file: str
    only: tuple[str, ...] = ()

    def mutants(self, root: Path) -> list[Mutant]:
        """Return its mutants."""
        made = mutants((root / self.file).read_text("utf-8"), self.file)
        return [each for each in made if not self.only or each.place in self.only]


class _Swapped(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module the code of a mutant."""

    def __init__(self, root: Path, mutant: Mutant) -> None:
        self.name = mutant.file.removesuffix(".py").replace("/", ".")
        self.path, self.mutant = root / mutant.file, mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.mutant.code, module.__dict__)  # noqa: S102  (running changed code is what this is for)


class _TimeLimit:
    """Ends the process when a single test hangs."""

    def pytest_runtest_setup(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, SECONDS_PER_TEST)


def survey(
    root: Path, made: Sequence[Mutant], tests: Sequence[str], *, jobs: int, tell: Callable[[int], None]
) -> list[Mutant]:
    """Return the mutants that no test notices; ``tell`` hears how many are done.

    :raises Unusable: the tests do not pass as they are.
    """
    if _wait([_start(root, None, tests)])[1] != _SURVIVED:
        raise Unusable("The tests must pass before anything is changed; run them to see why they do not.")
    running: dict[int, Mutant] = {}
    survivors = []
    for done, (mutant, status) in enumerate(_outcomes(root, made, tests, jobs, running), start=1):
        if status == _SURVIVED:
            survivors.append(mutant)
        elif status not in (_NOTICED, _BROKEN_IMPORT) and status >= 0:
            raise Unusable(f"{mutant.file}:{mutant.line}: pytest ended with status {status}.")
        tell(done)
    return sorted(survivors, key=lambda each: (each.file, each.line, each.before, each.after))


def _outcomes(
    root: Path, made: Sequence[Mutant], tests: Sequence[str], jobs: int, running: dict[int, Mutant]
) -> Iterator[tuple[Mutant, int]]:
    waiting = list(reversed(made))
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[_start(root, mutant, tests)] = mutant
        child, status = _wait(list(running))
        yield running.pop(child), status


def _start(root: Path, mutant: Mutant | None, tests: Sequence[str]) -> int:
    """Fork a child that runs the tests, those named as the file first; return its process id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        status = _run(root, mutant, tests)
    finally:
        os._exit(status)


def _run(root: Path, mutant: Mutant | None, tests: Sequence[str]) -> int:
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    signal.setitimer(signal.ITIMER_PROF, SECONDS_PER_TEST)
    if mutant is not None:
        sys.meta_path.insert(0, _Swapped(root, mutant))
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutants", derandomize=True, database=None, phases=phases, report_multiple_bugs=False)
    settings.load_profile("mutants")
    plain = ["-x", "-q", "-c", os.devnull, "--noconftest", f"--rootdir={root}", "--import-mode=importlib"]
    without = [part for name in ("randomly", "xdist", "cacheprovider", "asyncio") for part in ("-p", f"no:{name}")]
    own = f"test_{Path(mutant.file).name}" if mutant else ""
    paths = [str(root / test) for test in sorted(tests, key=lambda test: Path(test).name != own)]
    return int(pytest.main([*plain, *without, "--assert=plain", *paths], plugins=[_TimeLimit()]))


def _wait(children: list[int]) -> tuple[int, int]:
    """Return the first child to end, and its exit status; below zero for one that a signal ended."""
    while True:
        for child in children:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return child, os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
