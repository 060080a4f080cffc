"""Signing keys: P-256, ES256, named by their RFC 7638 thumbprint, kept as PEM files of mode 0600.

>>> key = SigningKey.from_seed(b"docs")
>>> key.kid == thumbprint(key.public.jwk())
True
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from shared.domain.errors import Invalid
from shared.exchange import jose
from shared.runtime.files import read_secret, write_secret

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PRIME = bytes.fromhex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")
"""A coordinate is below it: beyond, the same point would have a second spelling and a second thumbprint."""


class MalformedKey(Invalid):
    """The key is not a public P-256 key as a JWK."""


@dataclass(frozen=True)
class PublicKey:
    """A public key under its thumbprint."""

    kid: str
    point: ec.EllipticCurvePublicKey = field(repr=False, compare=False)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> Self:
        """Read a JWK.

        :raises MalformedKey: another curve, a point off the curve, coordinates not in their one spelling.
        """
        try:
            x, y = jose.decode(jwk["x"]), jose.decode(jwk["y"])
            if (jwk["kty"], jwk["crv"], len(x), len(y)) != ("EC", "P-256", 32, 32) or max(x, y) >= _PRIME:
                raise ValueError
            point = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()).public_key()
        except (KeyError, ValueError, TypeError, AttributeError):
            raise MalformedKey(field="jwk", expected="EC, P-256, x and y of 32 bytes") from None
        return cls(thumbprint(jwk), point)

    def jwk(self) -> dict[str, str]:
        """Return the JWK with the members of RFC 7638 alone."""
        numbers = self.point.public_numbers()
        x, y = (jose.encode(value.to_bytes(32)) for value in (numbers.x, numbers.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


class FindsKeys(Protocol):
    """Whatever knows the keys of issuers."""

    def key_for(self, iss: str, kid: str, at: int, received_at: int | None = None) -> PublicKey | None:
        """Return the key of ``iss`` under ``kid`` if it was valid at a Unix time for what the broker received then."""

    def key_lasting(self, iss: str, kid: str, until: int) -> PublicKey | None:
        """Return the key of ``iss`` under ``kid`` unless it ended before a Unix time."""


@dataclass(frozen=True, eq=False)
class SigningKey:
    """A private key and what it signs with."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Derive a key from a seed: for tests, vectors and simulations alone."""
        number = int.from_bytes(hashlib.sha512(b"zwornik/test-key|" + seed).digest()) % (_ORDER - 1) + 1
        return cls(ec.derive_private_key(number, ec.SECP256R1()))

    @cached_property
    def public(self) -> PublicKey:
        """Return the public half."""
        point = self.private.public_key()
        numbers = point.public_numbers()
        x, y = (jose.encode(value.to_bytes(32)) for value in (numbers.x, numbers.y))
        return PublicKey(thumbprint({"crv": "P-256", "kty": "EC", "x": x, "y": y}), point)

    @property
    def kid(self) -> str:
        """Return the thumbprint."""
        return self.public.kid

    @cached_property
    def _headers(self) -> dict[str, str]:
        return {}

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """Return a compact token of type ``typ``: members in the order given, no spaces."""
        header = self._headers.get(typ) or self._headers.setdefault(typ, jose.header(typ, self.kid))
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        return jose.sign(header, payload, self.private)


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the RFC 7638 thumbprint: SHA-256 of the required members in order, in base64url."""
    members = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return jose.encode(hashlib.sha256(json.dumps(members, separators=(",", ":")).encode()).digest())


def save_key(directory: Path, key: SigningKey) -> Path:
    """Write a private key as ``<kid>.pem`` of mode 0600; an existing file is never overwritten."""
    path = directory / f"{key.kid}.pem"
    write_secret(path, key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


def load_keys(directory: Path) -> list[SigningKey]:
    """Return every signing key in a directory, the newest file first.

    :raises InsecureFile: others can read one of them.
    :raises MalformedKey: a file holds no P-256 key.
    """
    paths = sorted(directory.glob("*.pem"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    return [load_key(path) for path in paths]


def load_key(path: Path) -> SigningKey:
    """Return the signing key of one file.

    :raises InsecureFile: others can read it.
    :raises MalformedKey: it holds no P-256 key.
    """
    try:
        private = load_pem_private_key(read_secret(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise MalformedKey(f"{path} holds no private key in PEM without a password.") from None
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
        raise MalformedKey(f"{path} holds a key of another kind than P-256.")
    return SigningKey(private)
