"""A process under load holds what it may and no more, and goes on answering."""

import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from shared.runtime.gate import MAX_BODY_BYTES, MAX_HELD_BYTES
from tests.cli.places import broker
from tests.cli.serving import Served, served

pytestmark = pytest.mark.long
FLOOD = 600
ALLOWANCE = 144 * 1024 * 1024
"""What the pieces of bodies and the connections cost besides."""

HEAD = (
    b"POST /v1/institutions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % MAX_BODY_BYTES
)


def memory(process: Served, what: str) -> int:
    """Return bytes that a process has (``VmRSS``), or had at most (``VmHWM``)."""
    lines = Path(f"/proc/{process.process.pid}/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith(f"{what}:")]
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells what a process holds")
def test_bodies_that_never_end_are_held_up_to_a_bound_and_others_are_served(tmp_path: Path) -> None:
    assert FLOOD * MAX_BODY_BYTES > MAX_HELD_BYTES + 2 * ALLOWANCE, "a flood that the bound must stop"
    with served("broker", broker(tmp_path / "broker"), tmp_path) as running, ExitStack() as stack:
        running.until_ready()
        before = memory(running, "VmRSS")
        address = ("127.0.0.1", int(running.url.rpartition(":")[2]))
        opened = [stack.enter_context(socket.create_connection(address, timeout=5)) for _ in range(FLOOD)]
        refused = 0
        for one in opened:
            try:
                one.sendall(HEAD + b" " * (MAX_BODY_BYTES - 1))
            except OSError:  # cut in the middle: there was no room
                refused += 1
        for one in opened:
            one.settimeout(0.01)
            with suppress(OSError):
                refused += one.recv(12) == b"HTTP/1.1 503"
        assert refused > 0
        assert running.get("/healthz").json() == {"status": "ok"}
        assert memory(running, "VmHWM") - before < MAX_HELD_BYTES + ALLOWANCE
        stack.close()
        running.until_ready()
    assert "Traceback" not in running.log.read_text()
