"""Connections: what one may cost. Whoever sends a head or a body drop by drop, or never reads, is cut with a word.

The server's own parser bounds none of this: a head of any length, a body that never ends, thousands of pipelined
requests in one packet. Here each has a bound, and so have all connections together and those of one peer.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from shared.runtime.metrics import Metrics
from shared.runtime.problems.render import RETRY_AFTER_S

MAX_PIPELINED = 16
LINGER_S = 1.0
_REASONS = {408: b"Request Timeout", 431: b"Request Header Fields Too Large", 503: b"Service Unavailable"}


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What connections may cost; a peer is an address, so behind a proxy all are one."""

    connections: int = 8192
    per_peer: int = 1024
    head_s: float = 10.0
    head_bytes: int = 64 * 1024
    body_idle_s: float = 20.0
    body_bytes_s: int = 4096
    unread_s: float = 60.0


@dataclass
class Watch:
    """All connections of a process, counted by peer."""

    limits: ConnectionLimits
    metrics: Metrics
    peers: Counter[str] = field(default_factory=Counter)

    def enter(self, peer: str) -> bool:
        """Count a connection in; return whether there is room for it."""
        self.peers[peer] += 1
        return self.peers[peer] <= self.limits.per_peer and self.peers.total() <= self.limits.connections

    def leave(self, peer: str) -> None:
        """Count a connection out."""
        self.peers[peer] -= 1
        if not self.peers[peer]:
            del self.peers[peer]

    def note(self, cause: str) -> None:
        """Say that a connection was cut, and why; an address may be somebody's and stays out."""
        self.metrics.cut.labels(cause).inc()
        structlog.get_logger().warning("connection cut", cause=cause)


class HeadTooLarge(Exception):
    """The head of a request is larger than a head may be, or too many requests came at once."""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds on time, size and number."""

    def __init__(self, *, watch: Watch, **given: Any) -> None:
        super().__init__(**given)
        self._watch, self._limits = watch, watch.limits
        self._peer = ""
        self._head_size, self._in_head = 0, True
        self._body_began = self._body_moved = 0.0
        self._body_size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._is_cut = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or refuse one too many."""
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        if not self._watch.enter(self._peer):
            self._cut("too many connections", 503)
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._watch.leave(self._peer)
        self._stop_timers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that has no end is none."""
        if self._is_cut:
            return
        if self._in_head:
            self._head_size += len(data)
        super().data_received(data)
        if self._in_head and self._head_size > self._limits.head_bytes:
            self._cut("head too large", 431)

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be parsed; a head that is too large has a status of its own."""
        if self._head_size > self._limits.head_bytes or len(self.pipeline) >= MAX_PIPELINED:
            self._cut("head too large", 431)
        else:
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        """Begin a head; its time runs from the first byte."""
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._head_size = True, 0
            self._await_head()

    def on_headers_complete(self) -> None:
        """Begin a body."""
        self._head_size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if self._head_size > self._limits.head_bytes or len(self.pipeline) >= MAX_PIPELINED:
            raise HeadTooLarge
        super().on_headers_complete()
        self._in_head = False
        self._body_began = self._body_moved = self.loop.time()
        self._body_size = 0
        self._set_timer(self._limits.body_idle_s / 4, self._look_at_body)

    def on_body(self, body: bytes) -> None:
        """Count a body on."""
        self._body_size += len(body)
        self._body_moved = self.loop.time()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a body: what the service does from here takes as long as it takes."""
        self._set_timer(None)
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Note that the other end does not read."""
        super().pause_writing()
        self._unread = self.loop.call_later(self._limits.unread_s, self._cut, "answer not read", None)

    def resume_writing(self) -> None:
        """Note that it reads on."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _await_head(self) -> None:
        self._set_timer(self._limits.head_s, self._look_at_head)

    def _look_at_head(self) -> None:
        if self.flow.read_paused:  # it is we who do not read: earlier requests are being answered
            self._await_head()
        else:
            self._cut("head too slow", 408)

    def _look_at_body(self) -> None:
        step, now = self._limits.body_idle_s / 4, self.loop.time()
        if self.flow.read_paused:
            self._body_began += step
            self._body_moved = now
        wanted = (now - self._body_began - self._limits.body_idle_s) * self._limits.body_bytes_s
        if now - self._body_moved > self._limits.body_idle_s or self._body_size < wanted:
            self._cut("body too slow", 408)
        else:
            self._set_timer(step, self._look_at_body)

    def _set_timer(self, seconds: float | None, look: Any = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, look) if seconds is not None else None

    def _stop_timers(self) -> None:
        self._set_timer(None)
        if self._unread is not None:
            self._unread.cancel()

    def _cut(self, cause: str, status: int | None) -> None:
        """Close a connection, with a status where no answer has begun.

        Closed at once under somebody who still sends, it would take the status with it; so it lingers for a moment.
        """
        if self._is_cut or self.transport.is_closing():
            return
        self._is_cut = True
        self._stop_timers()
        self._watch.note(cause)
        if status is None:
            self.transport.abort()
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_answer(status))
        if status == 503:
            self.transport.close()
            return
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.write_eof()
        self.loop.call_later(LINGER_S, self.transport.abort)


def _answer(status: int) -> bytes:
    wait = b"retry-after: %d\r\n" % RETRY_AFTER_S if status == 503 else b""
    return b"HTTP/1.1 %d %s\r\n%scontent-length: 0\r\nconnection: close\r\n\r\n" % (status, _REASONS[status], wait)
