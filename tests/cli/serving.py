"""Services as processes of their own, started by ``zwornik serve`` as an operator would."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from services.cli.programs import Program
from tests.cli.command import ROOT, bare

UP_WITHIN_S = 40.0


@dataclass
class Served:
    """One running service."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(self.url + path, trust_env=False, timeout=10)

    def until_ready(self, *, seconds: float = UP_WITHIN_S) -> None:
        ends = time.monotonic() + seconds
        while (answer := self.get("/readyz")).status_code != 200:
            assert time.monotonic() < ends, answer.text + self.log.read_text()
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Tell it to stop; return its exit status and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(how)
        return self.process.wait(60), time.monotonic() - began


@contextmanager
def served(program: Program, env: Mapping[str, str], folder: Path) -> Iterator[Served]:
    """Serve until the block ends."""
    log = folder / f"{program}.log"
    port = int(env[f"{program.upper()}_PORT"])
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "serve", program],
            env=bare(env),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Served(f"http://127.0.0.1:{port}", process, log)
    try:
        _until_up(running)
        yield running
    finally:
        process.kill()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as some:
        some.bind(("127.0.0.1", 0))
        port: int = some.getsockname()[1]
        return port


def _until_up(running: Served) -> None:
    ends = time.monotonic() + UP_WITHIN_S
    while True:
        assert running.process.poll() is None, running.log.read_text()
        try:
            running.get("/healthz").raise_for_status()
        except httpx2.TransportError:
            assert time.monotonic() < ends, running.log.read_text()
            time.sleep(0.05)
        else:
            return
