"""An institution that signs what a case wants, right or wrong, and reads what the broker answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.cli.conform.cases import Deviation
from shared.domain.institutions import BROKER
from shared.domain.strict_json import strict_json
from shared.exchange import jose
from shared.exchange.client.broker import BrokerClient
from shared.exchange.directory import Directory
from shared.exchange.identity import Identity
from shared.exchange.keys import SigningKey
from shared.exchange.proofs.digest import content_digest
from shared.exchange.proofs.request import HEADER, LIFETIME_S, REQUEST_TYPE
from shared.runtime.clock import unix
from shared.runtime.problems.catalogue import URN

READING = {"purpose": "casework", "legal_basis": "consent", "actor": "conformance-kit", "case": "conformance"}
_NAMES = {HEADER.lower(), "content-type", "retry-after", "etag"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the broker answered; ``jti`` is the id of the call's proof, by which the answer is bound to it."""

    status: int
    raw: bytes
    headers: Mapping[str, str]
    jti: str = ""

    @property
    def json(self) -> Any:
        """Return the JSON of the answer; ``None`` where it is none."""
        try:
            return strict_json(self.raw)
        except ValueError:
            return None

    @property
    def problem(self) -> str:
        """Return the name of the problem; empty where the answer is none."""
        body = self.json
        return str(body.get("type", "")).removeprefix(URN) if isinstance(body, dict) else ""

    def __str__(self) -> str:
        return f"{self.status} {self.problem}".rstrip()


@dataclass
class Player:
    """The institution that the kit plays against a broker."""

    identity: Identity
    client: BrokerClient
    directory: Directory
    pinned: str
    stranger: SigningKey = field(default_factory=SigningKey.generate)

    @property
    def id(self) -> str:
        """Return the id of the institution."""
        return self.identity.id

    @property
    def key(self) -> SigningKey:
        """Return the key of the institution."""
        return self.identity.keys[0]

    @property
    def now(self) -> int:
        """Return the present moment in Unix seconds."""
        return unix(self.client.clock.now())

    @property
    def next_key(self) -> SigningKey:
        """Return the key that the kit offers as a new one: in each run the same, and as secret as its first."""
        return SigningKey.from_seed(self.key.sign("zwornik-conformance", {"purpose": "second key"}).encode())

    def proof_claims(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        """Return the claims of a proof that holds."""
        return {
            "iss": self.id,
            "aud": BROKER,
            "iat": self.now,
            "exp": self.now + LIFETIME_S,
            "jti": self.client.ids.uuid7(),
            "htm": method,
            "target": self.client.base_path + path,
            "content_digest": content_digest(body),
        }

    def proof(self, claims: Mapping[str, Any], *, key: SigningKey | None = None, **header: Any) -> str:
        """Return a proof over any claims, under any header."""
        key = key or self.key
        return forged({"alg": "ES256", "kid": key.kid, "typ": REQUEST_TYPE} | header, claims, key)

    async def send(
        self, method: str, path: str, body: bytes, proof: str | None, *, jti: str = "", media: str = "application/json"
    ) -> Answer:
        """Send bytes under a proof, whatever it is worth.

        :raises Deviation: the broker says that it is busy and not for how long.
        :raises Unreachable: no answer.
        """
        headers = {HEADER: proof} if proof is not None else {}
        if body:
            headers["Content-Type"] = media
        status, raw, answered = await self.client.send(method, path, body, headers)
        answer = Answer(status, raw, {name: answered[name] for name in _NAMES if name in answered}, jti)
        if status in (429, 503) and not answer.headers.get("retry-after", "").isdigit():
            raise Deviation(f"{answer} without Retry-After in seconds")
        return answer

    async def call(self, method: str, path: str, content: Any = None, **changes: Any) -> Answer:
        """Make a call whose proof holds, but for the claims that are changed."""
        body = b"" if content is None else json.dumps(content, separators=(",", ":")).encode()
        claims = self.proof_claims(method, path, body) | changes
        return await self.send(method, path, body, self.proof(claims), jti=str(claims["jti"]))

    async def head(self, owner: str, peer: str, at: int | None = None) -> dict[str, Any]:
        """Return what the broker says of a stream."""
        answer = await self.call("GET", f"/v1/streams/{owner}/{peer}/head" + ("" if at is None else f"?at={at}"))
        found: dict[str, Any] = answer.json
        return found


def forged(header: Mapping[str, Any], claims: Mapping[str, Any], key: SigningKey) -> str:
    """Return a token under any header, with a signature that holds."""
    spelled = json.dumps(header, separators=(",", ":")).encode()
    payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
    return jose.sign(jose.encode(spelled), payload, key.private)
