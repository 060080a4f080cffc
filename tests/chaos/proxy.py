"""A proxy between the offices and the broker's replicas that carries calls, or spoils them."""

import asyncio
import random
import re
from contextlib import suppress
from dataclasses import dataclass, field

KINDS = ("refuse", "cut", "delay", "duplicate", "reorder", "truncate", "tamper", "replay")
SPOILS_EACH = 0.5
_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)\r?$")
_PROOF = re.compile(rb"(?im)^zwornik-proof: *(\S+)\r?$")
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer as it stands on the wire."""

    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        return self.head + self.body

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    def with_body(self, body: bytes) -> "Message":
        return Message(_LENGTH.sub(b"content-length: %d\r" % len(body), self.head), body)


@dataclass
class Proxy:
    """Listens on one port; each call goes to one of the replicas that answer."""

    replicas: list[int]
    dice: random.Random
    kind: str | None = None
    spoilt: int = 0
    forged_accepted: int = 0
    port: int = 0
    _seen: list[Message] = field(default_factory=list)
    _beside: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._hold, "127.0.0.1", 0, limit=1 << 22)
        self.port = server.sockets[0].getsockname()[1]
        return server

    def _hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection in a task that is held on to: the event loop alone would let it be collected."""
        self._keep(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, ValueError, asyncio.CancelledError):
            while (request := await _read(reader)) is not None:
                answer = await self._answer(request)
                if answer is None:
                    break
                writer.write(answer.raw)
                await writer.drain()
        with suppress(OSError):
            writer.close()

    async def _answer(self, request: Message) -> Message | None:
        """Return the answer to a request, or nothing where the connection breaks."""
        kind = self.kind if self.kind and self.dice.random() < SPOILS_EACH else None
        self.spoilt += kind is not None
        self._seen = [*self._seen[-_KEPT:], request]
        match kind:
            case "refuse":
                return None
            case "cut":
                await self._forward(request)
                return None
            case "delay":
                await asyncio.sleep(self.dice.uniform(0.2, 4))
            case "duplicate":
                self._later(request, 0)
            case "reorder":
                self._later(request, self.dice.uniform(1, 8))
                return None
            case "replay":
                self._later(self.dice.choice(self._seen), 0)
            case "truncate" if request.body:
                return await self._forged(request.with_body(request.body[: self.dice.randrange(len(request.body))]))
            case "tamper":
                return await self._tampered(request)
            case _:
                pass
        return await self._forward(request)

    async def _tampered(self, request: Message) -> Message | None:
        """Change a byte of the body or of the proof, or else one of the answer."""
        proof = _PROOF.search(request.head)
        if request.body and self.dice.random() < 0.4:
            return await self._forged(Message(request.head, self._changed(request.body)))
        if proof and self.dice.random() < 0.6:
            start, end = proof.span(1)
            changed = bytes(self._changed(proof[1], b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
            return await self._forged(Message(request.head[:start] + changed + request.head[end:], request.body))
        answer = await self._forward(request)
        return Message(answer.head, self._changed(answer.body)) if answer and answer.body else answer

    async def _forged(self, request: Message) -> Message | None:
        """Forward what nobody signed; to accept it is the worst that a broker can do."""
        answer = await self._forward(request)
        if answer is not None and answer.status < 300:
            self.forged_accepted += 1
        return answer

    def _changed(self, content: bytes, alphabet: bytes = bytes(range(256))) -> bytes:
        at = self.dice.randrange(len(content))
        other = self.dice.choice([letter for letter in alphabet if letter != content[at]])
        return content[:at] + bytes([other]) + content[at + 1 :]

    def _later(self, request: Message, seconds: float) -> None:
        async def send() -> None:
            await asyncio.sleep(seconds)
            await self._forward(request)

        self._keep(asyncio.create_task(send()))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _forward(self, request: Message) -> Message | None:
        for port in self.dice.sample(self.replicas, len(self.replicas)):
            with suppress(OSError, asyncio.IncompleteReadError, ValueError):
                return await _exchanged(port, request)
        return None


async def _exchanged(port: int, request: Message) -> Message | None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    try:
        writer.write(request.raw)
        await writer.drain()
        return await _read(reader)
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Message | None:
    """Read one message; ``None`` at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    length = _LENGTH.search(head)
    return Message(head, await reader.readexactly(int(length[1])) if length else b"")
