"""Compact JWS under ES256, and nothing else of JOSE: strict in form, signed and verified through ``cryptography``.

A token is accepted only in one spelling: three parts of canonical base64url without padding, a header of exactly
``typ``, ``alg`` and ``kid``, JSON in UTF-8 without a member named twice, without floats, NaN, numbers beyond 2**53,
lone surrogates or more than 32 levels. Keys never come from the token (``jku``, ``x5u``, ``jwk`` are refused with every
other header member).
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from shared.domain.errors import Untrusted
from shared.domain.strict_json import strict_json

Reason = Literal["malformed", "type", "algorithm", "signature"]

_SIGNATURE_BYTES = 64
_MAX_KEPT_HEADER = 256
_SIGN = ec.ECDSA(SHA256(), deterministic_signing=True)
_VERIFY = ec.ECDSA(SHA256())
_HEADER_MEMBERS = {"alg", "kid", "typ"}


class BadToken(Untrusted):
    """The token is not what it must be."""

    def __init__(self, reason: Reason, detail: str, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Parsed:
    """A token whose form holds and whose signature is still to be checked."""

    kid: str
    payload: bytes
    claims: dict[str, Any]
    signing_input: bytes
    signature: bytes


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of canonical base64url without padding.

    :raises ValueError: padding, foreign characters, or bits left over that are not zero.
    """
    data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data


def header(typ: str, kid: str) -> str:
    """Return the encoded header of a token."""
    return encode(json.dumps({"alg": "ES256", "kid": kid, "typ": typ}, separators=(",", ":")).encode())


def sign(encoded_header: str, payload: bytes, key: ec.EllipticCurvePrivateKey) -> str:
    """Return the token; the same bytes give the same signature (RFC 6979)."""
    signing_input = f"{encoded_header}.{encode(payload)}".encode()
    r, s = decode_dss_signature(key.sign(signing_input, _SIGN))
    return f"{signing_input.decode()}.{encode(r.to_bytes(32) + s.to_bytes(32))}"


def parse(token: str, typ: str, *, max_bytes: int = 65_536) -> Parsed:
    """Read the parts of a token of one type.

    :raises BadToken: ``malformed``, ``type`` or ``algorithm``, in this order of checks after the bare form.
    """
    if len(token) > max_bytes:
        raise BadToken("malformed", f"The token is longer than {max_bytes} bytes.")
    head, _, rest = token.partition(".")
    body, _, tail = rest.partition(".")
    try:
        kid = _kid(head, typ) if len(head) <= _MAX_KEPT_HEADER else _kid.__wrapped__(head, typ)
        payload = decode(body)
        claims = strict_json(payload)
        signature = decode(tail)
    except (ValueError, binascii.Error, UnicodeError):
        raise _malformed(token) from None
    if not isinstance(claims, dict):
        raise BadToken("malformed", "The claims are no JSON object.", expected="an object")
    if token.count(".") != 2:
        raise _malformed(token)
    if len(signature) != _SIGNATURE_BYTES:
        said = "The signature is not r and s of 32 bytes each" + (", but DER." if signature[:1] == b"0" else ".")
        raise BadToken("malformed", said, expected="64 bytes", received=f"{len(signature)} bytes")
    return Parsed(kid, payload, claims, token[: len(head) + 1 + len(body)].encode(), signature)


def verify(parsed: Parsed, key: ec.EllipticCurvePublicKey) -> None:
    """Check the signature.

    With (r, s) its twin (r, n - s) holds too, as everywhere with ECDSA: a hash names the bytes, not the content alone.

    :raises BadToken: ``signature``.
    """
    r, s = int.from_bytes(parsed.signature[:32]), int.from_bytes(parsed.signature[32:])
    try:
        key.verify(encode_dss_signature(r, s), parsed.signing_input, _VERIFY)
    except (InvalidSignature, ValueError):
        raise BadToken("signature", "The signature does not fit the content and the key.") from None


@lru_cache(maxsize=1024)
def _kid(head: str, typ: str) -> str:
    """Return the kid of a header; a signer's headers of one type are all the same, so most are known already."""
    members = strict_json(decode(head))
    if not isinstance(members, dict) or not isinstance(members.get("kid"), str) or len(members["kid"]) > 64:
        raise ValueError("no header")
    if members.get("typ") != typ:
        raise BadToken("type", "The token is of another type.", expected=typ, received=_short(members.get("typ")))
    if members.get("alg") != "ES256":
        raise BadToken("algorithm", "Only ES256 is taken.", expected="ES256", received=_short(members.get("alg")))
    if members.keys() != _HEADER_MEMBERS:
        raise BadToken("malformed", "The header has members other than alg, kid and typ.")
    return str(members["kid"])


def _malformed(token: str) -> BadToken:
    """Return which of the usual mistakes made a token that cannot be read."""
    parts = token.count(".") + 1
    if parts != 3:
        return BadToken("malformed", "The token is not three parts.", expected="3 parts", received=f"{parts} parts")
    if "=" in token:
        return BadToken("malformed", "A part of the token is padded.", expected="base64url without =")
    if "+" in token or "/" in token:
        return BadToken("malformed", "A part of the token is base64, not base64url.", expected="- and _ for + and /")
    return BadToken("malformed", "The token is not three parts of canonical base64url and strict JSON.")


def _short(value: object) -> str | None:
    return value[:64] if isinstance(value, str) else None
