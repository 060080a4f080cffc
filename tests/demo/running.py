"""A demo as a newcomer runs it: a process of its own in a folder of its own, with all it forks found again."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).resolve().parents[2]
MARK = "ZWORNIK_TEST_DEMO"
ENDS_WITHIN_S = 300.0


class Demo:
    """One run; whatever it forks inherits a mark in its environment, wherever it moves its session to."""

    def __init__(self, cwd: Path, *options: str) -> None:
        self.cwd, self.folder = cwd, cwd / "var" / "demo"
        self.mark = uuid.uuid4().hex
        environment = os.environ | {"PYTHONPATH": str(ROOT), MARK: self.mark, "COLUMNS": "200"}
        self._output = cwd / f"output-{self.mark}.txt"
        with self._output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "demo", *options],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it printed until now, both streams."""
        return self._output.read_text("utf-8")

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_text("utf-8"))
        return report

    @property
    def endpoints(self) -> dict[str, dict[str, str]]:
        endpoints: dict[str, dict[str, str]] = json.loads((self.folder / "endpoints.json").read_text("utf-8"))
        return endpoints

    def pid(self, name: str) -> int | None:
        """The recorded process of a service, or ``None`` while it has none."""
        try:
            return int((self.folder / f"{name}.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def pids(self) -> dict[str, int]:
        """The recorded process of every service that runs."""
        names = (path.stem for path in self.folder.glob("*.pid"))
        return {name: pid for name in names if (pid := self.pid(name)) is not None}

    def processes(self) -> list[int]:
        """Every living process of this run."""
        return sorted(marked(self.mark))

    def nursery(self) -> int:
        """The process that forks the services."""
        (pid,) = (pid for pid in self.processes() if _parent(pid) == self.process.pid)
        return pid

    def kill(self, name: str) -> bool:
        """``kill -9`` a service; tell whether there was one."""
        pid = self.pid(name)
        try:
            os.kill(pid or -1, signal.SIGKILL) if pid else None
        except ProcessLookupError:
            return False
        return pid is not None

    def wait(self, seconds: float = ENDS_WITHIN_S) -> int:
        """Wait until it has ended and return its exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the demo did not end within {seconds:.0f} s:\n{self.output}") from None

    def until(self, done: Callable[[], Any], seconds: float = ENDS_WITHIN_S) -> None:
        """Wait until something is so while the demo runs."""
        ends = time.monotonic() + seconds
        while not done():
            assert self.process.poll() is None, f"the demo ended:\n{self.output}"
            assert time.monotonic() < ends, f"it took longer than {seconds:.0f} s:\n{self.output}"
            time.sleep(0.05)

    def until_loaded(self) -> None:
        """Wait until it says where everything can be reached."""
        self.until((self.folder / "endpoints.json").exists)
        self.until(lambda: "Running until Ctrl-C" in self.output)

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Tell it to end, and wait."""
        self.process.send_signal(how)
        return self.wait(60)

    def left(self, seconds: float = 15) -> list[int]:
        """The processes that are still there after a while."""
        ends = time.monotonic() + seconds
        while self.processes() and time.monotonic() < ends:
            time.sleep(0.05)
        return self.processes()


@contextmanager
def demo(cwd: Path, *options: str) -> Iterator[Demo]:
    """Run a demo; whatever becomes of the test, nothing of it is left running."""
    cwd.mkdir(parents=True, exist_ok=True)
    running = Demo(cwd, *options)
    try:
        yield running
    finally:
        for pid in running.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        running.process.wait(10)


def client(endpoint: dict[str, str]) -> httpx2.Client:
    """A client of one service under the token that the demo wrote down."""
    headers = {"Authorization": f"Bearer {endpoint['token']}"}
    return httpx2.Client(base_url=endpoint["url"], headers=headers, trust_env=False, verify=False, timeout=30)


def marked(mark: str) -> Iterator[int]:
    """The living processes that inherited a mark."""
    wanted = f"{MARK}={mark}".encode()
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = path.read_bytes()
        except OSError:  # it has ended, or is another user's
            continue
        if wanted in environment.split(b"\0"):
            yield int(path.parent.name)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
