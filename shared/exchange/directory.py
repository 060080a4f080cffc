"""The directory (*katalog instytucji*): who takes part, under which keys; signed by the broker, kept by every member.

Members pin the broker's thumbprint, refuse a lower serial, and go on with the last good directory for 72 hours after
it ran out, to verify stored SETs, so that a broker outage stops nobody (WIRE.md, section 1).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from shared.domain.desks import Desk, known_desks
from shared.domain.errors import Untrusted
from shared.domain.institutions import BROKER, is_gmina, is_institution_id, kind_of
from shared.exchange import jose
from shared.exchange.keys import MalformedKey, PublicKey, SigningKey
from shared.exchange.match_keys import MatchKeys
from shared.exchange.member_keys import MemberKey, followed

DIRECTORY_TYPE = "zwornik-directory+jwt"
KEY_TYPE = "zwornik-key+jwt"
VALID_S = 24 * 3600
GRACE_S = 72 * 3600
MAX_DIRECTORY_BYTES = 16 * 1024 * 1024

State = Literal["pending", "active", "suspended", "retired"]


class UntrustedDirectory(Untrusted):
    """The directory is not signed by the pinned broker, or does not follow the last one."""


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
    """All members at one moment; answers which key of whom was valid when. ``signer`` is the broker's key under it.

    ``held_back`` are keys, by issuer and kid, that none before introduced: an official is to confirm their thumbprints.
    """

    def __init__(
        self,
        *,
        serial: int,
        federation: str,
        match_keys: MatchKeys,
        members: Iterable[Member],
        retired_keys: Iterable[tuple[str, MemberKey]] = (),
        previous: str | None = None,
        signer: str | None = None,
        held_back: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.serial = serial
        self.federation = federation
        self.match_keys = match_keys
        self.previous = previous
        self.signer = signer
        self.held_back = frozenset(held_back)
        self.members: dict[str, Member] = {member.id: member for member in members}
        self._keys = {(iss, key.key.kid): key for iss, key in retired_keys}
        self._keys.update({(member.id, key.key.kid): key for member in self.members.values() for key in member.keys})

    @property
    def valid_until(self) -> int:
        """Return when the directory runs out, in Unix seconds."""
        return self.serial + VALID_S

    def key_for(self, iss: str, kid: str, at: int, received_at: int | None = None) -> PublicKey | None:
        """Return the key of ``iss`` under ``kid`` if it was valid at a Unix time for what the broker received then."""
        found = None if (iss, kid) in self.held_back else self._keys.get((iss, kid))
        return found.key if found is not None and found.valid_at(at, received_at) else None

    def key_lasting(self, iss: str, kid: str, until: int) -> PublicKey | None:
        """Return the key of ``iss`` under ``kid`` unless it ended before a Unix time."""
        found = self._keys.get((iss, kid))
        return self.key_for(iss, kid, max(until, found.valid_from)) if found is not None else None

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
            "match_key_fingerprint": self.match_keys.fingerprint,
            "previous": self.previous,
            "institutions": [member.to_json() for member in self.members.values()],
        }
        return key.sign(DIRECTORY_TYPE, claims | self.match_keys.to_claims())

    def with_retired(
        self, retired_keys: Iterable[tuple[str, MemberKey]], held_back: Iterable[tuple[str, str]] = ()
    ) -> "Directory":
        """Return the same directory that knows some retired keys too, and holds some listed ones back."""
        return Directory(
            serial=self.serial,
            federation=self.federation,
            match_keys=self.match_keys,
            members=self.members.values(),
            retired_keys=retired_keys,
            previous=self.previous,
            signer=self.signer,
            held_back=held_back,
        )


def directory_hash(token: str) -> str:
    """Return the hash by which the next directory names this one."""
    return jose.encode(hashlib.sha256(token.encode()).digest())


def open_directory(token: str, *, pinned: str, federation: str, lowest_serial: int = 0) -> Directory:
    """Read a directory that the pinned key of the broker signed, or one that followed it, introduced by the last.

    :raises UntrustedDirectory: another signer or federation, a lower serial, or content that is not of its form.
    """
    try:
        parsed = jose.parse(token, DIRECTORY_TYPE, max_bytes=MAX_DIRECTORY_BYTES)
        claims = parsed.claims
        members = [Member.from_json(member) for member in claims.get("institutions", [])]
        match_keys = MatchKeys.from_claims(claims)
        signer = _followed_pin(members, pinned, federation).get(parsed.kid)
        if signer is None:
            raise UntrustedDirectory("The directory is not signed by the pinned key.", expected=pinned)
        jose.verify(parsed, signer.key.point)
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
        match_keys=match_keys,
        members=members,
        previous=claims.get("previous"),
        signer=parsed.kid,
    )


def signer_of(token: str) -> str | None:
    """Return the thumbprint that a directory names as its signer's, whether it holds or not."""
    try:
        return jose.parse(token, DIRECTORY_TYPE, max_bytes=MAX_DIRECTORY_BYTES).kid
    except jose.BadToken:
        return None


def _followed_pin(members: Iterable[Member], pinned: str, federation: str) -> dict[str, MemberKey]:
    """Return the broker's keys that may sign for who pinned one of them: that key, and those that followed it."""
    listed = {key.key.kid: key for member in members if member.id == BROKER for key in member.keys}
    trusted = {kid: key for kid, key in listed.items() if kid == pinned}
    return trusted | followed(trusted.values(), listed.values(), iss=BROKER, federation=federation)


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
        iat = parsed.claims.get("iat")
        at = max(directory.serial, iat) if type(iat) is int else directory.serial
        broker = directory.key_for(BROKER, parsed.kid, at)
        key = MemberKey.from_json(parsed.claims.get("key", {}))
        if broker is None or parsed.claims.get("institution") != iss or key.key.kid != kid:
            raise UntrustedDirectory("The statement is about another key, or not the broker's.")
        jose.verify(parsed, broker.point)
    except (jose.BadToken, MalformedKey, TypeError, AttributeError) as bad:
        raise UntrustedDirectory(getattr(bad, "detail", None)) from None
    return key
