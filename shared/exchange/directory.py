"""The directory (*katalog instytucji*): who takes part, under which keys; signed by the broker, kept by every member.

Members pin the broker's thumbprint, refuse a lower serial, and go on with the last good directory for 72 hours after
it ran out, to verify stored SETs, so that a broker outage stops nobody (WIRE.md, section 1).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from shared.domain.desks import Desk, known_desks
from shared.domain.errors import Conflict, Untrusted
from shared.domain.institutions import BROKER, is_gmina, is_institution_id, kind_of
from shared.exchange import jose
from shared.exchange.keys import MalformedKey, PublicKey, SigningKey

DIRECTORY_TYPE = "zwornik-directory+jwt"
KEY_TYPE = "zwornik-key+jwt"
VALID_S = 24 * 3600
GRACE_S = 72 * 3600
MAX_DIRECTORY_BYTES = 16 * 1024 * 1024

State = Literal["pending", "active", "suspended", "retired"]


class UntrustedDirectory(Untrusted):
    """The directory is not signed by the pinned broker, or does not follow the last one."""


class MatchKeyMismatch(Conflict):
    """The institution works with another match key than the federation: its tokens would never meet the others'."""

    problem = "match-key-mismatch"


def require_match_key(expected: str | None, received: str) -> None:
    """Refuse another match key, by its fingerprint.

    :raises MatchKeyMismatch: it is not the one expected.
    """
    if expected is not None and received != expected:
        raise MatchKeyMismatch(expected=expected, received=received[:16])


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A key of a member with its validity in Unix seconds."""

    key: PublicKey
    valid_from: int
    valid_until: int

    def valid_at(self, moment: int) -> bool:
        """Tell whether the key may sign at a moment."""
        return self.valid_from <= moment <= self.valid_until

    def to_json(self) -> dict[str, Any]:
        """Return the member's JWK with its validity."""
        return self.key.jwk() | {
            "kid": self.key.kid,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until,
        }

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """Read a JWK with its validity.

        :raises MalformedKey: it is none, or its kid is not its thumbprint.
        """
        key = PublicKey.from_jwk(members)
        valid_from, valid_until = members.get("valid_from"), members.get("valid_until")
        if type(valid_from) is not int or type(valid_until) is not int or members.get("kid") != key.kid:
            raise MalformedKey("The key lacks its validity, or its kid is not its thumbprint.")
        return cls(key, valid_from, valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An institution (or the broker) as the directory shows it; ``area`` is TERC codes of gminas."""

    id: str
    kind: str
    name: str
    area: tuple[str, ...]
    state: State
    contact: str
    keys: tuple[MemberKey, ...]
    desks: tuple[Desk, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the member as JSON."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "area": list(self.area),
            "state": self.state,
            "contact": self.contact,
            "keys": [key.to_json() for key in self.keys],
        } | ({"desks": [desk.to_json() for desk in self.desks]} if self.desks else {})

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Self:
        """Read a member.

        :raises UntrustedDirectory: it is not of its form.
        """
        area, keys = members.get("area"), members.get("keys")
        known = members.get("id") == BROKER or is_institution_id(members.get("id"))
        if not known or not isinstance(area, list) or not all(is_gmina(code) for code in area):
            raise UntrustedDirectory("A member of the directory is not of its form.")
        if not isinstance(keys, list) or members.get("state") not in ("pending", "active", "suspended", "retired"):
            raise UntrustedDirectory("A member of the directory is not of its form.")
        return cls(
            id=members["id"],
            kind=kind_of(members["id"]),
            name=str(members.get("name", "")),
            area=tuple(area),
            state=members["state"],
            contact=str(members.get("contact", "")),
            keys=tuple(MemberKey.from_json(key) for key in keys),
            desks=known_desks(members.get("desks")),
        )


class Directory:
    """All members at one moment; answers which key of whom was valid when."""

    def __init__(
        self,
        *,
        serial: int,
        federation: str,
        key_fingerprint: str | None,
        members: Iterable[Member],
        retired_keys: Iterable[tuple[str, MemberKey]] = (),
        previous: str | None = None,
    ) -> None:
        self.serial = serial
        self.federation = federation
        self.key_fingerprint = key_fingerprint
        self.previous = previous
        self.members: dict[str, Member] = {member.id: member for member in members}
        self._keys = {(iss, key.key.kid): key for iss, key in retired_keys}
        self._keys.update({(member.id, key.key.kid): key for member in self.members.values() for key in member.keys})

    @property
    def valid_until(self) -> int:
        """Return when the directory runs out, in Unix seconds."""
        return self.serial + VALID_S

    def key_for(self, iss: str, kid: str, at: int) -> PublicKey | None:
        """Return the key of ``iss`` under ``kid`` if it was valid at a Unix time."""
        found = self._keys.get((iss, kid))
        return found.key if found is not None and found.valid_at(at) else None

    def knows_key(self, iss: str, kid: str) -> bool:
        """Tell whether the key is known at all, valid or not."""
        return (iss, kid) in self._keys

    def is_active(self, iss: str) -> bool:
        """Tell whether an institution takes part now."""
        member = self.members.get(iss)
        return member is not None and member.state == "active"

    def sign(self, key: SigningKey) -> str:
        """Return the directory as the broker publishes it."""
        claims = {
            "iss": BROKER,
            "federation": self.federation,
            "iat": self.serial,
            "serial": self.serial,
            "valid_until": self.valid_until,
            "match_key_fingerprint": self.key_fingerprint,
            "previous": self.previous,
            "institutions": [member.to_json() for member in self.members.values()],
        }
        return key.sign(DIRECTORY_TYPE, claims)

    def with_retired(self, retired_keys: Iterable[tuple[str, MemberKey]]) -> "Directory":
        """Return the same directory that knows some retired keys too."""
        return Directory(
            serial=self.serial,
            federation=self.federation,
            key_fingerprint=self.key_fingerprint,
            members=self.members.values(),
            retired_keys=retired_keys,
            previous=self.previous,
        )


def directory_hash(token: str) -> str:
    """Return the hash by which the next directory names this one."""
    return jose.encode(hashlib.sha256(token.encode()).digest())


def open_directory(token: str, *, pinned: str, federation: str, lowest_serial: int = 0) -> Directory:
    """Read a directory that the pinned broker signed.

    :raises UntrustedDirectory: another signer or federation, a lower serial, or content that is not of its form.
    """
    try:
        parsed = jose.parse(token, DIRECTORY_TYPE, max_bytes=MAX_DIRECTORY_BYTES)
        claims = parsed.claims
        members = [Member.from_json(member) for member in claims.get("institutions", [])]
        broker = next((member for member in members if member.id == BROKER), None)
        keys = {key.key.kid: key for key in broker.keys} if broker else {}
        if parsed.kid != pinned or pinned not in keys:
            raise UntrustedDirectory("The directory is not signed by the pinned key.", expected=pinned)
        jose.verify(parsed, keys[pinned].key.point)
    except (jose.BadToken, MalformedKey, TypeError, AttributeError) as bad:
        raise UntrustedDirectory(getattr(bad, "detail", None)) from None
    serial = claims.get("serial")
    if type(serial) is not int or serial < lowest_serial:
        raise UntrustedDirectory("The directory is older than the one before.", expected=lowest_serial)
    if claims.get("federation") != federation or claims.get("iss") != BROKER:
        raise UntrustedDirectory("The directory is of another federation.", expected=federation)
    return Directory(
        serial=serial,
        federation=federation,
        key_fingerprint=claims.get("match_key_fingerprint"),
        members=members,
        previous=claims.get("previous"),
    )


def sign_key_statement(broker: SigningKey, iss: str, key: MemberKey, now: int) -> str:
    """Return the broker's signed word on one key of an institution, listed or retired."""
    claims = {"iss": BROKER, "iat": now, "institution": iss, "key": key.to_json()}
    return broker.sign(KEY_TYPE, claims)


def open_key_statement(token: str, *, iss: str, kid: str, directory: Directory) -> MemberKey:
    """Read the broker's word on the key ``kid`` of ``iss``.

    :raises UntrustedDirectory: not signed by the broker, or about another key.
    """
    try:
        parsed = jose.parse(token, KEY_TYPE, max_bytes=4096)
        broker = directory.key_for(BROKER, parsed.kid, directory.serial)
        key = MemberKey.from_json(parsed.claims.get("key", {}))
        if broker is None or parsed.claims.get("institution") != iss or key.key.kid != kid:
            raise UntrustedDirectory("The statement is about another key, or not the broker's.")
        jose.verify(parsed, broker.point)
    except (jose.BadToken, MalformedKey, TypeError, AttributeError) as bad:
        raise UntrustedDirectory(getattr(bad, "detail", None)) from None
    return key
