"""The wire in front of the kit's broker: hears each call of the node, and answers falsely when a case wants it to."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.domain.institutions import BROKER
from shared.domain.strict_json import strict_json
from shared.exchange import jose
from shared.exchange.keys import SigningKey
from shared.exchange.proofs.request import HEADER, MAX_PROOF_BYTES, REQUEST_TYPE
from shared.exchange.proofs.response import sign_response
from shared.runtime.clock import Clock, unix
from shared.runtime.problems.catalogue import URN


@dataclass(frozen=True, slots=True)
class Heard:
    """A call as it came; ``claims`` are those of its proof, ``at`` is seconds of the monotonic clock."""

    method: str
    path: str
    body: bytes
    claims: dict[str, Any]
    at: float

    @property
    def iss(self) -> str:
        """Return who says to call."""
        return str(self.claims.get("iss", ""))

    @property
    def json(self) -> Any:
        """Return the JSON of the body; empty where it is none."""
        try:
            return strict_json(self.body)
        except ValueError:
            return {}

    def is_push(self) -> bool:
        """Tell whether the caller pushes its own stream."""
        return self.method == "POST" and self.path == f"/v1/streams/{self.iss}/sets"

    def is_poll(self) -> bool:
        """Tell whether the caller polls its own mailbox."""
        return self.method == "POST" and self.path == f"/v1/streams/{self.iss}/poll"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes out."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """Return the JSON of the answer."""
        return json.loads(self.body or b"null")


@dataclass(slots=True)
class Exchange:
    """A call and, once there is one, its answer: a poll may wait long for it."""

    heard: Heard
    reply: Reply | None = None

    @property
    def status(self) -> int:
        """Return the status of the answer; 0 while there is none."""
        return self.reply.status if self.reply else 0


@dataclass
class Wire:
    """An ASGI app before the broker's. ``before`` may answer in its place, ``after`` may change what it answered."""

    app: ASGIApp
    key: SigningKey
    clock: Clock
    exchanges: list[Exchange] = field(default_factory=list)
    before: Callable[[Heard], Reply | None] = lambda heard: None
    after: Callable[[Heard, Reply], Reply] = lambda heard, reply: reply

    def mend(self) -> None:
        """Carry everything as it is again."""
        self.before, self.after = lambda heard: None, lambda heard, reply: reply

    def of(self, iss: str, since: int = 0) -> list[Exchange]:
        """Return the calls of one institution, from a number on."""
        return [one for one in self.exchanges[since:] if one.heard.iss == iss]

    def signed(self, heard: Heard, reply: Reply) -> Reply:
        """Return an answer under a proof of the broker's that holds."""
        facts: dict[str, Any] = {"iss": BROKER, "aud": heard.iss, "now": unix(self.clock.now())}
        facts |= {"req_jti": str(heard.claims.get("jti")), "status": reply.status, "body": reply.body}
        return replace(reply, headers=reply.headers | {HEADER.lower(): sign_response(self.key, **facts)})

    def problem(self, heard: Heard, status: int, name: str, **members: Any) -> Reply:
        """Return a refusal under a proof that holds; ``retry_after_s`` says how long to wait."""
        headers = {"content-type": "application/problem+json"}
        if "retry_after_s" in members:
            headers["retry-after"] = str(members.pop("retry_after_s"))
        said = {"type": URN + name, "title": name, "status": status, "detail": "The conformance kit says so."}
        return self.signed(heard, Reply(status, json.dumps(said | members).encode(), headers))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call to the broker, and its answer back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        heard = Heard(scope["method"], scope["path"], await _body(receive), _claims(scope), self.clock.monotonic())
        exchange = Exchange(heard)
        self.exchanges.append(exchange)
        reply = self.before(heard)
        if reply is None:
            answer = await _answer(self.app, scope, heard.body, receive)
            reply = self.after(heard, answer)  # the case of now decides, not that of when the call came
        exchange.reply = reply
        length = {"content-length": str(len(reply.body))} if reply.body else {}
        headers = [(name.encode(), value.encode("latin-1")) for name, value in (reply.headers | length).items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


async def _body(receive: Receive) -> bytes:
    body, more = bytearray(), True
    while more:
        message = await receive()
        body.extend(message.get("body", b""))
        more = message.get("more_body", False)
    return bytes(body)


async def _answer(app: ASGIApp, scope: Scope, body: bytes, receive: Receive) -> Reply:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    start: Message = {}
    answered = bytearray()

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        answered.extend(message.get("body", b""))

    await app(scope, again, keep)
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Reply(start["status"], bytes(answered), headers)


def _claims(scope: Scope) -> dict[str, Any]:
    proof = next((value for name, value in scope["headers"] if name == HEADER.lower().encode()), b"")
    try:
        return jose.parse(proof.decode("ascii", "replace"), REQUEST_TYPE, max_bytes=MAX_PROOF_BYTES).claims
    except jose.BadToken:
        return {}
