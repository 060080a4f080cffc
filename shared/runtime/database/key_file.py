"""Changes of a keys file for personal data: a key is added, then used, then, when no row needs it, taken out.

The file is replaced whole. The key of the blind index stays: people are found by it, and every row would have to change
in one moment (decision 33).
"""

import json
import os
from base64 import b64encode
from pathlib import Path
from typing import Any

from shared.domain.errors import Conflict, Invalid
from shared.runtime.database.encryption import load_pii_keys
from shared.runtime.files import read_secret, replace_secret


class KeyUnknown(Invalid):
    """The file holds no key of that id; expected names those there are."""


class KeyInUse(Conflict):
    """The key seals new values; use another one first."""


def add_pii_key(path: Path) -> str:
    """Add a new key, which opens values but seals none yet, and return its id.

    :raises InsecureFile: others may read the file.
    :raises Invalid: it holds no keys.
    """
    content = _content(path)
    key_id = next(one for one in (f"k{number}" for number in range(1, 10_000)) if one not in content["keys"])
    content["keys"][key_id] = b64encode(os.urandom(32)).decode()
    _write(path, content)
    return key_id


def use_pii_key(path: Path, key_id: str) -> None:
    """Let a key seal all new values.

    :raises KeyUnknown: the file does not hold it.
    """
    content = _holding(path, key_id)
    content["current"] = key_id
    _write(path, content)


def remove_pii_key(path: Path, key_id: str) -> None:
    """Take a key out; what is sealed with it can never be read again, so look for it before.

    :raises KeyUnknown: the file does not hold it.
    :raises KeyInUse: it seals new values.
    """
    require_other(path, key_id)
    content = _content(path)
    del content["keys"][key_id]
    _write(path, content)


def require_other(path: Path, key_id: str) -> None:
    """Refuse the key that seals new values, and one that the file does not hold.

    :raises KeyUnknown: the file does not hold it.
    :raises KeyInUse: it seals new values.
    """
    if _holding(path, key_id)["current"] == key_id:
        raise KeyInUse()


def _holding(path: Path, key_id: str) -> dict[str, Any]:
    content = _content(path)
    if key_id not in content["keys"]:
        raise KeyUnknown(expected=sorted(content["keys"]))
    return content


def _content(path: Path) -> dict[str, Any]:
    load_pii_keys(path)
    content: dict[str, Any] = json.loads(read_secret(path))
    return content


def _write(path: Path, content: dict[str, Any]) -> None:
    replace_secret(path, json.dumps(content).encode())
