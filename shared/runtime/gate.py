"""The gate every request passes: an id, a bounded body, a media type, one log line and one metric, no failure outside.

Logged is the template of the route, never the path: a path may hold what somebody mistook for an id.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.domain.pesel import holds_a_pesel
from shared.runtime.clock import Clock
from shared.runtime.ids import Ids
from shared.runtime.metrics import Metrics
from shared.runtime.problems.handlers import Named, response, unexpected

MAX_BODY_BYTES = 1024 * 1024
MAX_HELD_BYTES = 256 * 1024 * 1024
"""Bytes of all bodies that a process holds at once; whoever brings more is told to come again."""

GONE = 499
"""The status in log and metrics of a request whose caller left, or was cut, before it was answered."""

_REQUEST_ID = re.compile(r"[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}(\1[0-9a-fA-F]{4}){2}\1[0-9a-fA-F]{12}")
"""A UUID or a trace id: it is logged, so nothing that could spell a name is taken over."""

_MEDIA_TYPE = re.compile(r"(application|audio|font|image|message|model|multipart|text|video)/[a-z0-9.+-]{1,40}")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)


@dataclass(frozen=True, slots=True)
class Bodies:
    """What bodies a path takes."""

    max_bytes: int = MAX_BODY_BYTES
    media_types: tuple[str, ...] = ("application/json",)


_JSON = Bodies()
NO_UPLOADS: Mapping[str, Bodies] = MappingProxyType({})


class Gate:
    """ASGI middleware; the outermost one of our own. ``uploads`` are paths that take other bodies than short JSON."""

    def __init__(
        self, app: ASGIApp, *, clock: Clock, ids: Ids, metrics: Metrics, uploads: Mapping[str, Bodies] = NO_UPLOADS
    ) -> None:
        self.app, self.clock, self.ids, self.metrics = app, clock, ids, metrics
        self.uploads = uploads
        self.held_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        bodies = self.uploads.get(scope["path"], _JSON)
        request = _Request(self, scope, receive, send, bodies.max_bytes)
        started = self.clock.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)
        try:
            refusal = _refusal(request, scope["method"], bodies)
            await (refusal or self.app)(scope, request.receive, request.send)
        except ClientDisconnect:
            request.status = request.status or GONE
        except Exception as error:
            answer = unexpected(error, request.id)
            if request.status is None:
                await answer(scope, request.receive, request.send)
        finally:
            self.held_bytes -= request.held
            self._note(scope, request.status or 500, self.clock.monotonic() - started)

    def request_id(self, scope: Scope) -> str:
        """Return the id that the caller gave, where it is one, or a new one."""
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        return given if _REQUEST_ID.fullmatch(given) and not holds_a_pesel(given) else self.ids.uuid7()

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.requests.labels(method, route, status).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        log = structlog.get_logger()
        say = log.warning if status >= 500 else log.info
        say("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


class _Request:
    """One request on its way through the gate."""

    def __init__(self, gate: Gate, scope: Scope, receive: Receive, send: Send, max_bytes: int) -> None:
        self.gate, self.id, self.max_bytes = gate, gate.request_id(scope), max_bytes
        self.headers = {name: value for name, value in scope["headers"] if name in (b"content-length", b"content-type")}
        self.chunked = any(name == b"transfer-encoding" for name, _ in scope["headers"])
        self.status: int | None = None
        self._receive, self._send, self._size = receive, send, 0
        self.held = 0
        scope.setdefault("state", {})["request_id"] = self.id

    async def receive(self) -> Message:
        """Count the body."""
        message = await self._receive()
        size = len(message.get("body", b""))
        self._size += size
        if self._size > self.max_bytes:
            raise HTTPException(413)
        if self.max_bytes <= MAX_BODY_BYTES:  # longer ones are read piece by piece and held by nobody
            self.held += size
            self.gate.held_bytes += size
            if self.gate.held_bytes > MAX_HELD_BYTES:
                raise HTTPException(503)
        return message

    async def send(self, message: Message) -> None:
        """Note the status and add our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": [*message.get("headers", []), *_HEADERS, _id_header(self.id)]}
        await self._send(message)


def _id_header(request_id: str) -> tuple[bytes, bytes]:
    return b"x-request-id", request_id.encode()


def _refusal(request: _Request, method: str, bodies: Bodies) -> Any:
    headers, length = request.headers, request.headers.get(b"content-length", b"0")
    if length.isdigit() and int(length[:20]) > bodies.max_bytes:
        said = f"The body is larger than {bodies.max_bytes // MAX_BODY_BYTES} MiB."
        return response(Named("body-too-large", said, expected=bodies.max_bytes))
    content_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if method in _WITH_BODY and (length != b"0" or request.chunked):
        named = content_type.decode("latin-1")
        if named not in bodies.media_types:
            received = named if _MEDIA_TYPE.fullmatch(named) else None
            taken = " or ".join(bodies.media_types)
            said = "Send JSON." if bodies is _JSON else f"Send {taken}."
            return response(Named("media-type", said, expected=taken, received=received))
    return None
