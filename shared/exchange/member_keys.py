"""A member's key (*klucz uczestnika*): valid from when to when, introduced by whom, and secret until when.

A new key is introduced by the one before it: the old key signs the thumbprint of the new one. So whoever knows the old
key knows that its owner made the new one, and need not take the broker's word for it (WIRE.md, section 1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from shared.exchange import jose
from shared.exchange.keys import MalformedKey, PublicKey, SigningKey

INTRODUCTION_TYPE = "zwornik-introduction+jwt"
MAX_INTRODUCTION_BYTES = 1024


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A key of a member with its validity in Unix seconds.

    ``introduction`` is the word of the key before it. Of a key with ``compromised_since`` (Unix seconds) only what the
    broker received before that moment is true.
    """

    key: PublicKey
    valid_from: int
    valid_until: int
    introduction: str | None = None
    compromised_since: int | None = None

    def valid_at(self, moment: int, received_at: int | None = None) -> bool:
        """Tell whether the key may sign at a moment what the broker received then; ``None``: it receives it now."""
        if self.compromised_since is not None and (received_at is None or received_at >= self.compromised_since):
            return False
        return self.valid_from <= moment <= self.valid_until

    def to_json(self) -> dict[str, Any]:
        """Return the member's JWK with its validity."""
        told = {"introduction": self.introduction, "compromised_since": self.compromised_since}
        return (
            self.key.jwk()
            | {"kid": self.key.kid, "valid_from": self.valid_from, "valid_until": self.valid_until}
            | {name: value for name, value in told.items() if value is not None}
        )

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """Read a JWK with its validity.

        :raises MalformedKey: it is none, or its kid is not its thumbprint.
        """
        key = PublicKey.from_jwk(members)
        valid_from, valid_until = members.get("valid_from"), members.get("valid_until")
        if type(valid_from) is not int or type(valid_until) is not int or members.get("kid") != key.kid:
            raise MalformedKey("The key lacks its validity, or its kid is not its thumbprint.")
        introduction, since = members.get("introduction"), members.get("compromised_since")
        if not isinstance(introduction, str | None) or type(since) not in (int, type(None)):
            raise MalformedKey("The key has an introduction or a moment of compromise that is none.")
        return cls(key, valid_from, valid_until, introduction, since)


def sign_introduction(old: SigningKey, *, iss: str, federation: str, introduces: str, now: int) -> str:
    """Return the word of a key that another one, named by its thumbprint, follows it."""
    claims = {"iss": iss, "federation": federation, "iat": now, "introduces": introduces}
    return old.sign(INTRODUCTION_TYPE, claims)


def introducer(token: str) -> str | None:
    """Return the thumbprint of the key that an introduction names as its signer, whether it holds or not."""
    try:
        return jose.parse(token, INTRODUCTION_TYPE, max_bytes=MAX_INTRODUCTION_BYTES).kid
    except jose.BadToken:
        return None


def is_introduced(new: MemberKey, by: MemberKey, *, iss: str, federation: str) -> bool:
    """Tell whether ``by`` introduced ``new``; a key that is no longer secret introduces nothing, whenever it did."""
    if new.introduction is None or by.compromised_since is not None:
        return False
    try:
        parsed = jose.parse(new.introduction, INTRODUCTION_TYPE, max_bytes=MAX_INTRODUCTION_BYTES)
        iat = parsed.claims.get("iat")
        said = {"iss": iss, "federation": federation, "introduces": new.key.kid}
        if parsed.kid != by.key.kid or type(iat) is not int or not by.valid_at(iat):
            return False
        if any(parsed.claims.get(name) != value for name, value in said.items()):
            return False
        jose.verify(parsed, by.key.point)
    except jose.BadToken:
        return False
    return True


def followed(
    trusted: Iterable[MemberKey], listed: Iterable[MemberKey], *, iss: str, federation: str
) -> dict[str, MemberKey]:
    """Return those of the listed keys that trusted ones introduced, one after another, by thumbprint."""
    known = {key.key.kid: key for key in trusted}
    waiting = {key.key.kid: key for key in listed if key.key.kid not in known}
    found: dict[str, MemberKey] = {}
    moved = True
    while moved:
        moved = False
        for kid, key in list(waiting.items()):
            by = known.get(introducer(key.introduction or "") or "")
            if by is not None and is_introduced(key, by, iss=iss, federation=federation):
                known[kid] = found[kid] = waiting.pop(kid)
                moved = True
    return found
