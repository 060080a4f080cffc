"""The schema of a service's database: its revision, read without Alembic, and what stands in the way of reading it."""

from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from services.cli.programs import Mendable, Program
from shared.runtime.database.engine import Database


async def revision_of(program: Program, url: str) -> str:
    """Return the revision of a database.

    :raises Mendable: it is not there, cannot be reached, or was never migrated.
    """
    _require_file(program, url)
    database = Database(url)
    try:
        async with database.read() as session:
            revision = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError) as failure:
        said = said_of(failure)
        if "alembic_version" in said:
            said = "it was never migrated"
        raise Mendable(f"the database cannot be used: {said}; zwornik migrate {program} makes or mends it") from None
    finally:
        await database.close()
    if revision is None:
        raise Mendable(f"the database was never migrated; do it with: zwornik migrate {program}")
    return str(revision)


def _require_file(program: Program, url: str) -> None:
    """Refuse a SQLite database that is not there: connecting would make an empty one."""
    target = make_url(url)
    if target.get_backend_name() == "sqlite" and target.database and not Path(target.database).exists():
        raise Mendable(f"the database {target.database} does not exist; make it with: zwornik migrate {program}")


def said_of(failure: Exception) -> str:
    """Return what the driver said, on one line, without SQL and without SQLAlchemy's links."""
    return " ".join(str(getattr(failure, "orig", None) or failure).split())
