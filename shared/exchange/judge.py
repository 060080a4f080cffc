"""Judging SETs one by one: form, key, signature, schema and permission of each, without any database.

The signatures of a batch are checked in two threads, half each: ``cryptography`` releases the interpreter lock.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.catalogue import UnknownCode
from shared.domain.errors import DomainError
from shared.domain.events.types import SetNotPermitted, require_permitted
from shared.domain.institutions import kind_of
from shared.domain.token import is_token
from shared.exchange import jose
from shared.exchange.keys import FindsKeys, PublicKey
from shared.exchange.sets import (
    SecurityEvent,
    SetSignatureWrong,
    parse_set,
    read_event,
    set_hash,
)

_WORTH_A_THREAD = 16


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one SET is: an event, or the reason why it is none; ``unknown_key`` names issuer and kid.

    ``received_at`` is when the broker received it, in Unix seconds, where it was not now.
    """

    hash: bytes
    text: str
    event: SecurityEvent | None = None
    failure: DomainError | None = None
    iss: str = ""
    n: int | None = None
    token: str | None = None
    unknown_key: tuple[str, str] | None = None
    received_at: int | None = None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A SET of good form whose key is known; its signature and its content are still to be checked."""

    hash: bytes
    text: str
    parsed: jose.Parsed
    key: PublicKey
    iss: str
    n: int | None
    token: str | None
    received_at: int | None


def judge(text: str, federation: str, keys: FindsKeys, received_at: int | None = None) -> Verdict:
    """Judge one SET; ``received_at`` is when the broker received it, in Unix seconds: now where it is ``None``."""
    opened = _opened(text, keys, received_at)
    return opened if isinstance(opened, Verdict) else _read(opened, _signature(opened), federation)


async def judge_all(
    texts: Sequence[str],
    federation: str,
    keys: FindsKeys,
    *,
    threads: bool,
    received: Mapping[str, int | None] | None = None,
) -> list[Verdict]:
    """Judge many SETs; their signatures in two threads where it is worth it and allowed.

    ``received`` says by the text when the broker received each, in Unix seconds; what it does not name came now.

    All are opened, then all signatures are checked, then all are read: code that repeats stays in the processor's
    caches, and the two threads have nearly nothing to do for which they would need the interpreter lock.
    """
    times = received or {}
    opened = [_opened(text, keys, times.get(text)) for text in texts]
    signed = [one for one in opened if isinstance(one, _Opened)]
    half = len(signed) // 2
    if threads and len(signed) >= _WORTH_A_THREAD:
        first, second = await asyncio.gather(
            asyncio.to_thread(_signatures, signed[:half]), asyncio.to_thread(_signatures, signed[half:])
        )
        failures = iter(first + second)
    else:
        failures = iter(_signatures(signed))
    return [one if isinstance(one, Verdict) else _read(one, next(failures), federation) for one in opened]


def diagnose_set(text: str, federation: str, keys: FindsKeys) -> list[tuple[str, DomainError | None]]:
    """Return each check of a SET with what it found; after a failed one the rest is not reached."""
    opened = _opened(text, keys)
    if isinstance(opened, Verdict):
        passed: list[tuple[str, DomainError | None]] = [("form", None)] if opened.unknown_key else []
        return [*passed, ("key" if passed else "form", opened.failure)]
    passed = [("form", None), ("key", None)]
    if failure := _signature(opened):
        return [*passed, ("signature", failure)]
    passed.append(("signature", None))
    failure = _read(opened, None, federation).failure
    if failure is not None and not isinstance(failure, SetNotPermitted | UnknownCode):
        return [*passed, ("content", failure)]
    return [*passed, ("content", None), ("permission", failure)]


def _opened(text: str, keys: FindsKeys, received_at: int | None = None) -> Verdict | _Opened:
    digest = set_hash(text)
    try:
        parsed = parse_set(text)
    except DomainError as failure:
        return Verdict(digest, text, failure=failure, received_at=received_at)
    iss, iat = str(parsed.claims.get("iss"))[:32], parsed.claims.get("iat")
    n, token = _claimed_count(parsed.claims), _claimed_token(parsed.claims)
    key = keys.key_for(iss, parsed.kid, iat, received_at) if type(iat) is int else None
    if key is None:
        unknown = SetSignatureWrong("The directory has no such key of the issuer, valid at iat.", received=parsed.kid)
        return Verdict(digest, text, None, unknown, iss, n, token, (iss, parsed.kid), received_at)
    return _Opened(digest, text, parsed, key, iss, n, token, received_at)


def _signatures(opened: Sequence[_Opened]) -> list[DomainError | None]:
    return [_signature(one) for one in opened]


def _signature(opened: _Opened) -> DomainError | None:
    """Return why the signature does not hold."""
    try:
        jose.verify(opened.parsed, opened.key.point)
    except jose.BadToken as bad:
        return SetSignatureWrong(bad.detail)
    return None


def _read(opened: _Opened, failure: DomainError | None, federation: str) -> Verdict:
    """Return the verdict on a SET whose signature was checked."""
    event = None
    try:
        if failure is None:
            event = read_event(opened.parsed, opened.hash, federation)
            require_permitted(kind_of(opened.iss), event.type, event.payload)
    except DomainError as refused:
        event, failure = None, refused
    n = event.n if event else opened.n
    return Verdict(
        opened.hash, opened.text, event, failure, opened.iss, n, opened.token, received_at=opened.received_at
    )


def _claimed_count(claims: dict[str, Any]) -> int | None:
    n = claims.get("n")
    return n if type(n) is int and n > 0 else None


def _claimed_token(claims: dict[str, Any]) -> str | None:
    subject = claims.get("sub_id")
    token = subject.get("id") if isinstance(subject, dict) else None
    return token if is_token(token) else None
