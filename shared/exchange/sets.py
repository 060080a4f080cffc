"""Events are Security Event Tokens (RFC 8417): signed once by their author, stored and relayed byte for byte.

A SET holds one event about one person. A *shared* event also carries ``n``, which counts the author's shared events
about that person and never restarts, and ``prev``, the hash of the one before (WIRE.md, section 4).
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import Invalid, Untrusted
from shared.domain.events import schema
from shared.domain.events.types import URN, EventType, event_type
from shared.domain.institutions import BROKER, is_institution_id
from shared.domain.pesel import holds_a_pesel
from shared.domain.token import is_token
from shared.exchange import jose
from shared.exchange.keys import SigningKey

SET_TYPE = "secevent+jwt"
MAX_SET_BYTES = 65_536
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HASH = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_WORD = re.compile(r"[!-~]*")
_PLAIN = bytes(set(range(ord("!"), ord("~") + 1)) - {ord("\\")})
"""No space, no letter beyond ASCII, and no backslash, behind which anything may hide; most SETs hold nothing else."""

_DIGITS_ALIKE = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
_ELEVEN_DIGITS = b"0" * 11


class SetTypeWrong(Untrusted):
    """The header of the SET names another type."""

    problem = "set-type"


class SetSignatureWrong(Untrusted):
    """The signature of the SET does not hold."""

    problem = "set-signature"


class SetTooLarge(Invalid):
    """The SET is larger than 64 KiB."""

    problem = "set-too-large"


class SetEquivocation(Untrusted):
    """The author signed two different SETs under one id or one count."""

    problem = "set-equivocation"


class NotShared(Invalid):
    """The SET is about a person whom author and receiver do not share."""

    problem = "not-shared"


@dataclass(frozen=True, slots=True)
class SignedSet:
    """A SET as bytes (ASCII) with what a store needs to know of it; ``received_at`` by the broker, in Unix seconds."""

    iss: str
    jti: str
    text: str
    hash: bytes
    token: str
    n: int | None = None
    received_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """What a SET says, once its form, type and payload hold."""

    iss: str
    iat: int
    jti: str
    toe: int
    txn: str
    token: str
    type: EventType
    payload: Any
    n: int | None
    prev: str | None
    hash: bytes


def set_hash(text: str) -> bytes:
    """Return SHA-256 of a SET as ASCII; of what is none, too, so that two texts never share a hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event that is still to be signed; times in Unix seconds."""

    type: EventType
    token: str
    payload: Any
    jti: str
    txn: str
    at: int
    n: int | None = None
    prev: bytes | None = None


def sign_set(key: SigningKey, iss: str, federation: str, draft: Draft) -> SignedSet:
    """Sign an event.

    :raises SetTooLarge: more than 64 KiB; nothing was signed away that could not be sent.
    """
    claims: dict[str, Any] = {
        "iss": iss,
        "aud": f"zwornik:{federation}",
        "iat": draft.at,
        "jti": draft.jti,
        "toe": draft.at,
        "txn": draft.txn,
        "sub_id": {"format": "opaque", "id": draft.token},
        "events": {URN + draft.type.name: schema.write(draft.payload)},
    }
    if draft.n is not None:
        claims["n"] = draft.n
    if draft.prev is not None:
        claims["prev"] = jose.encode(draft.prev)
    text = key.sign(SET_TYPE, claims)
    if len(text) > MAX_SET_BYTES:
        raise SetTooLarge(expected=MAX_SET_BYTES, received=len(text))
    return SignedSet(iss, draft.jti, text, set_hash(text), draft.token, draft.n)


def parse_set(text: str) -> jose.Parsed:
    """Read the form of a SET; its signature and its content are still to be checked.

    :raises SetTooLarge: more than 64 KiB.
    :raises SetTypeWrong: another ``typ``.
    :raises SetSignatureWrong: no compact ES256 token in canonical form.
    """
    if len(text) > MAX_SET_BYTES:
        raise SetTooLarge(expected=MAX_SET_BYTES, received=len(text))
    try:
        return jose.parse(text, SET_TYPE, max_bytes=MAX_SET_BYTES)
    except jose.BadToken as bad:
        wrong = SetTypeWrong if bad.reason == "type" else SetSignatureWrong
        raise wrong(bad.detail, expected=bad.expected, received=bad.received) from None


def read_event(parsed: jose.Parsed, text_hash: bytes, federation: str) -> SecurityEvent:
    """Return what a SET says.

    :raises SetSchema: a claim is missing or of another form, or a string is free text or passes as a PESEL.
    """
    claims = parsed.claims
    _require_no_free_text(parsed)
    name, members = _single_event(claims)
    type_ = event_type(name)
    iss = claims.get("iss")
    if not (iss == BROKER or is_institution_id(iss)) or claims.get("aud") != f"zwornik:{federation}":
        raise schema.SetSchema("iss or aud is not of this federation.", field="aud", expected=f"zwornik:{federation}")
    if not all(_is_time(claims.get(name)) for name in ("iat", "toe")):
        raise schema.SetSchema("iat and toe are Unix seconds.", field="iat")
    if not all(isinstance(claims.get(name), str) and _UUID.fullmatch(claims[name]) for name in ("jti", "txn")):
        raise schema.SetSchema("jti and txn are UUIDs.", field="jti")
    n, prev = _count(claims, type_)
    return SecurityEvent(
        iss=str(iss),
        iat=claims["iat"],
        jti=claims["jti"],
        toe=claims["toe"],
        txn=claims["txn"],
        token=_subject(claims, type_),
        type=type_,
        payload=schema.read(type_.shape, members),
        n=n,
        prev=prev,
        hash=text_hash,
    )


def _require_no_free_text(parsed: jose.Parsed) -> None:
    """Refuse words and personal numbers in any string, key or number, of members that this version ignores too."""
    payload = parsed.payload
    if _ELEVEN_DIGITS not in payload.translate(_DIGITS_ALIKE) and not payload.translate(None, _PLAIN):
        return  # as two searches of a regular expression would say, in a tenth of their time
    for text in _strings(parsed.claims):
        if not _WORD.fullmatch(text):
            raise schema.SetSchema("A string of the SET is free text; events hold codes, dates and ids alone.")
        if _passes_as_pesel(text):
            raise schema.SetSchema("A string of the SET passes as a PESEL; personal numbers never travel.")


def _single_event(claims: dict[str, Any]) -> tuple[str, Any]:
    events = claims.get("events")
    if not isinstance(events, dict) or len(events) != 1:
        raise schema.SetSchema("A SET holds exactly one event.", field="events")
    [(urn, members)] = events.items()
    if not urn.startswith(URN):
        raise schema.SetSchema("The event is not of this protocol.", field="events", expected=f"{URN}<type>")
    return urn.removeprefix(URN), members


def _subject(claims: dict[str, Any], type_: EventType) -> str:
    """Return the token of the person, or the id of the run of a reconciliation."""
    subject = claims.get("sub_id")
    name = subject.get("id") if isinstance(subject, dict) and subject.get("format") == "opaque" else None
    if not (isinstance(name, str) and _UUID.fullmatch(name) if type_.is_of_run else is_token(name)):
        raise schema.SetSchema("sub_id is an opaque id: a person token, or that of a run.", field="sub_id")
    return str(name)


def _count(claims: dict[str, Any], type_: EventType) -> tuple[int | None, str | None]:
    n, prev = claims.get("n"), claims.get("prev")
    if not type_.is_shared:
        return None, None
    if type(n) is not int or n < 1 or (n == 1) is not (prev is None):
        raise schema.SetSchema("A shared event carries n from 1 and, from the second on, prev.", field="n")
    if prev is not None and not (isinstance(prev, str) and _HASH.fullmatch(prev)):
        raise schema.SetSchema("prev is the hash of the SET before.", field="prev")
    return n, prev


def _is_time(value: object) -> bool:
    return type(value) is int and 0 < value < 1 << 40


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bool):
        return
    elif isinstance(value, int):
        yield str(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _passes_as_pesel(text: str) -> bool:
    opaque = _UUID.fullmatch(text) or _HASH.fullmatch(text) or is_token(text)
    return not opaque and holds_a_pesel(text)
