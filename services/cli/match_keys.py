"""The match key: made by the custodian, brought to offices, announced by the operator, followed by the next one."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from services.cli.institutions import BrokerUrl, Token, ask
from services.cli.programs import Mendable, Office, office_settings_of
from shared.domain.institutions import OfficeProgram
from shared.domain.token import MatchKey
from shared.exchange.match_key_file import (
    generate_match_key,
    load_match_key,
    next_to,
    replace_match_key,
    save_match_key,
)
from shared.exchange.match_keys import is_same
from shared.runtime.settings import MemberSettings

if TYPE_CHECKING:
    from services.cli.match_key_standing import Standing

app = typer.Typer(
    help="The match key, which a custodian makes and the broker never sees.",
    no_args_is_help=True,
)

LOOK_S = 1.0
File = Annotated[Path, typer.Argument(help="The file, of mode 0600.")]
Epoch = Annotated[int, typer.Option(help="Epoch of the key; each that follows has a higher one.", min=1, max=999_999)]
Moment = Annotated[str, typer.Option(help="A moment with its offset: 2027-03-01T06:00:00+01:00.")]


@app.command("generate")
def generate(file: File, epoch: Epoch = 1) -> None:
    """Make the federation's match key: for the custodian, who is neither the broker nor its operator."""
    _refuse_existing(file)
    key = generate_match_key(file, epoch=epoch)
    print(f"{file}\nfingerprint {key.fingerprint}\nBring the file to each office by a safe way, never to the broker.")


@app.command("import")
def import_key(source: File, target: Annotated[Path, typer.Argument(help="Where the node reads it.")]) -> None:
    """Take a match key from the custodian's file to where the node reads it."""
    _refuse_existing(target)
    key = load_match_key(source)
    save_match_key(target, key)
    print(f"{target}\nfingerprint {key.fingerprint}")


@app.command("fingerprint")
def fingerprint(file: File) -> None:
    """Show the fingerprint of a match key: members and the broker compare it."""
    print(load_match_key(file).fingerprint)


@app.command("rotate")
def rotate(
    office: Office,
    file: File,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the running service has told all clients.")] = False,
) -> None:
    """Take the key that follows beside the present one; the running service tells all clients by both.

    Nothing is restarted. Called again it says how far the service is. A next key that is not the one the directory
    names gives way to that.
    """
    settings = office_settings_of(office)
    target = next_to(settings.match_key_file)
    current, coming = load_match_key(settings.match_key_file), load_match_key(file)
    present = load_match_key(target) if target.exists() else None
    if not (_are_same(coming, present) or _are_same(coming, current)):
        if present is not None:
            _require_announced(office, settings, coming, present)
        _require_next(coming, current)
        (save_match_key if present is None else replace_match_key)(target, coming)
    print(f"epoch {coming.epoch}, fingerprint {coming.fingerprint}")
    _say(office, settings, wait=wait)


@app.command("status")
def status(
    office: Office,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the running service has told all clients.")] = False,
) -> None:
    """Show how far an office is in following the match key, and what remains."""
    _say(office, office_settings_of(office), wait=wait)


@app.command("retire")
def retire(office: Office) -> None:
    """Delete the key that has ended; the one that followed takes its place."""
    settings = office_settings_of(office)
    target = next_to(settings.match_key_file)
    if not target.exists():
        raise Mendable("there is one match key alone; nothing is to be retired")
    standing = _standing(office, settings)
    if not standing.has_ended:
        raise Mendable(f"the old key is still needed: {standing.says}")
    if standing.left:
        raise Mendable(f"{standing.left} clients still go by the old key; start the service and wait for it")
    before = load_match_key(settings.match_key_file)
    target.replace(settings.match_key_file)
    print(f"the key of epoch {before.epoch} is deleted here; {settings.match_key_file} holds the one that followed")


