"""Keys for personal data at rest: made, added, used, and taken out when no row needs them any more."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from migrations.owners import owner_of
from services.cli.programs import Mendable, Office, office_settings_of
from services.cli.schema import revision_of, said_of
from shared.runtime.clock import SystemClock
from shared.runtime.database.encryption import UnreadablePersonalData, generate_pii_keys, load_pii_keys
from shared.runtime.database.engine import Database
from shared.runtime.database.key_file import add_pii_key, remove_pii_key, require_other, use_pii_key
from shared.runtime.database.rotation import Sealed, left_under, rotate, sealed_tables, to_do
from shared.runtime.settings import MemberSettings

app = typer.Typer(help="Keys for personal data at rest.", no_args_is_help=True)

PAUSE_S = 0.01
"""Between two batches, so that the services' own writes come in between."""

File = Annotated[Path, typer.Argument(help="The file, of mode 0600.")]
Key = Annotated[str, typer.Argument(help="The id of a key, such as k2.")]


@app.command("generate")
def generate(file: File) -> None:
    """Make the keys that encrypt personal data at rest; without them the database cannot be read."""
    if file.exists():
        raise Mendable(f"{file} exists; a key is never overwritten")
    generate_pii_keys(file)
    print(f"{file}\nKeep a copy in a safe place: without it the personal data in the database are lost.")


@app.command("add")
def add(file: File) -> None:
    """Add a new key, which seals nothing yet; a running service takes it over with its next transaction."""
    key_id = add_pii_key(file)
    print(
        f"{key_id}\nBring {file} to all machines that read it, keep a copy, then: zwornik pii-keys use {file} {key_id}"
    )


@app.command("use")
def use(file: File, key: Key) -> None:
    """Seal all new values with a key; a running service does so from its next transaction on."""
    use_pii_key(file, key)
    print(f"new values are sealed with {key}; those there are: zwornik pii-keys rotate pup, or ops")


@app.command("rotate")
def rotate_rows(office: Office) -> None:
    """Seal all rows anew that are not under the current key, while the service runs. Cut short, it goes on."""
    _, current = asyncio.run(_with_rows(office, None))
    print(f"every value is sealed with {current}")


@app.command("remove")
def remove(office: Office, key: Key) -> None:
    """Take a key out of the office's file, after looking through every table for what it still seals."""
    settings, _ = asyncio.run(_with_rows(office, key))
    remove_pii_key(settings.pii_keys_file, key)
    print(f"no value is sealed with {key}; it is taken out of {settings.pii_keys_file}. Backups of before need it.")


async def _with_rows(office: Office, key: str | None) -> tuple[MemberSettings, str]:
    """Seal rows anew, or look for what a key seals.

    :raises Mendable: the database cannot be used, a value does not open, or the key is still needed.
    """
    settings = office_settings_of(office)
    await revision_of(office, settings.database_url)
    keys = load_pii_keys(settings.pii_keys_file)
    db = Database(settings.database_url, pii_keys=keys, synchronous=settings.sqlite_synchronous)
    try:
        if key is None:
            await _rotate(db, sealed_of(office))
        else:
            require_other(settings.pii_keys_file, key)
            await _require_unused(db, sealed_of(office), key)
    except UnreadablePersonalData as failure:
        raise Mendable(str(failure)) from None
    except (SQLAlchemyError, OSError) as failure:
        raise Mendable(f"the database cannot be used: {said_of(failure)}; the same command goes on") from None
    finally:
        await db.close()
    return settings, keys.current


async def _rotate(db: Database, tables: Sequence[Sealed]) -> None:
    clock = SystemClock()
    with _bar() as bar:
        task = bar.add_task("sealing anew", total=await to_do(db, tables))
        async for name, rows in rotate(db, tables, lambda: clock.sleep(PAUSE_S)):
            bar.update(task, advance=rows, description=name)


async def _require_unused(db: Database, tables: Sequence[Sealed], key: str) -> None:
    left = {one.table.name: await left_under(db, one, key) for one in tables}
    if found := ", ".join(f"{rows} of {name}" for name, rows in left.items() if rows):
        raise Mendable(f"{key} still seals rows: {found}. Seal them anew with: zwornik pii-keys rotate")
    print(f"looked through {', '.join(left)}", file=sys.stderr)


def sealed_of(office: Office) -> Sequence[Sealed]:
    """Return the tables of an office that hold sealed values."""
    owner = owner_of(office)
    known = [table for metadata in owner.metadata for table in metadata.tables.values()]
    return sealed_tables(table for table in known if table.name in owner.tables)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))
