"""The issuer of bearer tokens: a JWKS file where the office has an issuer, else the node's own keys."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog
from jwt import PyJWTError

from shared.domain.errors import Invalid
from shared.exchange.keys import SigningKey
from shared.runtime.bearer import keys_of_jwks


def issuer_keys(jwks_file: Path | None, own: Callable[[], Sequence[SigningKey]]) -> Callable[[], Mapping[str, Any]]:
    """Return what gives the issuer's keys by kid; a JWKS file is read anew whenever it changes, as the node's keys are.

    :raises OSError: there is no such file.
    :raises NoKeySet: it holds no JWKS.
    """
    if jwks_file is None:
        return lambda: {key.kid: key.public.point for key in own()}
    return _JwksFile(jwks_file)


class NoKeySet(Invalid):
    """The file holds no JWKS."""


class _JwksFile:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._changed_ns, self._keys = self._read()

    def __call__(self) -> Mapping[str, Any]:
        """Return the keys; while the file is away or half written, those that it last held."""
        try:
            if self._path.stat().st_mtime_ns != self._changed_ns:
                self._changed_ns, self._keys = self._read()
        except (OSError, NoKeySet) as failure:
            structlog.get_logger().error("issuer's keys not read", cause=type(failure).__name__)
        return self._keys

    def _read(self) -> tuple[int, Mapping[str, Any]]:
        changed_ns = self._path.stat().st_mtime_ns
        try:
            return changed_ns, keys_of_jwks(json.loads(self._path.read_bytes()))
        except (ValueError, TypeError, AttributeError, RecursionError, PyJWTError):
            raise NoKeySet(f"{self._path} holds no JWKS.") from None
