"""Purging what an office keeps longer than it has to: shown first, then erased, by its running service."""

import asyncio
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.calling import answers_of
from shared.exchange.client.local import LocalClient

PURGE_S = 600


def purge(
    url: Annotated[str, typer.Option(envvar="ZWORNIK_URL", help="URL of the office's service.")],
    token: Annotated[str, typer.Option(envvar="ZWORNIK_TOKEN", help="A bearer token with data:protect.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be erased; erase nothing.")] = False,
) -> None:
    """Erase what is over its term of keeping, at most 500 records and clients at once; what is held stays."""
    with answers_of("the service", url):
        answer = asyncio.run(_call(url, token, dry_run))
    if not answer["purged"]:
        print("nothing is over its term of keeping")
        return
    table = Table("category", "would be erased" if dry_run else "erased", "held")
    for one in answer["purged"]:
        table.add_row(one["category"], str(one["count"]), str(one["held"]))
    Console().print(table)


async def _call(url: str, token: str, dry_run: bool) -> dict[str, Any]:
    async with LocalClient(url, token, timeout_s=PURGE_S) as client:
        answer: dict[str, Any] = await client.call("POST", "/v1/purges", {"dry_run": dry_run})
        return answer
