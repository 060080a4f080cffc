"""The office that pushes: the product's own push lane, whose calls go to a broker in another process and are timed."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt

from shared.domain.institutions import BROKER
from shared.exchange.client.broker import BrokerClient
from shared.exchange.stream.deliver import batch_after
from shared.exchange.stream.heads import find_head
from shared.institution.node import Node
from shared.institution.operations.exchange.pushing import push_once
from shared.runtime.clock import SystemClock
from shared.runtime.ids import SystemIds


@dataclass
class TimedClient(BrokerClient):
    """The product's client, which notes how long each push took, from its body to the verified answer."""

    pushes: list[float] = field(default_factory=list)

    async def call(
        self, method: str, path: str, content: object = None, *, reading: Mapping[str, str] | None = None
    ) -> Any:
        """Make a call; a push must be taken whole."""
        began = time.perf_counter()
        answer = await super().call(method, path, content, reading=reading)
        if path.endswith("/sets"):
            self.pushes.append(time.perf_counter() - began)
            assert not answer["set_errors"], answer["set_errors"][:3]
        return answer


@dataclass
class Sender:
    """An office with SETs that no broker has yet."""

    node: Node

    def send_to(self, url: str) -> None:
        """Send to the broker at ``url`` from now on."""
        directory = self.node.client.directory
        self.node.client = TimedClient(self.node.identity, url, SystemClock(), SystemIds(), directory=directory)
        self.node.peer_position = None

    async def push(self) -> float:
        """Push once; return the seconds from the push to its receipt, without the office's own reading and filing."""
        client = self.node.client
        assert isinstance(client, TimedClient)
        await push_once(self.node)
        return client.pushes[-1]

    async def waiting(self, after: int) -> Sequence[str]:
        """Return the SETs that the next push will hold, after a position of the stream."""
        async with self.node.db.read() as session:
            head = await find_head(session, self.node.id, BROKER)
            assert head is not None
            return [entry.text or "" for entry in (await batch_after(session, head, after)).entries]

    async def position(self) -> int:
        """Return how far the office's stream goes."""
        async with self.node.db.read() as session:
            head = await find_head(session, self.node.id, BROKER)
            return head.position if head is not None else 0

    def verify_alone(self, texts: Sequence[str]) -> float:
        """Return the seconds in which PyJWT verifies SETs, one after the other on one core, and does nothing else."""
        key, audience = self.node.identity.keys[0].public.point, f"zwornik:{self.node.identity.federation}"
        began = time.perf_counter()
        for text in texts:
            jwt.decode(text, key, algorithms=["ES256"], audience=audience)
        return time.perf_counter() - began
