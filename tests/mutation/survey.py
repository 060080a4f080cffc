"""Running the tests against each mutant, in processes that share nothing but the code already loaded.

A process forks for each mutant, so that neither pytest nor Hypothesis is loaded again; in the child one module is the
mutant, and the first test that fails ends it. The tests run unchanged first: those that were quickest then come first,
and a test that takes many times as long as it did hangs.
"""

import gc
import importlib.abc
import importlib.util
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from itertools import islice
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import Phase, settings

from tests.mutation.changes import Mutant, mutants

Told = SimpleQueue[dict[str, float]]
_FORK = multiprocessing.get_context("fork")
_RAN = 100
"""What is added to the exit status of pytest, so that a child that broke before it ends with another."""
_SURVIVED = _RAN + pytest.ExitCode.OK
_NOTICED = (_RAN + pytest.ExitCode.TESTS_FAILED, _RAN + pytest.ExitCode.INTERRUPTED, -signal.SIGPROF)
"""A test failed, a module could not be imported, or the time limit was reached."""
_TIMES, _SECONDS_UNCHANGED = 5, 120
_MOST_MEMORY = 2 * 1024**3
"""What the tests may use: five times the seconds they use unchanged, these for all that; bytes."""
_FINDING = ""
"""Stands for finding the tests, where a test's id is asked for."""


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
        return [each for each in made if not self.only or each.key.place in self.only]


@dataclass
class Trial:
    """The tests of a root, and how long each takes unchanged: seconds of CPU by its id, ``""`` for finding them all.

    With a change in the code a test may take five times as long, and ``seconds`` more. Cases that Hypothesis draws are
    left out unless ``drawn`` is set: an example notices sooner, and does so whatever is drawn.
    """

    root: Path
    tests: Sequence[str]
    seconds: float
    drawn: bool = False
    unchanged: dict[str, float] = field(default_factory=dict)

    def limit(self, test: str) -> float:
        """Return how long a test may take, in seconds of CPU."""
        return self.seconds + _TIMES * self.unchanged[test] if test in self.unchanged else _SECONDS_UNCHANGED

    def start(self, mutant: Mutant | None, told: Told | None = None) -> ForkProcess:
        """Start a process that runs the tests."""
        process = _FORK.Process(target=self._run, args=(mutant, told))
        process.start()
        return process

    def _run(self, mutant: Mutant | None, told: Told | None) -> None:
        """Run the tests and end with their status; ``told`` hears what each took."""
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        sys.path.insert(0, str(self.root))
        if mutant is not None:
            sys.meta_path.insert(0, _Swapped(self.root, mutant))
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", derandomize=True, database=None, phases=phases, report_multiple_bugs=False)
        settings.load_profile("mutants")
        os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
        plain = ["-c", os.devnull, "--noconftest", f"--rootdir={self.root}", "--import-mode=importlib"]
        quick = ["-x", "-q", "--assert=plain", "--tb=no", "-p", "no:cacheprovider"]
        watch = _Watch(self)
        status = pytest.main([*plain, *quick, *(str(self.root / test) for test in self.tests)], plugins=[watch])
        if told is not None:
            told.put(watch.taken)
        sys.exit(_RAN + status)


class _Watch:
    """A plugin of pytest that puts quick tests first, ends the process when one hangs, and notes what each takes."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.taken: dict[str, float] = {}
        signal.setitimer(signal.ITIMER_PROF, trial.limit(_FINDING))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.taken[_FINDING] = time.process_time()
        examples = [item for item in items if self._trial.drawn or not _is_drawn(item)]
        items[:] = sorted(examples, key=lambda item: self._trial.unchanged.get(item.nodeid, 0))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, self._trial.limit(item.nodeid))
        began = time.process_time()
        found = yield
        self.taken[item.nodeid] = time.process_time() - began
        return found


class _Swapped(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module the code of a mutant."""

    def __init__(self, root: Path, mutant: Mutant) -> None:
        self.name = mutant.key.file.removesuffix(".py").replace("/", ".")
        self.path, self.mutant = root / mutant.key.file, mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.mutant.code, module.__dict__)  # noqa: S102  (running changed code is what this is for)


def _is_drawn(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and getattr(item.obj, "is_hypothesis_test", False)


def survey(trial: Trial, made: Sequence[Mutant], *, jobs: int, tell: Callable[[int], None]) -> list[Mutant]:
    """Return the mutants that no test notices, in their order; ``tell`` hears how many are done.

    :raises Unusable: the tests do not pass as they are.
    """
    gc.freeze()  # what stands here already need not be looked through in each child
    trial.unchanged.update(_unchanged(trial))
    survivors = set()
    for done, (mutant, status) in enumerate(_outcomes(trial, made, jobs), start=1):
        if status == _SURVIVED:
            survivors.add(mutant.key)
        elif status not in _NOTICED:
            raise Unusable(f"{mutant.key.file}:{mutant.line}: the tests ended with status {status}.")
        tell(done)
    return [each for each in made if each.key in survivors]


def _unchanged(trial: Trial) -> dict[str, float]:
    """Return what the tests take, in seconds of CPU by their ids."""
    told: Told = _FORK.SimpleQueue()
    process = trial.start(None, told)
    process.join()
    if process.exitcode != _SURVIVED:
        raise Unusable("The tests must pass before anything is changed; run them to see why they do not.")
    return told.get()


def _outcomes(trial: Trial, made: Sequence[Mutant], jobs: int) -> Iterator[tuple[Mutant, int | None]]:
    """Yield each mutant with the exit status of its tests, in the order they end."""
    waiting = iter(made)
    running = [(trial.start(mutant), mutant) for mutant in islice(waiting, jobs)]
    while running:
        wait([process.sentinel for process, _ in running])
        ended = [each for each in running if each[0].exitcode is not None]
        running = [each for each in running if each not in ended]
        running += [(trial.start(mutant), mutant) for mutant in islice(waiting, len(ended))]
        yield from ((mutant, process.exitcode) for process, mutant in ended)
