"""``zwornik conform``: a vendor runs it against a node of the vendor's own, in a test federation."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from services.cli.conform.cases import Case, Outcome, chosen, unmatched
from services.cli.programs import Mendable
from shared.domain.institutions import is_institution_id
from shared.exchange.identity import Identity
from shared.exchange.keys import SigningKey, load_key
from shared.runtime.logging import configure_logging

Role = Annotated[
    Literal["institution", "broker"], typer.Option("--as", help="What the kit plays; the other side is tested.")
]
Url = Annotated[str, typer.Argument(help="The broker under test; or the own API of the institution's node under test.")]
KeyFile = Annotated[Path | None, typer.Option("--key", help="The kit's own signing key, a PEM file of mode 0600.")]
Federation = Annotated[str, typer.Option(help="Id of the test federation.")]
Only = Annotated[list[str] | None, typer.Option(help="Cases by name, as 'stream-*'; repeat it for more.")]
ListThem = Annotated[bool, typer.Option("--list", help="Show the cases and run none.")]
Junit = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the outcomes as JUnit XML, too.")]
Id = Annotated[str, typer.Option("--id", help="As institution: the id that the kit plays, such as pup-2478.")]
Thumbprint = Annotated[str, typer.Option(help="As institution: thumbprint of the broker under test.")]
Fingerprint = Annotated[str, typer.Option(help="As broker: fingerprint of the match key of the node under test.")]
Token = Annotated[str | None, typer.Option(envvar="ZWORNIK_TOKEN", help="As broker: clients:write at the node's API.")]
Port = Annotated[int, typer.Option(help="As broker: where to listen on 127.0.0.1.", min=1, max=65_535)]
Data = Annotated[Path, typer.Option(help="As broker: where it remembers the node from run to run.")]
Wait = Annotated[int, typer.Option(help="As broker: how many seconds to wait for the node.", min=1)]


def conform(
    role: Role,
    url: Url = "",
    key: KeyFile = None,
    federation: Federation = "pl-pilot",
    institution: Id = "",
    thumbprint: Thumbprint = "",
    match_key_fingerprint: Fingerprint = "",
    token: Token = None,
    port: Port = 8899,
    data: Data = Path("var/conform"),
    wait: Wait = 600,
    only: Only = None,
    list_them: ListThem = False,
    junit: Junit = None,
) -> None:
    """Test a node against the standard, case by case. Exit status 0 only if every case passed.

    Use a test federation: the cases sign forks, false SETs and other keys in the name of whom the kit plays.
    """
    from services.cli.conform.report import show, show_cases, write_junit

    cases, console = _cases(role, only or ()), Console(highlight=False)
    if list_them:
        show_cases(console, cases)
        return
    if key is None:
        raise Mendable("name the kit's key with --key FILE; make one with: zwornik keys generate FOLDER")
    if role == "institution":
        outcomes = _as_institution(url, (load_key(key), institution, federation), thumbprint, cases, console)
    else:
        node = (url, token, data, port, wait)
        outcomes = _as_broker((load_key(key), match_key_fingerprint, federation), node, cases, console)
    show(console, outcomes)
    if junit is not None:
        write_junit(junit, f"zwornik.conform.as-{role}", outcomes)
    if not all(one.passed for one in outcomes):
        raise typer.Exit(1)


def _cases(role: str, only: Sequence[str]) -> list[Case[Any]]:
    """Return the cases that are asked for; only the side that is played is imported."""
    cases: Sequence[Case[Any]]
    if role == "institution":
        from services.cli.conform.institution.cases import CASES as FOR_A_BROKER

        cases = FOR_A_BROKER
    else:
        from services.cli.conform.broker.cases import CASES as FOR_AN_INSTITUTION

        cases = FOR_AN_INSTITUTION
    wrong = list(unmatched(cases, only))
    if wrong:
        raise Mendable(f"no case is named {', '.join(wrong)}; --list shows all")
    return chosen(cases, only)


def _as_institution(
    url: str, who: tuple[SigningKey, str, str], thumbprint: str, cases: Sequence[Case[Any]], console: Console
) -> list[Outcome]:
    from services.cli.conform.institution.trying import try_broker

    key, institution, federation = who
    if not url or not thumbprint:
        raise Mendable("name the broker under test by its URL, and its key with --thumbprint")
    if not is_institution_id(institution):
        raise Mendable("say which institution the kit plays with --id, such as --id pup-2478")
    identity = Identity(institution, federation, [key])
    return asyncio.run(try_broker(url, identity, thumbprint, cases, console))


def _as_broker(
    who: tuple[SigningKey, str, str],
    node: tuple[str, str | None, Path, int, int],
    cases: Sequence[Case[Any]],
    console: Console,
) -> list[Outcome]:
    from services.cli.conform.broker.trying import Offer, database_in, try_node
    from shared.runtime.database.migrate import migrate

    key, fingerprint, federation = who
    url, token, data, port, wait = node
    if not fingerprint:
        raise Mendable("name the match key with --match-key-fingerprint; see: zwornik match-key fingerprint FILE")
    configure_logging("CRITICAL")  # what the node does wrong is told by the table
    database_url = database_in(data)
    migrate("broker", database_url)
    offer = Offer(
        key=key, federation=federation, fingerprint=fingerprint, database_url=database_url, port=port, wait_s=wait
    )
    return asyncio.run(try_node(offer, url, token, cases, console))
