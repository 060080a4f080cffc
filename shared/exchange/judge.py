"""Judging SETs one by one: form, key, signature, schema and permission of each, without any database.

A batch is judged in two threads, half each: ``cryptography`` releases the interpreter lock while it verifies.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import DomainError
from shared.domain.events.types import require_permitted
from shared.domain.institutions import kind_of
from shared.domain.token import is_token
from shared.exchange import jose
from shared.exchange.keys import FindsKeys
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
    """What one SET is: an event, or the reason why it is none; ``unknown_key`` names issuer and kid."""

    hash: bytes
    text: str
    event: SecurityEvent | None = None
    failure: DomainError | None = None
    iss: str = ""
    n: int | None = None
    token: str | None = None
    unknown_key: tuple[str, str] | None = None


def judge(text: str, federation: str, keys: FindsKeys) -> Verdict:
    """Judge one SET."""
    digest = set_hash(text)
    try:
        parsed = parse_set(text)
    except DomainError as failure:
        return Verdict(digest, text, failure=failure)
    iss, iat = str(parsed.claims.get("iss"))[:32], parsed.claims.get("iat")
    n, token = _claimed_count(parsed.claims), _claimed_token(parsed.claims)
    key = keys.key_for(iss, parsed.kid, iat) if type(iat) is int else None
    if key is None:
        unknown = SetSignatureWrong("The directory has no such key of the issuer, valid at iat.", received=parsed.kid)
        return Verdict(digest, text, failure=unknown, iss=iss, n=n, token=token, unknown_key=(iss, parsed.kid))
    try:
        jose.verify(parsed, key.point)
        event = read_event(parsed, digest, federation)
        require_permitted(kind_of(iss), event.type, event.payload)
    except jose.BadToken as bad:
        return Verdict(digest, text, failure=SetSignatureWrong(bad.detail), iss=iss, n=n, token=token)
    except DomainError as failure:
        return Verdict(digest, text, failure=failure, iss=iss, n=n, token=token)
    return Verdict(digest, text, event=event, iss=iss, n=event.n, token=token)


def _claimed_count(claims: dict[str, Any]) -> int | None:
    n = claims.get("n")
    return n if type(n) is int and n > 0 else None


def _claimed_token(claims: dict[str, Any]) -> str | None:
    subject = claims.get("sub_id")
    token = subject.get("id") if isinstance(subject, dict) else None
    return token if is_token(token) else None


async def judge_all(texts: Sequence[str], federation: str, keys: FindsKeys, *, threads: bool) -> list[Verdict]:
    """Judge many SETs; in two threads where it is worth it and allowed."""
    if not threads or len(texts) < _WORTH_A_THREAD:
        return _judge_some(texts, federation, keys)
    half = len(texts) // 2
    first, second = await asyncio.gather(
        asyncio.to_thread(_judge_some, texts[:half], federation, keys),
        asyncio.to_thread(_judge_some, texts[half:], federation, keys),
    )
    return first + second


def _judge_some(texts: Sequence[str], federation: str, keys: FindsKeys) -> list[Verdict]:
    return [judge(text, federation, keys) for text in texts]
