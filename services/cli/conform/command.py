"""``zwornik conform``: a vendor runs it against a node of the vendor's own, in a test federation."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer
from rich.console import Console

from services.cli.conform.cases import Case, Outcome, chosen, try_case, unmatched
from services.cli.conform.institution.cases import CASES as FOR_A_BROKER
from services.cli.conform.institution.joining import join
from services.cli.conform.institution.player import Player
from services.cli.conform.report import progress, show, show_cases, write_junit
from services.cli.programs import Mendable
from shared.domain.institutions import is_institution_id
from shared.exchange.client.broker import BrokerClient, InsecureUrl, Unreachable
from shared.exchange.identity import Identity
from shared.exchange.keys import load_key
from shared.runtime.clock import Clock, SystemClock
from shared.runtime.ids import SystemIds

Some = TypeVar("Some")
Role = Literal["institution", "broker"]


def conform(
    url: Annotated[str, typer.Argument(help="Where the node under test is reached.")] = "",
    role: Annotated[Role, typer.Option("--as", help="What the kit plays; the other side is tested.")] = "institution",
    key: Annotated[Path | None, typer.Option(help="The kit's own signing key, a PEM file of mode 0600.")] = None,
    institution: Annotated[str, typer.Option("--id", help="Id of the institution that the kit plays.")] = "",
    thumbprint: Annotated[str, typer.Option(help="Thumbprint of the broker under test.")] = "",
    federation: Annotated[str, typer.Option(help="Id of the test federation.")] = "pl-pilot",
    only: Annotated[list[str] | None, typer.Option(help="Cases by name, as stream-*; repeat it for more.")] = None,
    list_them: Annotated[bool, typer.Option("--list", help="Show the cases and run none.")] = False,
    junit: Annotated[Path | None, typer.Option(help="Write the outcomes as JUnit XML, too.")] = None,
) -> None:
    """Test a node against the standard, case by case. Exit status 0 only if every case passed.

    Use a test federation: the cases sign forks, false SETs and a second key in the name of the institution played.
    """
    cases = FOR_A_BROKER
    wrong = list(unmatched(cases, only or ()))
    if wrong:
        raise Mendable(f"no case is named {', '.join(wrong)}; --list shows all")
    picked = chosen(cases, only or ())
    console = Console(highlight=False)
    if list_them:
        show_cases(console, picked)
        return
    identity = _identity(key, institution, federation)
    outcomes = asyncio.run(_against_a_broker(url, identity, thumbprint, picked, console))
    show(console, outcomes)
    if junit is not None:
        write_junit(junit, f"zwornik.conform.as-{role}", outcomes)
    if not all(one.passed for one in outcomes):
        raise typer.Exit(1)


def _identity(key: Path | None, institution: str, federation: str) -> Identity:
    if key is None:
        raise Mendable("name the kit's key with --key FILE; make one with: zwornik keys generate FOLDER")
    if not is_institution_id(institution):
        raise Mendable("say which institution the kit plays with --id, such as --id pup-2478")
    return Identity(institution, federation, [load_key(key)])


async def _against_a_broker(
    url: str, identity: Identity, pinned: str, cases: Sequence[Case[Player]], console: Console
) -> list[Outcome]:
    clock = SystemClock()
    try:
        client = BrokerClient(identity, url, clock, SystemIds())
    except (InsecureUrl, ValueError) as failure:
        raise Mendable(f"{url or 'no URL'}: {failure}") from None
    try:
        directory = await join(client, pinned)
        return await run_all(cases, Player(identity, client, directory, pinned), clock, console)
    except Unreachable as failure:
        raise Mendable(f"{url} cannot be reached: {failure}") from None
    finally:
        await client.close()


async def run_all(cases: Sequence[Case[Some]], player: Some, clock: Clock, console: Console) -> list[Outcome]:
    """Run cases one after another, and show how far they are."""
    outcomes = []
    with progress(console, len(cases)) as bar:
        [task] = bar.task_ids
        for case in cases:
            bar.update(task, description=case.name)
            outcomes.append(await try_case(case, player, clock))
            bar.advance(task)
    return outcomes