@app.command("announce")
def announce(
    fingerprint: Annotated[str, typer.Argument(help="The fingerprint that the custodian told.")],
    epoch: Epoch,
    moves: Moment,
    ends: Moment,
    broker_url: BrokerUrl,
    token: Token,
) -> None:
    """Announce the key that follows, as the operator; again with other moments, it is put off or brought forward.

    From --moves on people go by the new key; at --ends the old one ends.
    """
    body = {"fingerprint": fingerprint, "epoch": epoch, "moves_at": moves, "ends_at": ends}
    answer = ask(broker_url, token, "POST", "/v1/match-keys", body)["following"]
    print(f"epoch {answer['epoch']}, fingerprint {answer['fingerprint']}")
    print(f"names people from {answer['moves_at']}; the key before it ends {answer['ends_at']}")


@app.command("overview")
def overview(broker_url: BrokerUrl, token: Token) -> None:
    """Show, as the operator, which key is in force, which follows, and which offices have clients still to tell."""
    answer = ask(broker_url, token, "GET", "/v1/match-keys")
    print(f"in force   {answer['in_force']['fingerprint']}")
    following = answer["following"]
    if following is None:
        print("none follows")
        return
    print(f"following  {following['fingerprint']}, epoch {following['epoch']}")
    print(f"names people from {following['moves_at']}; the key before it ends {following['ends_at']}")
    table = Table("office", "clients", "told", "untold and shared")
    for one in answer["offices"]:
        table.add_row(one["id"], str(one["enrolled"]), str(one["told"]), str(one["shared"]))
    Console().print(table)


def _say(office: OfficeProgram, settings: MemberSettings, *, wait: bool) -> None:
    standing = _standing(office, settings)
    print(standing.says)
    if wait and standing.left:
        _wait(office, settings, standing)


def _wait(office: OfficeProgram, settings: MemberSettings, standing: "Standing") -> None:
    """Wait while the running service works; its rows say how far it is."""

    if not standing.is_in_use:
        raise Mendable("the service waits for the announcement; call again once the operator has made it")
    left = standing.left
    while left:
        time.sleep(LOOK_S)
        now = _standing(office, settings).left
        if now != left:
            print(f"{now} clients left" if now else "all clients are told")
        left = now


def _standing(office: OfficeProgram, settings: MemberSettings) -> "Standing":
    from services.cli.match_key_standing import standing_of

    return asyncio.run(standing_of(office, settings))


def _require_announced(office: OfficeProgram, settings: MemberSettings, coming: MatchKey, present: MatchKey) -> None:
    """Refuse to replace a next key, unless the directory names the one that comes and not the one that is there."""
    from services.cli.match_key_standing import announced_to

    keys = asyncio.run(announced_to(office, settings))
    lies = f"the key of epoch {present.epoch} lies beside the present one"
    if keys.knows(present.fingerprint):
        raise Mendable(f"{lies}; once it is in force: zwornik match-key retire {office}")
    if keys.next is None and keys.epoch is None:
        raise Mendable(f"{lies}; call again once the directory names another: zwornik match-key status {office}")
    named = keys.next.fingerprint if keys.next else keys.fingerprint
    if not keys.knows(coming.fingerprint):
        raise Mendable(f"the directory names the key {named}, this one is {coming.fingerprint}; ask the custodian")


def _require_next(coming: MatchKey, current: MatchKey) -> None:
    if coming.epoch <= current.epoch:
        raise Mendable(
            f"the key is of epoch {coming.epoch}, the present one of epoch {current.epoch}; one that follows has a "
            "higher epoch; the custodian makes it with: zwornik match-key generate FILE --epoch N"
        )
    if is_same(current.fingerprint, coming.fingerprint):
        raise Mendable("it is the present key under another epoch; the custodian makes a new one for each epoch")


def _are_same(one: MatchKey, other: MatchKey | None) -> bool:
    return other is not None and one.epoch == other.epoch and is_same(one.fingerprint, other.fingerprint)


def _refuse_existing(file: Path) -> None:
    if file.exists():
        raise Mendable(f"{file} exists; a key is never overwritten")
