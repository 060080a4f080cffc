"""The issuer of bearer tokens: a JWKS file where the office has an issuer, else the node's own keys."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.exchange.keys import SigningKey
from shared.runtime.bearer import keys_of_jwks


def issuer_keys(jwks_file: Path | None, own: Sequence[SigningKey]) -> Callable[[], Mapping[str, Any]]:
    """Return what gives the issuer's keys by kid; a JWKS file is read anew whenever it changes."""
    if jwks_file is None:
        keys = {key.kid: key.public.point for key in own}
        return lambda: keys
    return _JwksFile(jwks_file)


class _JwksFile:
    def __init__(self, path: Path) -> None:
        self._path, self._changed_ns = path, 0
        self._keys: Mapping[str, Any] = {}

    def __call__(self) -> Mapping[str, Any]:
        changed_ns = self._path.stat().st_mtime_ns
        if changed_ns != self._changed_ns:
            self._keys = keys_of_jwks(json.loads(self._path.read_bytes()))
            self._changed_ns = changed_ns
        return self._keys
