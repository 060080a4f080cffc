"""Two runs that many tests look at, each made once: one that ends by itself, and one that is kept running."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.cli.demo.people.institutions import institutions
from tests import postgres
from tests.demo.leaks import Person, Secrets, people_of
from tests.demo.provoking import Answered, keep_a_record, provoke
from tests.demo.running import Demo, client, demo

CENTRE = "ops-2478011"
NAMES = ("broker", *(one.id for one in institutions()))
KILLED = "pup-1611"


@dataclass(frozen=True)
class Ran:
    """A run that has ended, and what was seen of it."""

    status: int
    left: list[int]
    folder: Path
    output: str = field(repr=False)
    people: list[Person] = field(repr=False)

    @property
    def secrets(self) -> Secrets:
        return Secrets.of(self.people)

    def of(self, expected: str) -> list[Person]:
        return [person for person in self.people if person["expected"] == expected]


@dataclass(frozen=True)
class Said:
    """What one service said while it was kept running."""

    openapi: Mapping[str, Any]
    readiness: Mapping[str, Any]
    metrics: str
    with_own_token: int
    with_foreign_token: int
    fastest_s: float


@dataclass(frozen=True)
class Kept(Ran):
    """A run that was kept, what its services said while it ran, and a second demo that was tried beside it."""

    endpoints: Mapping[str, Mapping[str, str]]
    mode: int
    loaded: bool
    at_rest: bool
    second: tuple[int, str]
    answers: list[Answered] = field(repr=False)
    came_back: bool
    said: Mapping[str, Said] = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A demo of 60 people from its beginning to its end."""
    with demo(tmp_path_factory.mktemp("ran"), "--people", "60") as run:
        status = run.wait()
        return Ran(status, run.left(0), run.folder, run.output, people_of(run.folder))


@pytest.fixture(scope="session")
def postgres_for_the_demo(postgres_server: str) -> Iterator[str]:
    """A server on which the demo makes its databases; they are dropped at the end."""
    yield postgres_server
    names = (f"zwornik_demo_{name.replace('-', '_')}" for name in NAMES)
    postgres.run_sql(postgres_server, *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in names))


@pytest.fixture(scope="session")
def ran_on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_for_the_demo: str) -> Ran:
    """A small demo on PostgreSQL from its beginning to its end."""
    with demo(tmp_path_factory.mktemp("postgres"), "--people", "12", "--postgres", postgres_for_the_demo) as run:
        status = run.wait()
        return Ran(status, run.left(0), run.folder, run.output, people_of(run.folder))


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A small demo with ``--keep``: asked, provoked with personal data, and ended by Ctrl-C."""
    with demo(tmp_path_factory.mktemp("kept"), "--people", "12", "--keep") as run:
        run.until((run.folder / "endpoints.json").exists)
        loaded, endpoints, people = (run.folder / "report.json").exists(), run.endpoints, people_of(run.folder)
        seen = {
            "loaded": loaded,
            "endpoints": endpoints,
            "people": people,
            "mode": (run.folder / "endpoints.json").stat().st_mode & 0o777,
            "at_rest": _is_at_rest(endpoints["broker"]),
            "second": _second(run),
            "answers": provoke(endpoints, people),
            "came_back": _comes_back(run, endpoints[KILLED]),
        }
        keep_a_record(endpoints[CENTRE], next(person for person in people if person["ops"] == CENTRE))
        said = {name: _said(name, endpoints) for name in endpoints}
        files = {path.name: path.read_bytes() for path in run.folder.glob("*.sqlite3*")}
        status = run.end()
        ended = {"status": status, "left": run.left(0), "folder": run.folder, "output": run.output}
        return Kept(**seen, **ended, said=said, files=files)


def _is_at_rest(broker: dict[str, str]) -> bool:
    with client(broker) as calls:
        lag = calls.get("/v1/lag").raise_for_status().json()
    waiting = lag["waiting_relays"] or lag["waiting_assessments"]
    return not waiting and not any(stream["lag"] for stream in lag["streams"])


def _second(run: Demo) -> tuple[int, str]:
    with demo(run.cwd, "--people", "12") as another:
        return another.wait(30), another.output


def _comes_back(run: Demo, endpoint: dict[str, str]) -> bool:
    """Kill a service and tell whether another process of it is ready before long."""
    before = run.pid(KILLED)
    run.kill(KILLED)
    with client(endpoint) as calls:
        run.until(lambda: run.pid(KILLED) not in (None, before) and calls.get("/readyz").status_code == 200, 30)
    return True


def _said(name: str, endpoints: Mapping[str, dict[str, str]]) -> Said:
    endpoint = endpoints[name]
    foreign = next(other["token"] for office, other in endpoints.items() if office not in (name, "broker"))
    path = "/v1/lag" if name == "broker" else "/v1/exchange"
    with client(endpoint) as service:
        return Said(
            openapi=service.get(endpoint["openapi"]).raise_for_status().json(),
            readiness=service.get("/readyz").json(),
            metrics=service.get("/metrics").raise_for_status().text,
            with_own_token=service.get(path).status_code,
            with_foreign_token=service.get(path, headers={"Authorization": f"Bearer {foreign}"}).status_code,
            fastest_s=min(_seconds(service) for _ in range(20)),
        )


def _seconds(service: httpx2.Client) -> float:
    began = time.monotonic()
    service.get("/healthz").raise_for_status()
    return time.monotonic() - began
