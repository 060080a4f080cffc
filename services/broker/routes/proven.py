"""The federation plane: who calls is proven by the call itself, and every answer is proven in return."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.broker.node import Broker
from services.broker.operations.directory import reload
from shared.domain.institutions import BROKER
from shared.exchange.proofs.problems import (
    IssuerUnknown,
    ProofMalformed,
    ProofMissing,
    ProofReplayed,
    ProofUnknownKey,
)
from shared.exchange.proofs.request import (
    HEADER,
    MAX_PROOF_BYTES,
    READ_CLAIMS,
    Call,
    Proof,
    check_request,
    is_of_this_call,
)
from shared.exchange.proofs.response import sign_response
from shared.runtime.clock import unix

_PROOF = APIKeyHeader(
    name=HEADER,
    scheme_name="proof",
    auto_error=False,
    description="One signed token per call: a JWT of typ zwornik-request+jwt, bound to method, target and content.",
)
REPLAY_WINDOW_S = 200
_PROVEN = "proven"
RELOAD_PAUSE_S = 1.0
MAX_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Caller:
    """The institution that proved a call, its proof, and what it says of a read of a person."""

    institution: str
    jti: str
    proof: str
    reading: Mapping[str, str] = field(default_factory=dict)


class Admits(Protocol):
    """Whatever decides who calls; the product has one, a benchmark may measure without."""

    async def admit(self, request: Request) -> Caller:
        """Return who calls."""


@dataclass
class ProofGate:
    """Admits callers by their proof."""

    broker: Broker
    _seen: dict[tuple[str, str], float] = field(default_factory=dict)
    _reloaded: float = -1e9

    async def admit(self, request: Request) -> Caller:
        """Return who calls.

        :raises Untrusted: a check fails; each has its own problem.
        """
        token = request.headers.get(HEADER)
        if not token:
            raise ProofMissing(expected=f"the header {HEADER}")
        call = Call(
            method=request.method,
            target=target_of(request.scope, self.broker.settings.base_path),
            body=await request.body(),
            aud=BROKER,
            now=unix(self.broker.now),
        )
        proof = await self._checked(token, call)
        request.scope["state"][_PROVEN] = (proof.iss, proof.jti)
        reading = {name: str(proof.claims[name]) for name in READ_CLAIMS if proof.claims.get(name)}
        return Caller(proof.iss, proof.jti, token, reading)

    def use_once(self, caller: Caller) -> None:
        """Refuse a proof that this process has seen within its window.

        :raises ProofReplayed: it has.
        """
        now, key = self.broker.clock.monotonic(), (caller.institution, caller.jti)
        if self._seen.get(key, 0) > now:
            raise ProofReplayed(expected="a new jti", received=caller.jti)
        if len(self._seen) >= MAX_REMEMBERED:
            self._seen = {one: ends for one, ends in self._seen.items() if ends > now}
        self._seen[key] = now + REPLAY_WINDOW_S

    async def _checked(self, token: str, call: Call) -> Proof:
        try:
            return check_request(token, call, self.broker.directory)
        except (ProofUnknownKey, IssuerUnknown):
            now = self.broker.clock.monotonic()
            if now - self._reloaded < RELOAD_PAUSE_S:
                raise
            self._reloaded = now
            await reload(self.broker)  # another replica may have published a newer directory
            return check_request(token, call, self.broker.directory)


def target_of(scope: Scope, base_path: str) -> str:
    """Return path and query of a request exactly as sent, from the public base path on."""
    query = scope.get("query_string", b"").decode("latin-1")
    path = base_path + scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    return f"{path}?{query}" if query else path


async def _member(request: Request, _: Annotated[str | None, Security(_PROOF)]) -> Caller:
    gate: Admits = request.app.state.gate
    return await gate.admit(request)


async def _reader(request: Request, caller: Annotated[Caller, Depends(_member)]) -> Caller:
    gate = request.app.state.gate
    if isinstance(gate, ProofGate):
        require_reading(caller)
        gate.use_once(caller)
    return caller


def require_reading(caller: Caller) -> None:
    """Refuse a read of a person without saying why, on what legal basis, by whom and in which case.

    :raises ProofMalformed: one of the four is missing; ``field`` names it.
    """
    for name in READ_CLAIMS:
        if name not in caller.reading:
            raise ProofMalformed("A read of a person names purpose, legal_basis, actor and case.", field=name)


Member = Annotated[Caller, Depends(_member)]
"""The institution that calls; for stream calls, which are idempotent by position."""

Reader = Annotated[Caller, Depends(_reader)]
"""The institution that reads a person, under a proof that says why and that this process has not seen before."""


class SignedAnswers:
    """ASGI middleware: whoever proved to make this very call gets an answer with a proof (docs/decisions/0044)."""

    def __init__(self, app: ASGIApp, broker: Broker) -> None:
        self.app, self.broker = app, broker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; hold the answer back until it is signed."""
        token = _proof_of(scope) if scope["type"] == "http" else None
        if token is None:
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        await self.app(scope, receive, self._signing(scope, token, send))

    def _signing(self, scope: Scope, token: str, send: Send) -> Callable[[Message], Awaitable[None]]:
        start: Message = {}
        body = bytearray()

        async def sign_and_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            if asked := scope["state"].get(_PROVEN) or self._asked(scope, token):
                MutableHeaders(scope=start)[HEADER] = self._signed(asked, start["status"], bytes(body))
            await send(start)
            await send({"type": "http.response.body", "body": bytes(body)})

        return sign_and_send

    def _signed(self, asked: tuple[str, str], status: int, body: bytes) -> str:
        iss, jti = asked
        now = unix(self.broker.now)
        return sign_response(self.broker.key, iss=BROKER, aud=iss, now=now, req_jti=jti, status=status, body=body)

    def _asked(self, scope: Scope, token: str) -> tuple[str, str] | None:
        """Return issuer and id of a proof that nobody admitted: it may have run out, or nothing stands at its path."""
        target = target_of(scope, self.broker.settings.base_path)
        call = Call(method=scope["method"], target=target, body=b"", aud=BROKER, now=unix(self.broker.now))
        proof = is_of_this_call(token, call, self.broker.directory)
        return (proof.iss, proof.jti) if proof else None


def _proof_of(scope: Scope) -> str | None:
    token = next((value for name, value in scope["headers"] if name == b"zwornik-proof"), b"")
    return token.decode("ascii") if token.isascii() and 0 < len(token) <= MAX_PROOF_BYTES else None
