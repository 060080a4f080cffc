"""Signing keys of a node."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli import institutions
from services.cli.programs import Mendable, settings_of
from services.cli.running import ProgramArgument
from shared.exchange.keys import SigningKey, load_keys, save_key
from shared.runtime.settings import MemberSettings

keys_app = typer.Typer(help="Signing keys of a node.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Folder of the node's signing keys.")]


@keys_app.command("generate")
def generate(folder: Folder) -> None:
    """Make a signing key; the newest one that the operator approved is used."""
    path = save_key(folder, SigningKey.generate())
    print(f"{path.stem}\n  {path}")


@keys_app.command("show")
def show(folder: Folder) -> None:
    """Show the thumbprints of a node's keys, the newest first; compare them by another channel."""
    keys = load_keys(folder)
    if not keys:
        raise Mendable(f"{folder} holds no key; make one with: zwornik keys generate {folder}")
    for key in keys:
        print(key.kid)


@keys_app.command("rotate")
def rotate(program: ProgramArgument) -> None:
    """Make a new signing key that the present one introduces; both are valid until the overlap ends.

    A running service takes the new key up within a minute, and signs with it once the directory carries it.
    """
    settings = settings_of(program)
    before = load_keys(settings.key_dir)
    if not before:
        raise Mendable(f"{settings.key_dir} holds no key; make one with: zwornik keys generate {settings.key_dir}")
    path = save_key(settings.key_dir, SigningKey.generate())
    print(f"new key  {path.stem}\nbefore   {before[0].kid}\n  {path}")
    if not isinstance(settings, MemberSettings):
        print("The broker introduces it within a minute, and signs with it BROKER_KEY_ANNOUNCE_HOURS later.")
        return
    try:
        print(institutions.offer_newest(settings))
    except Mendable as failure:
        raise Mendable(f"{failure}; the key is made: offer it with: zwornik institutions register {program}") from None
    print("Tell the operator the thumbprint by another channel; it is used once the operator approved it.")
