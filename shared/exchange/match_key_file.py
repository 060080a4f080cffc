"""The match key as a file of mode 0600: made by the custodian, brought to each office, never to the broker."""

import json
import os
from base64 import b64decode, b64encode
from pathlib import Path

from shared.domain.errors import Invalid
from shared.domain.token import MatchKey
from shared.runtime.files import read_secret, replace_secret, write_secret


def generate_match_key(path: Path, *, epoch: int = 1) -> MatchKey:
    """Make a new match key and write it; an existing file is never overwritten."""
    key = MatchKey(epoch=epoch, secret=os.urandom(32))
    save_match_key(path, key)
    return key


def save_match_key(path: Path, key: MatchKey) -> None:
    """Write a match key as a file of mode 0600."""
    write_secret(path, _content(key))


def replace_match_key(path: Path, key: MatchKey) -> None:
    """Put a match key in the place of one that is of no use; whoever reads the file finds one of them whole."""
    replace_secret(path, _content(key))


def next_to(path: Path) -> Path:
    """Return where the next match key lies: beside the present one.

    >>> next_to(Path("var/pup/match-key.json")).as_posix()
    'var/pup/match-key.next.json'
    """
    return path.with_name(f"{path.stem}.next{path.suffix}")


def load_match_key(path: Path) -> MatchKey:
    """Read a match key.

    :raises InsecureFile: others can read the file.
    :raises Invalid: the file holds no match key.
    """
    raw = read_secret(path)
    try:
        content = json.loads(raw)
        epoch, secret = content["epoch"], b64decode(content["secret"], validate=True)
        if type(epoch) is int:
            return MatchKey(epoch=epoch, secret=secret)
    except (ValueError, KeyError, TypeError, RecursionError, Invalid):
        pass
    raise Invalid(f"{path} holds no match key: an epoch, and a secret of 32 bytes in base64.")


def _content(key: MatchKey) -> bytes:
    return json.dumps({"epoch": key.epoch, "secret": b64encode(key.secret).decode()}).encode()
