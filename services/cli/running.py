"""Serving, working and migrating."""

import asyncio
import signal
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from services.cli.programs import Mendable, Program, compose, settings_of
from services.cli.schema import revision_of, said_of
from shared.runtime.database.migrate import migrate
from shared.runtime.logging import configure_logging
from shared.runtime.server import limits_of
from shared.runtime.server import serve as serve_app
from shared.runtime.settings import database_url

ProgramArgument = Annotated[Program, typer.Argument(help="broker, pup or ops")]


def serve(
    program: ProgramArgument,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    worker: Annotated[bool, typer.Option(help="Run the worker beside the API.")] = True,
) -> None:
    """Serve one service, configured by its environment, until SIGTERM or Ctrl-C."""
    settings = settings_of(program)
    asyncio.run(revision_of(program, settings.database_url))
    changes = {"worker": worker and getattr(settings, "worker", True)}
    settings = settings.model_copy(update=changes)
    configure_logging(settings.log_level)
    running = compose(program, settings)
    serve_app(
        running.app,
        host=host or settings.host,
        port=settings.port if port is None else port,
        on_exit=running.on_exit,
        limits=limits_of(settings),
    )


def work(program: ProgramArgument) -> None:
    """Run the worker of one service without its API, where a node has several replicas."""
    settings = settings_of(program)
    asyncio.run(revision_of(program, settings.database_url))
    configure_logging(settings.log_level)
    running = compose(program, settings.model_copy(update={"worker": True}))

    async def until_told() -> None:
        told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.set)
        async with running.app.router.lifespan_context(running.app):
            await told.wait()
            running.on_exit()

    asyncio.run(until_told())


def migrate_database(
    program: ProgramArgument,
    url: Annotated[str | None, typer.Option(help="The database; from the environment where missing.")] = None,
) -> None:
    """Bring the database of a service to the newest schema."""
    from alembic.util import CommandError  # with it comes all of Alembic, which no service needs

    try:
        migrate(program, database_url(url or settings_of(program).database_url))
    except (OSError, ValueError, SQLAlchemyError, CommandError) as failure:
        raise Mendable(f"the database cannot be migrated: {said_of(failure)}") from None
    print(f"{program}: the database is at the newest schema")
