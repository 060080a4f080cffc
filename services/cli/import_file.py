"""Importing a file into the running service of an office, as its own system would: over HTTP, with a token."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.calling import answers_of, told
from services.cli.programs import Mendable
from shared.exchange.client.local import LocalClient
from shared.runtime.clock import SystemClock

LOOK_S = 0.5
UPLOAD_S = 600
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".txt": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PIECE = 256 * 1024


def import_file(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or XLSX file.", exists=True, dir_okay=False)],
    column_map: Annotated[str, typer.Option("--map", help="Name of the column map that the service knows.")],
    url: Annotated[str, typer.Option(envvar="ZWORNIK_URL", help="URL of the office's service.")],
    token: Annotated[str, typer.Option(envvar="ZWORNIK_TOKEN", help="A bearer token with records:import.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say line by line what would happen; change nothing.")
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option(help="Where refused lines go. Usual: NAME.rejects.csv beside it.")
    ] = None,
) -> None:
    """Import a file by a column map; the same file twice changes nothing. Cut short, the same command goes on.

    Refused lines go into a file with their reasons, mode 0600, that can be mended and imported again. Exit status: 0,
    or 2 when lines were refused.
    """
    media_type = _MEDIA_TYPES.get(source.suffix.lower())
    if media_type is None:
        raise Mendable(f"{source.name} is neither .csv nor .xlsx; save it as one of them")
    target = _unused(rejects or source.with_name(f"{source.stem}.rejects.csv"))
    with answers_of("the service", url):
        job = asyncio.run(_import(source, media_type, (column_map, dry_run), (url, token), target))
    if job["state"] == "failed":
        raise Mendable(f"after line {job['done_line']}: {told(job['problem'])}")
    said = "would be " if dry_run else ""
    counts = ", ".join(f"{job[name]} {name}" for name in ("created", "amended", "unchanged", "refused"))
    print(f"{said}{counts}", file=sys.stderr)
    if job["refused"]:
        print(f"refused lines and their reasons: {target}", file=sys.stderr)
        sys.exit(2)


async def _import(
    source: Path, media_type: str, what: tuple[str, bool], where: tuple[str, str], target: Path
) -> dict[str, Any]:
    clock = SystemClock()
    column_map, dry_run = what
    async with LocalClient(*where, timeout_s=UPLOAD_S) as client:
        path = f"/v1/imports?map={column_map}&dry_run={str(dry_run).lower()}"
        job = await client.upload(path, media_type, _pieces(source))
        with _bar() as bar:
            task = bar.add_task("trying" if dry_run else "importing", total=None)
            while job["state"] not in ("done", "failed"):
                bar.update(task, completed=job["done_line"], total=job["lines"] or None)
                await clock.sleep(LOOK_S)
                job = await client.call("GET", f"/v1/imports/{job['id']}")
            bar.update(task, completed=job["done_line"], total=job["lines"] or job["done_line"])
        if dry_run:
            await _print_lines(client, job)
        if job["refused"]:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                async for piece in client.download(f"/v1/imports/{job['id']}/rejects"):
                    file.write(piece)
    return dict(job)


async def _print_lines(client: LocalClient, job: dict[str, Any]) -> None:
    after: int | None = 0
    while after is not None:
        page = await client.call("GET", f"/v1/imports/{job['id']}/lines?after={after}")
        for line in page["items"]:
            print(f"line {line['line']}: {_said(line)}")
        after = page["next"]


def _said(line: dict[str, Any]) -> str:
    if line["outcome"] == "refused":
        where = f" {line['column']}:" if line["column"] else ""
        expected = line["expected"]
        wanted = ", ".join(map(str, expected)) if isinstance(expected, list) else expected
        return f"refused:{where} {line['detail']}" + (f" Expected: {wanted}." if wanted else "")
    return ", ".join(f"{part} {done}" for part, done in line["what"].items())


def _unused(path: Path) -> Path:
    """Return the path, or one like it with a number: rejects that somebody is mending are never written over."""
    names = (path, *(path.with_stem(f"{path.stem}-{number}") for number in range(2, 1000)))
    return next(one for one in names if not one.exists())


async def _pieces(source: Path) -> AsyncIterator[bytes]:
    with source.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True))
