"""Personal data at rest: AES-256-GCM in the column, and a keyed index to look a PESEL up without storing it.

The keys file (mode 0600) is JSON: ``{"current": "k1", "keys": {"k1": "<base64 of 32 bytes>"}, "index": "<base64>"}``.
A value carries the id of its key, so a new key can be added and the old rows rewritten one by one, while services
run: each transaction begins with the keys that the file holds then.
"""

import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.domain.errors import Invalid
from shared.runtime.files import InsecureFile, read_secret, write_secret

_NONCE = 12
Stamp = tuple[int, int, int]
"""What tells one state of a file from another: its number, when it was written, and its size."""


class UnreadablePersonalData(Exception):
    """A stored value cannot be decrypted: its key is missing, or the value was altered."""


@dataclass(frozen=True, slots=True)
class PiiKeys:
    """The keys for personal data of one node."""

    current: str
    ciphers: Mapping[str, AESGCM] = field(repr=False)
    index_key: bytes = field(repr=False)
    file: Path | None = field(default=None, repr=False)
    stamp: Stamp | None = field(default=None, repr=False)

    def refreshed(self) -> "PiiKeys":
        """Return the keys as their file has them now.

        A file that is gone, is open to others, holds no keys or has another index key changes nothing: ``zwornik
        doctor`` says what is wrong with it, and a service that can work goes on.
        """
        if self.file is None:
            return self
        try:
            if _stamp(self.file) == self.stamp:
                return self
            found = load_pii_keys(self.file)
        except (OSError, InsecureFile, Invalid):
            return self
        return found if hmac.compare_digest(found.index_key, self.index_key) else self

    def encrypt(self, text: str, context: str) -> str:
        """Return ``text`` sealed for one column: a value moved to another column does not open."""
        nonce = os.urandom(_NONCE)
        sealed = self.ciphers[self.current].encrypt(nonce, text.encode(), context.encode())
        return f"{self.current}.{b64encode(nonce + sealed).decode()}"

    def decrypt(self, value: str, context: str) -> str:
        """Return the text in a sealed value.

        :raises UnreadablePersonalData: unknown key, another column, or altered bytes.
        """
        key_id, _, body = value.partition(".")
        try:
            raw = b64decode(body, validate=True)
            return self.ciphers[key_id].decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()
        except (KeyError, ValueError, InvalidTag):
            raise UnreadablePersonalData(f"A value of {context} does not open with the key {key_id[:16]!r}.") from None

    def seal(self, content: bytes, context: str) -> bytes:
        """Return bytes sealed for one column."""
        nonce = os.urandom(_NONCE)
        return b".".join(
            (self.current.encode(), nonce + self.ciphers[self.current].encrypt(nonce, content, context.encode()))
        )

    def unseal(self, value: bytes, context: str) -> bytes:
        """Return the bytes in a sealed value.

        :raises UnreadablePersonalData: unknown key, another column, or altered bytes.
        """
        key_id, _, raw = value.partition(b".")
        try:
            return self.ciphers[key_id.decode()].decrypt(raw[:_NONCE], raw[_NONCE:], context.encode())
        except (KeyError, ValueError, InvalidTag):
            raise UnreadablePersonalData(f"Bytes of {context} do not open.") from None

    def index(self, text: str, context: str) -> bytes:
        """Return the blind index of a value: equal values meet, nobody without the key can guess them."""
        return hmac.digest(self.index_key, f"{context}|{text}".encode(), "sha256")


def load_pii_keys(path: Path) -> PiiKeys:
    """Read a keys file.

    :raises InsecureFile: others may read it.
    :raises Invalid: it holds no such keys.
    """
    stamp, raw = _stamp(path), read_secret(path)
    try:
        content = json.loads(raw)
        keys = {key_id: _key(key) for key_id, key in content["keys"].items()}
        if content["current"] in keys:
            ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
            return PiiKeys(content["current"], ciphers, _key(content["index"]), path, stamp)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    raise Invalid(f"{path} holds no keys for personal data: a current one of several, and one for the index.")


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def _key(text: str) -> bytes:
    key = b64decode(text, validate=True)
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    return key


def generate_pii_keys(path: Path) -> None:
    """Write a new keys file of mode 0600; an existing one is never overwritten."""
    key, index = (b64encode(os.urandom(32)).decode() for _ in range(2))
    write_secret(path, json.dumps({"current": "k1", "keys": {"k1": key}, "index": index}).encode())
