"""Killing services in the middle of a demo, at moments spread over the time that an undisturbed one takes."""

import time
from collections.abc import Sequence
from itertools import cycle

from tests.demo.running import Demo


def kill_in_the_middle(run: Demo, whom: Sequence[str], *, times: int, seconds: float) -> list[str]:
    """``kill -9`` services in turn, so many times within so many seconds; return who was killed when."""
    killed = []
    run.until(lambda: run.pid("broker"))
    began = time.monotonic()
    for number, name in zip(range(1, times + 1), cycle(whom)):
        moment = seconds * number / (times + 1)
        while time.monotonic() < began + moment and not _is_loaded(run):
            time.sleep(0.005)
        if not _is_loaded(run) and run.kill(name):
            killed.append(f"{name} after {time.monotonic() - began:.2f} s")
    return killed


def _is_loaded(run: Demo) -> bool:
    return (run.folder / "report.json").exists() or run.process.poll() is not None
