"""``zwornik serve`` as a process: it is up, says whether it is ready, and stops at once when it is told to."""

import json
import signal
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from services.cli.programs import Program
from shared.runtime.server import USUAL
from tests.cli.command import process, zwornik
from tests.cli.places import at_broker, broker, member, operator
from tests.cli.serving import Served, served

STOPS_WITHIN_S = 8.0
"""Told at once it takes 0.2 s, 2 s on a busy machine; not told, a poll holds the broker for up to 25 s."""

TOLD = {signal.SIGTERM: (-signal.SIGTERM,), signal.SIGINT: (0, 130)}
"""How a process ends that was told to: by the signal itself, or as a shell says it of Ctrl-C, if it still waits."""


@pytest.mark.parametrize(
    ("program", "office"), [("pup", "pup-2478"), pytest.param("ops", "ops-2478011", marks=pytest.mark.long)]
)
def test_an_office_is_up_without_a_broker_and_says_that_it_has_none(
    tmp_path: Path, program: Program, office: str
) -> None:
    env = member(tmp_path / program, program, office)
    with served(program, env, tmp_path) as running:
        assert running.get("/healthz").json() == {"status": "ok"}
        ready = running.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["directory"] == "none yet"
        assert running.get("/openapi.json").json()["openapi"].startswith("3.")
        status, seconds = running.stop()
    assert (status, seconds < STOPS_WITHIN_S) == (-signal.SIGTERM, True), seconds
    assert "Traceback" not in running.log.read_text()


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_broker_and_office_stop_at_once_while_a_long_poll_is_open(tmp_path: Path, how: signal.Signals) -> None:
    """The office waits at the broker for mail, up to 25 seconds: neither may wait for that when it is told to stop."""
    broker_env = broker(tmp_path / "broker")
    office_env = member(tmp_path / "pup") | at_broker(tmp_path / "broker", broker_env)
    with served("broker", broker_env, tmp_path) as at, served("pup", office_env, tmp_path) as office:
        at.until_ready()
        thumbprint = zwornik("institutions", "register", "pup", env=office_env).out.split()[-1]
        zwornik("institutions", "approve", "pup-2478", thumbprint, env=operator(broker_env))
        office.until_ready()
        until_polled(at)
        if how is signal.SIGTERM:
            first, second = at.stop(how), office.stop(how)
        else:
            first, second = office.stop(how), at.stop(how)
    for status, seconds in (first, second):
        assert (status in TOLD[how], seconds < STOPS_WITHIN_S) == (True, True), (status, seconds)
    assert "Traceback" not in at.log.read_text() + office.log.read_text()


def until_polled(at: Served) -> None:
    """Wait until the office has asked for its mailbox; from then on a poll is open at the broker."""
    for _ in range(400):
        routes = [json.loads(line).get("route") for line in at.log.read_text().splitlines()]
        if "/v1/streams/{owner}/{peer}/head" in routes:
            return
        time.sleep(0.05)
    raise AssertionError(at.log.read_text())


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    env = broker(tmp_path / "broker")
    with socket.create_server(("127.0.0.1", int(env["BROKER_PORT"]))):
        said = process("serve", "broker", env=env)
    assert said.status != 0
    (line,) = said.err.splitlines()
    assert "address already in use" in json.loads(line)["event"]


def test_options_override_host_and_port(tmp_path: Path) -> None:
    env = broker(tmp_path / "broker")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = process("serve", "broker", "--port", port, "--host", "127.0.0.1", env=env)
    assert f"('127.0.0.1', {port})" in said.err


def test_connections_are_bounded_by_what_the_settings_say(tmp_path: Path) -> None:
    limits = {"BROKER_CONNECTIONS_PER_PEER": "4", "BROKER_CONNECTIONS": "16"}
    with served("broker", broker(tmp_path / "broker") | limits, tmp_path) as running, ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(opened(running))
        with opened(running) as fifth:
            answer = fifth.recv(4096)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: " in answer.lower()
    assert "too many connections" in running.log.read_text()


@pytest.mark.long
def test_who_sends_a_head_byte_by_byte_is_cut_by_default(tmp_path: Path) -> None:
    with served("broker", broker(tmp_path / "broker"), tmp_path) as running, opened(running) as slow:
        slow.settimeout(1)
        slow.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        began, answer = time.monotonic(), b""
        while not answer and time.monotonic() - began < 4 * USUAL.head_s:
            slow.sendall(b"G")
            with suppress(TimeoutError):
                answer = slow.recv(4096)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert USUAL.head_s - 1 < time.monotonic() - began < 3 * USUAL.head_s
        assert running.get("/healthz").status_code == 200, "others are served"


def opened(running: Served) -> socket.socket:
    """Open a connection that says nothing yet."""
    return socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])), 10)
