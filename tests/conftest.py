"""Databases for tests: a fresh one for each, on SQLite and on a real PostgreSQL."""

import gc
import logging
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from shared.runtime.database.migrate import migrate
from shared.runtime.logging import configure_logging
from tests import postgres
from tests.scheduling import DATABASES, TogetherScheduling, waits_for_the_long_tier

settings.register_profile("long", max_examples=500)
if os.environ.get("ZWORNIK_LONG"):
    settings.load_profile("long")

MakeDatabase = Callable[[str], str]
SECTIONS = ("pup", "ops", "broker")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let stories that do not turn on the database meet one of the two in the short tier, and both in the long one."""
    asked = {item.nodeid: item.callspec.params.get("make_database") for item in items if hasattr(item, "callspec")}
    meets = Counter(nodeid.replace(database, "") for nodeid, database in asked.items() if database)
    for item in items:
        database = asked.get(item.nodeid)
        both = database and meets[item.nodeid.replace(database, "")] == len(DATABASES)
        if both and waits_for_the_long_tier(item.nodeid, database):
            item.add_marker(pytest.mark.long)


def pytest_collection_finish() -> None:
    """Let the collector pass over what outlives all tests, and come by more seldom: it was an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    """Keep tests that share something costly on one worker."""
    return TogetherScheduling(config, log)


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One migrated database file a section; tests get copies."""
    folder = tmp_path_factory.mktemp("templates")
    templates = {section: folder / f"{section}.sqlite3" for section in SECTIONS}
    for section, path in templates.items():
        migrate(section, f"sqlite:///{path}")
    return templates


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: str) -> Iterator[dict[str, str]]:
    """One migrated template database a section and test process."""
    run = uuid.uuid4().hex[:10]
    templates = {section: f"zwornik_test_{run}_{section}" for section in SECTIONS}
    for section, name in templates.items():
        postgres.run_sql(postgres_server, f"CREATE DATABASE {name}")
        migrate(section, postgres.database_on(postgres_server, name))
    yield templates
    postgres.run_sql(postgres_server, *(f"DROP DATABASE {name} WITH (FORCE)" for name in templates.values()))


@pytest.fixture
def sqlite_database(sqlite_templates: dict[str, Path], tmp_path: Path) -> MakeDatabase:
    def make(section: str) -> str:
        path = tmp_path / f"{section}-{uuid.uuid4().hex[:8]}.sqlite3"
        shutil.copy(sqlite_templates[section], path)
        return f"sqlite:///{path}"

    return make


class PostgresPool:
    """Migrated databases of one test process; a used one is emptied and used again, which is faster than a new one."""

    def __init__(self, server: str, templates: dict[str, str]) -> None:
        self.server, self.templates = server, templates
        self.free: dict[str, list[str]] = {section: [] for section in SECTIONS}
        self.made: list[str] = []

    def take(self, section: str) -> str:
        if self.free[section]:
            return self.free[section].pop()
        name = f"zwornik_test_{uuid.uuid4().hex[:16]}"
        postgres.run_sql(self.server, f"CREATE DATABASE {name} TEMPLATE {self.templates[section]}")
        self.made.append(name)
        return name

    def give_back(self, section: str, name: str) -> None:
        postgres.run_sql(postgres.database_on(self.server, name), _EMPTY)
        self.free[section].append(name)


# Deletes: a TRUNCATE makes a new file for each table and index, which takes thirty times as long for a few rows.
_EMPTY = """DO $$ DECLARE one record; BEGIN
PERFORM set_config('session_replication_role', 'replica', true);
FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
EXECUTE format('DELETE FROM %I', one.tablename);
END LOOP;
FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
EXECUTE format('ALTER SEQUENCE %I RESTART', one.sequencename);
END LOOP; END $$"""


@pytest.fixture(scope="session")
def postgres_pool(postgres_server: str, postgres_templates: dict[str, str]) -> Iterator[PostgresPool]:
    pool = PostgresPool(postgres_server, postgres_templates)
    yield pool
    if pool.made:
        postgres.run_sql(postgres_server, *(f"DROP DATABASE {name} WITH (FORCE)" for name in pool.made))


@pytest.fixture
def postgres_database(postgres_pool: PostgresPool) -> Iterator[MakeDatabase]:
    taken: list[tuple[str, str]] = []

    def make(section: str) -> str:
        name = postgres_pool.take(section)
        taken.append((section, name))
        return postgres.database_on(postgres_pool.server, name)

    yield make
    for section, name in taken:
        postgres_pool.give_back(section, name)


@pytest.fixture(params=DATABASES)
def make_database(request: pytest.FixtureRequest) -> MakeDatabase:
    """A fresh, migrated database of a section; every test that asks for one runs on both."""
    fixture = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    made: MakeDatabase = request.getfixturevalue(fixture)
    return made


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Leave logging to the next test as this one found it: commands and simulated federations set it for a process."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**before)


@pytest.fixture
def logs() -> Iterator[StringIO]:
    """What the process logs, as text."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = StringIO()
    configure_logging("INFO", stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()
