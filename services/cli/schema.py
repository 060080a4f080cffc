"""The schema that a service's database has, as it says itself."""

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from services.cli.programs import Mendable, Program
from shared.runtime.database.engine import Database
from shared.runtime.settings import NodeSettings


async def schema_of(settings: NodeSettings) -> str:
    """Return the revision of the database's schema.

    :raises Mendable: it cannot be reached, or was never migrated.
    """
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            found: str | None = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except OSError as failure:
        raise Mendable(f"the database cannot be reached: {failure}") from None
    except SQLAlchemyError as failure:
        raise Mendable(f"the database is not there or was never migrated ({type(failure).__name__})") from None
    finally:
        await database.close()
    return found or "none"


def require_schema(program: Program, settings: NodeSettings) -> None:
    """Refuse to begin on a database that was never migrated.

    :raises Mendable: it was not; the text says what to do.
    """
    try:
        asyncio.run(schema_of(settings))
    except Mendable as failure:
        raise Mendable(f"{failure}; zwornik migrate {program} makes its tables") from None
