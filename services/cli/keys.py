"""Keys: of a node, and of the federation's matching."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli import institutions
from services.cli.programs import Mendable, settings_of
from services.cli.running import ProgramArgument
from shared.exchange.keys import SigningKey, load_keys, save_key
from shared.exchange.match_key_file import generate_match_key, load_match_key, save_match_key
from shared.runtime.settings import MemberSettings

keys_app = typer.Typer(help="Signing keys of a node.", no_args_is_help=True)
match_key_app = typer.Typer(
    help="The match key, which a custodian makes and the broker never sees.", no_args_is_help=True
)

Folder = Annotated[Path, typer.Argument(help="Folder of the node's signing keys.")]
File = Annotated[Path, typer.Argument(help="The file, of mode 0600.")]


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


@match_key_app.command("generate")
def generate_match(
    file: File, epoch: Annotated[int, typer.Option(help="Epoch of the key.", min=1, max=999_999)] = 1
) -> None:
    """Make the federation's match key: for the custodian, who is neither the broker nor its operator."""
    _refuse_existing(file)
    key = generate_match_key(file, epoch=epoch)
    print(f"{file}\nfingerprint {key.fingerprint}\nBring the file to each office by a safe way, never to the broker.")


@match_key_app.command("import")
def import_match(source: File, target: Annotated[Path, typer.Argument(help="Where the node reads it.")]) -> None:
    """Take a match key from the custodian's file to where the node reads it."""
    _refuse_existing(target)
    key = load_match_key(source)
    save_match_key(target, key)
    print(f"{target}\nfingerprint {key.fingerprint}")


@match_key_app.command("fingerprint")
def fingerprint(file: File) -> None:
    """Show the fingerprint of a match key: members and the broker compare it."""
    print(load_match_key(file).fingerprint)


def _refuse_existing(file: Path) -> None:
    if file.exists():
        raise Mendable(f"{file} exists; a key is never overwritten")
