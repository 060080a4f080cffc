"""A service that ends by itself is started again and counted: a crash is seen, though nothing was lost by it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.stage import Service


def ended(how: str) -> "subprocess.Popen[bytes]":
    """Return a process that came to an end."""
    process = subprocess.Popen([sys.executable, "-c", f"import os, signal, sys; {how}"])
    process.wait(30)
    return process


@pytest.mark.parametrize(
    ("how", "restarts"),
    [("sys.exit(3)", 1), ("os.abort()", 1), (f"os.kill(os.getpid(), {signal.SIGKILL.value})", 0)],
)
def test_what_ends_by_itself_is_counted_and_what_was_killed_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: str, restarts: int
) -> None:
    started: list[Service] = []

    def start(service: Service) -> None:
        started.append(service)

    monkeypatch.setattr(Service, "start", start)
    service = Service("pup-1611", "pup", tmp_path, {}, process=ended(how))
    service.start_again()
    assert (len(started), service.restarts) == (restarts, restarts)
