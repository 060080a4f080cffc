"""The demo's databases: one file each from a migrated template, or one database each on a PostgreSQL."""

import asyncio
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from services.cli.programs import Mendable
from shared.runtime.database.migrate import migrate

STALE_S = 5.0
_OTHERS = (
    r"""SELECT 1 FROM pg_stat_activity WHERE datname LIKE 'zwornik\_demo\_%' AND backend_type = 'client backend'"""
)


def make(folder: Path, postgres: str | None, node_ids: Sequence[str]) -> dict[str, str]:
    """Make a migrated database for each node and return their URLs.

    :raises Mendable: the PostgreSQL cannot be reached, or another demo is connected to its databases there.
    """
    if postgres is None:
        return {node_id: _sqlite(folder, node_id) for node_id in node_ids}
    try:
        return _on_postgres(postgres, node_ids)
    except (
        OSError,
        ValueError,
        OverflowError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        SQLAlchemyError,
    ) as failure:
        raise Mendable(f"the PostgreSQL cannot be used: {type(failure).__name__}: {failure}") from None


def section_of(node_id: str) -> str:
    """Return whose tables a node has: broker, pup or ops."""
    return node_id.partition("-")[0]


def _sqlite(folder: Path, node_id: str) -> str:
    template = folder / f".{section_of(node_id)}.template"
    if not template.exists():
        migrate(section_of(node_id), f"sqlite:///{template}")
    path = folder / f"{node_id}.sqlite3"
    shutil.copyfile(template, path)
    path.chmod(0o600)
    return f"sqlite:///{path}"


def _on_postgres(url: str, node_ids: Sequence[str]) -> dict[str, str]:
    _require_alone(url)
    names = {node_id: f"zwornik_demo_{node_id.replace('-', '_')}" for node_id in node_ids}
    templates = {section: f"zwornik_demo_template_{section}" for section in sorted(map(section_of, node_ids))}
    _run(url, *_anew(templates.values()))
    for section, name in templates.items():
        migrate(section, _named(url, name))
    for node_id, name in names.items():
        template = templates[section_of(node_id)]
        _run(url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {template}")
    _run(url, *(f"DROP DATABASE {name} WITH (FORCE)" for name in templates.values()))
    return {node_id: _named(url, name) for node_id, name in names.items()}


def _require_alone(url: str) -> None:
    """Refuse to drop the databases of a demo that runs; one that was killed a moment ago is waited for."""
    ends = time.monotonic() + STALE_S
    while _run(url, _OTHERS):
        if time.monotonic() > ends:
            raise Mendable("another demo uses this PostgreSQL; stop it first")
        time.sleep(0.1)


def _anew(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        yield f"CREATE DATABASE {name}"


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _run(url: str, *statements: str) -> int:
    """Run statements that no transaction may hold; return how many rows the last one gave."""

    async def run() -> int:
        target = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(target)
        rows = [len(await connection.fetch(statement)) for statement in statements]
        await connection.close()
        return rows[-1] if rows else 0

    return asyncio.run(run())
