"""A benchmark's folder and databases: SQLite files; for the broker also a database on a PostgreSQL, dropped after."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks.figures import FOLDER
from services.cli.demo.databases import make, section_of
from shared.domain.institutions import BROKER
from shared.runtime.database.migrate import migrate
from tests import postgres

PUP, OPS = "pup-2478", "ops-2478011"

MakeDatabase = Callable[[str], str]
"""Returns the URL of a program's database: broker, pup or ops."""


def fresh_folder(name: str) -> Path:
    """Return an empty folder; forget variables that would tell the measured services something else."""
    for variable in [one for one in os.environ if one.startswith(("PUP_", "OPS_", "BROKER_"))]:
        del os.environ[variable]
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder.resolve()


def on_sqlite(folder: Path) -> MakeDatabase:
    """Make a file for a broker and two offices."""
    urls = {section_of(node): url for node, url in make(folder, None, (BROKER, PUP, OPS)).items()}
    return urls.__getitem__


@contextmanager
def broker_on_postgresql(folder: Path) -> Iterator[MakeDatabase]:
    """Make the broker's database on a PostgreSQL, the offices' as files; drop it at the end."""
    files = on_sqlite(folder)
    name = f"zwornik_bench_{os.getpid()}"
    with postgres.server() as server:
        postgres.run_sql(server, f"CREATE DATABASE {name}")
        try:
            url = postgres.database_on(server, name)
            migrate(BROKER, url)
            yield lambda section: url if section == BROKER else files(section)
        finally:
            postgres.run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def many_on_sqlite(folder: Path) -> Iterator[MakeDatabase]:
    """Make as many files as are asked for."""
    numbers = count()

    def made(section: str) -> str:
        place = folder / f"sqlite-{next(numbers)}"
        place.mkdir()
        return next(iter(make(place, None, (OPS if section == section_of(OPS) else section,)).values()))

    yield made


@contextmanager
def many_on_postgresql() -> Iterator[MakeDatabase]:
    """Make as many databases on a PostgreSQL as are asked for; drop them at the end."""
    names: list[str] = []
    with postgres.server() as server:

        def made(section: str) -> str:
            name = f"zwornik_bench_{os.getpid()}_{len(names)}"
            postgres.run_sql(server, f"CREATE DATABASE {name}")
            names.append(name)
            url = postgres.database_on(server, name)
            migrate(section, url)
            return url

        try:
            yield made
        finally:
            for name in names:
                postgres.run_sql(server, f"DROP DATABASE {name} WITH (FORCE)")
