"""The local plane: bearer JWTs of an office's own users and systems, checked against one issuer (WIRE.md).

Where an office has no issuer of its own, ``zwornik token`` signs tokens with the node's key.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from jwt import PyJWK
from jwt.types import Options

from shared.domain.errors import Forbidden, Untrusted

TOKEN_TYPE = "at+jwt"  # noqa: S105  # the name of a type, not a secret
MAX_TOKEN_BYTES = 8192
_TYPES = ("at+jwt", "application/at+jwt", "JWT", None)
LEEWAY_S = 30
MAX_HELD = 1000
_ALGORITHMS: Mapping[bool, list[str]] = {True: ["ES256"], False: ["RS256", "PS256"]}
"""By whether the key is one of an elliptic curve: the key says which algorithms there are, never the token."""

_OPTIONS: Options = {
    "require": ["exp", "iat", "iss", "aud", "sub"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}


class TokenMissing(Untrusted):
    """The call carries no bearer token."""

    problem = "token-missing"


class TokenInvalid(Untrusted):
    """The bearer token does not hold."""

    problem = "token-invalid"


class ScopeMissing(Forbidden):
    """The token lacks the scope that this takes."""

    problem = "scope-missing"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls on the local plane: a pseudonym that the office made, what they may do, and in which role."""

    subject: str
    scopes: frozenset[str]
    role: str = ""

    def require(self, scope: str) -> None:
        """Refuse a caller without a scope.

        :raises ScopeMissing: and names the scope.
        """
        self.require_one([scope])

    def require_one(self, scopes: Sequence[str]) -> None:
        """Refuse a caller who has none of some scopes.

        :raises ScopeMissing: and names the first, which is the least that is enough.
        """
        if self.scopes.isdisjoint(scopes):
            raise ScopeMissing(expected=scopes[0], received=" ".join(sorted(self.scopes))[:200])


class Time(Protocol):
    """Whatever tells the present Unix time."""

    def __call__(self) -> int:
        """Return Unix seconds."""


@dataclass
class Bearer:
    """Checks the tokens of one issuer for one service; ``keys`` returns the issuer's keys by kid.

    ``roles`` are bundles of scopes by name, for tokens whose claim ``role`` names one; an unknown role grants nothing.

    A token whose signature held is remembered, by its hash, with the key it held under; its time is checked at every
    call. So no token lies in memory, and how long a look-up takes says nothing about any.
    """

    issuer: str
    audience: str
    keys: Callable[[], Mapping[str, Any]]
    now: Time
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _held: dict[bytes, tuple[Any, dict[str, Any]]] = field(default_factory=dict)

    def principal(self, authorization: str | None) -> Principal:
        """Return who the header ``Authorization`` proves.

        :raises TokenMissing: there is no bearer token.
        :raises TokenInvalid: it is not of this issuer, not for this service, out of its time, or not signed right.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing(expected="Authorization: Bearer and a token")
        claims = self._claims(token.strip())
        self._require_in_time(claims)
        role = next((name for name in _names(claims.get("role")) if name in self.roles), "")
        scopes = frozenset(claims["scope"].split()) | self.roles.get(role, frozenset())
        return Principal(str(claims["sub"])[:100], scopes, role)

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN_BYTES:
            raise TokenInvalid("The token is too long.")
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        key, claims = self._held.get(digest, (None, {}))
        if key is not None and any(key is known for known in self.keys().values()):
            return claims
        key, claims = self._verified(token)
        if len(self._held) >= MAX_HELD:
            self._held.clear()
        self._held[digest] = (key, claims)
        return claims

    def _verified(self, token: str) -> tuple[Any, dict[str, Any]]:
        try:
            header = jwt.get_unverified_header(token)
            key = self.keys().get(str(header.get("kid")))
            if key is None or header.get("typ") not in _TYPES:
                raise TokenInvalid("The key of the token is unknown here, or it is another kind of token.")
            algorithms = _ALGORITHMS[isinstance(key, EllipticCurvePublicKey)]
            claims: dict[str, Any] = jwt.decode(
                token, key, algorithms=algorithms, audience=self.audience, issuer=self.issuer, options=_OPTIONS
            )
        except jwt.PyJWTError as failure:
            raise TokenInvalid(_said(failure)) from None
        if not isinstance(claims.setdefault("scope", ""), str):
            raise TokenInvalid("The claim scope is a string of names parted by spaces.")
        return key, claims

    def _require_in_time(self, claims: Mapping[str, Any]) -> None:
        now = self.now()
        if not all(isinstance(claims[name], int) for name in ("exp", "iat")):
            raise TokenInvalid("exp and iat are Unix seconds.")
        begins = max(claims["iat"], claims.get("nbf", 0) if isinstance(claims.get("nbf"), int) else 0)
        if claims["exp"] + LEEWAY_S < now or begins - LEEWAY_S > now:
            said = f"exp at least {now - LEEWAY_S}, iat and nbf at most {now + LEEWAY_S}"
            times = {name: claims[name] for name in ("iat", "nbf", "exp") if name in claims}
            received = ", ".join(f"{name} {time}" for name, time in times.items())
            skew = claims["iat"] - now
            raise TokenInvalid(
                "The token is out of its time.", expected=said, received=received[:100], clock_skew_s=skew
            )


def issue_token(
    key: tuple[str, EllipticCurvePrivateKey],
    *,
    issuer: str,
    subject: str,
    scopes: Iterable[str],
    iat: int,
    ttl_s: int,
    role: str = "",
) -> str:
    """Return a bearer token for the service of the same name, signed with its own key (kid and private key)."""
    kid, private = key
    claims = {"iss": issuer, "aud": issuer, "sub": subject, "scope": " ".join(scopes), "iat": iat, "exp": iat + ttl_s}
    claims |= {"role": role} if role else {}
    return jwt.encode(claims, private, algorithm="ES256", headers={"kid": kid, "typ": TOKEN_TYPE})


def keys_of_jwks(jwks: Mapping[str, Any]) -> dict[str, Any]:
    """Return the signing keys of a JWKS by kid; keys of other kinds are passed over."""
    keys = {}
    for jwk in jwks.get("keys", []):
        if jwk.get("kid") and jwk.get("use", "sig") == "sig" and jwk.get("kty") in ("EC", "RSA"):
            keys[str(jwk["kid"])] = PyJWK(jwk).key
    return keys


def _names(claim: object) -> list[str]:
    """Return the roles that a token names: one name, names parted by spaces, or a list of them."""
    if isinstance(claim, str):
        return claim.split()
    return [name for name in claim if isinstance(name, str)] if isinstance(claim, list) else []


def _said(failure: Exception) -> str:
    reasons = {
        "InvalidSignatureError": "The signature of the token does not hold.",
        "InvalidAudienceError": "The token is meant for another service.",
        "InvalidIssuerError": "The token is of another issuer.",
        "MissingRequiredClaimError": "The token lacks one of exp, iat, iss, aud and sub.",
        "InvalidAlgorithmError": "The token is signed with another algorithm.",
    }
    return reasons.get(type(failure).__name__, "The token is not a well-formed JWT.")
