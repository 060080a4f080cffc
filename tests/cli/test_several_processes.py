"""A broker of several processes on one PostgreSQL: API and worker apart, and a restart of each while an office pushes.

The members are processes too, and every push goes through a front that sends a connection to whichever broker is up,
as a load balancer does.
"""

import asyncio
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx2
import pytest

from services.cli.programs import Program
from tests import postgres
from tests.builders import check_digit, new_client
from tests.cli.command import ROOT, bare, zwornik
from tests.cli.places import at_broker, broker, member, operator
from tests.cli.serving import Served, free_port, served

pytestmark = pytest.mark.long
CLIENTS = 60


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    name = f"zwornik_test_{uuid.uuid4().hex[:16]}"
    postgres.run_sql(postgres_server, f"CREATE DATABASE {name}")
    yield postgres.database_on(postgres_server, name)
    postgres.run_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def broker_env(tmp_path: Path, database: str) -> dict[str, str]:
    env = broker(tmp_path / "broker") | {"BROKER_DATABASE_URL": database, "BROKER_WORKER": "false"}
    assert zwornik("migrate", "broker", env=env).status == 0
    return env


@contextmanager
def working(program: Program, env: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker without a port until the block ends."""
    with (folder / f"{program}-work-{uuid.uuid4().hex[:4]}.log").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "work", program],
            env=bare(env),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def front(port: int, behind: list[int]) -> Iterator[None]:
    """Take connections on a port and join each to one of those behind that is up, in turn."""
    ready, loop = Event(), asyncio.new_event_loop()
    turn = 0

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        for _ in range(len(behind)):
            turn += 1
            try:
                other = await asyncio.open_connection("127.0.0.1", behind[turn % len(behind)])
            except OSError:
                continue
            await asyncio.gather(pipe(reader, other[1]), pipe(other[0], writer))
            return
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(join, "127.0.0.1", port)
        ready.set()
        async with server:
            await server.serve_forever()

    task = loop.create_task(serve())

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            for left in asyncio.all_tasks(loop):
                left.cancel()
            loop.run_until_complete(asyncio.sleep(0))

    thread = Thread(target=run)
    thread.start()
    assert ready.wait(10)
    yield
    loop.call_soon_threadsafe(task.cancel)
    thread.join(10)
    loop.close()


def until(check: httpx2.Client, path: str, holds: Callable[[httpx2.Response], bool], *, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not holds(answer := check.get(path)):
        assert time.monotonic() < ends, answer.text
        time.sleep(0.1)


def test_an_api_without_a_worker_knows_how_the_lanes_of_the_worker_fare(
    tmp_path: Path, broker_env: dict[str, str]
) -> None:
    with served("broker", broker_env, tmp_path) as api, httpx2.Client(base_url=api.url, trust_env=False) as client:
        until(client, "/readyz", lambda answer: answer.json()["checks"].get("relay") == "no-worker")
        assert client.get("/readyz").status_code == 503
        with working("broker", broker_env, tmp_path) as worker:
            until(client, "/readyz", lambda answer: answer.status_code == 200)
            assert client.get("/readyz").json()["checks"] | {"database": "ok"} == {
                "database": "ok",
                "directory": "ok",
                "relay": "ok",
                "assess": "ok",
            }
            assert 'zwornik_lane_up{lane="relay"} 1.0' in client.get("/metrics").text
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) is not None


def test_brokers_restart_one_after_another_and_no_push_is_lost(tmp_path: Path, broker_env: dict[str, str]) -> None:
    ports = [free_port(), free_port()]
    envs = [broker_env | {"BROKER_PORT": str(port)} for port in ports]
    folders = [tmp_path / f"replica-{number}" for number in (1, 2)]
    for folder in folders:
        folder.mkdir()
    with ExitStack() as stack:
        replicas: list[Served] = []
        stops: list[ExitStack] = []
        for env, folder in zip(envs, folders, strict=True):
            own = stack.enter_context(ExitStack())
            replicas.append(own.enter_context(served("broker", env, folder)))
            stops.append(own)
        workers = [stack.enter_context(working("broker", broker_env, tmp_path)) for _ in range(2)]
        stack.enter_context(front(int(broker_env["BROKER_PORT"]), ports))
        office_env = member(tmp_path / "pup") | at_broker(tmp_path / "broker", broker_env)
        thumbprint = zwornik("institutions", "register", "pup", env=office_env).out.split()[-1]
        assert zwornik("institutions", "approve", "pup-2478", thumbprint, env=operator(broker_env)).status == 0
        office = stack.enter_context(served("pup", office_env, tmp_path))
        office.until_ready()
        token = zwornik("token", "pup", "--subject", "tester", "--all-scopes", env=office_env).out.strip()
        headers = {"Authorization": f"Bearer {token}"}
        client = stack.enter_context(httpx2.Client(base_url=office.url, headers=headers, trust_env=False))
        for number in range(CLIENTS):
            answer = client.post("/v1/clients", json=somebody(number))
            assert answer.status_code == 201, answer.text
            if number in (CLIENTS // 3, 2 * CLIENTS // 3):
                at = number // (CLIENTS // 3) - 1
                status, _ = replicas[at].stop()
                assert status == -signal.SIGTERM
                stops[at].close()
                workers[at].send_signal(signal.SIGTERM)
                replicas[at] = stack.enter_context(served("broker", envs[at], folders[at]))
                stack.enter_context(working("broker", broker_env, tmp_path))
        until(client, "/v1/exchange", lambda answer: answer.json()["lag"] == 0)
        exchange = client.get("/v1/exchange").json()
        assert (exchange["position"], exchange["dead_letters"]) == (CLIENTS, 0)
        assert exchange["lanes"]["push"]["problem"] is None
        asking = operator(broker_env)
        told = httpx2.Client(
            base_url=replicas[0].url, headers={"Authorization": f"Bearer {asking['ZWORNIK_TOKEN']}"}, trust_env=False
        )
        with told:
            until(told, "/v1/lag", lambda answer: answer.json()["waiting_relays"] == 0)
            assert told.get("/v1/overview").json()["enrolments"] == CLIENTS
        log = office.log.read_text()
        assert "lane stands" not in log
        assert "Traceback" not in log + "".join(replica.log.read_text() for replica in replicas)


def somebody(number: int) -> dict[str, object]:
    """Return a client born in 1980: no synthetic people live in a process of the product."""
    digits = f"8001{1 + number % 28:02d}{number:04d}"
    return new_client(number, pesel=digits + check_digit(digits))
