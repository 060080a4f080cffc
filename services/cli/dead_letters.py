"""Dead letters (*martwe listy*) of an office or of the broker: listed with their cause, said anew, or discarded."""

import asyncio
from typing import Annotated, Any

import typer

from services.cli.calling import answers_of
from services.cli.programs import Mendable
from shared.exchange.client.local import Answered, LocalClient
from shared.exchange.stream.letters import Reason, State
from shared.runtime.problems.catalogue import problem_type

PAGE = 500
PATH = "/v1/dead-letters"
app = typer.Typer(help="Events that were not taken: at an office, or at the broker.", no_args_is_help=True)

Url = Annotated[str, typer.Option(envvar="ZWORNIK_URL", help="URL of the office's service, or of the broker.")]
Reader = Annotated[
    str, typer.Option(envvar="ZWORNIK_TOKEN", help="A bearer token: audit:read; broker:read at the broker.")
]
Official = Annotated[
    str, typer.Option(envvar="ZWORNIK_TOKEN", help="A bearer token: admin; broker:redrive at the broker.")
]
Id = Annotated[str, typer.Argument(help="Id of the letter, as the list shows it.")]


@app.command("list")
def list_letters(
    url: Url,
    token: Reader,
    state: Annotated[State | None, typer.Option(help="Only in this state; those that wait if none.")] = None,
) -> None:
    """List letters, oldest first, and say of each cause what mends it."""
    with answers_of("the service", url):
        letters = asyncio.run(_listed(url, token, state))
    for letter in letters:
        print(_said(letter))
    for name in sorted({letter["problem"] for letter in letters}):
        kind = problem_type(name)
        print(f"{name}: {kind.title}. {kind.mend}")
    if not letters:
        print("no letter waits" if not state else "no letter is in such a state")


@app.command("redrive")
def redrive(letter: Id, url: Url, token: Official) -> None:
    """Say anew what a letter of this office meant to say, as things stand now; only its author can."""
    with answers_of("the service", url):
        try:
            answer = _call(url, token, letter, "redrive")
        except Answered as failure:
            if failure.status != 404:
                raise
            there_is_none = f"there is no such letter at {url} to say anew; only its author does, at its own service"
            raise Mendable(there_is_none) from None
    print(f"{answer['id']} is {answer['state']}: the present state goes out under a new position")


@app.command("discard")
def discard(
    letter: Id,
    reason: Annotated[Reason, typer.Option(help="Why nobody needs it.")],
    url: Url,
    token: Official,
) -> None:
    """Ask that a letter be discarded; it waits until a second official confirms."""
    with answers_of("the service", url):
        answer = _call(url, token, letter, "discard", {"reason": reason})
    print(f"{_told(answer)}; a second official decides: zwornik dead-letters confirm {answer['id']}")


@app.command("confirm")
def confirm(letter: Id, url: Url, token: Official) -> None:
    """Discard a letter, as the second official: who asked cannot."""
    with answers_of("the service", url):
        answer = _call(url, token, letter, "discard/confirm")
    print(_told(answer))


@app.command("keep")
def keep(letter: Id, url: Url, token: Official) -> None:
    """Refuse to discard a letter, or take one's own request back: it is open as before."""
    with answers_of("the service", url):
        answer = _call(url, token, letter, "discard/refuse")
    print(_told(answer))


def _call(url: str, token: str, letter: str, step: str, body: Any = None) -> dict[str, Any]:
    async def call() -> dict[str, Any]:
        async with LocalClient(url, token) as client:
            return dict(await client.call("POST", f"{PATH}/{letter}/{step}", body))

    return asyncio.run(call())


async def _listed(url: str, token: str, state: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    narrowed = f"&state={state}" if state else ""
    async with LocalClient(url, token) as client:
        while True:
            after = found[-1]["id"] if found else ""
            page = await client.call("GET", f"{PATH}?limit={PAGE}&after={after}{narrowed}")
            found += page
            if len(page) < PAGE:
                return found


def _said(letter: dict[str, Any]) -> str:
    where = f"{letter['owner']} to {letter['peer']}, position {letter['position']}"
    found = "refused here" if letter["found_by"] == "self" else "refused at the other end"
    return f"{_told(letter)}\n  {letter['problem']}, {found} at {letter['at']}; {where}, by {letter['iss']}"


def _told(letter: dict[str, Any]) -> str:
    """Return where a letter stands and who said so."""
    said = f"{letter['id']} is {letter['state']}"
    if letter["asked_by"]:
        said += f": {letter['reason']}, asked by {letter['asked_by']}"
    return said + (f", confirmed by {letter['confirmed_by']}" if letter["confirmed_by"] else "")
