"""The wire between an office and the broker, held by a test: it can be cut, lose answers, and carry false ones."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx2

from shared.exchange.proofs.request import HEADER
from shared.runtime.clock import Clock
from tests.builders import Office


@dataclass
class Wire(httpx2.AsyncBaseTransport):
    """Carries calls as the true transport does, unless told otherwise; notes each as method and path."""

    true: httpx2.AsyncBaseTransport
    is_cut: Callable[[httpx2.Request], bool] = lambda request: False
    loses_answer: Callable[[httpx2.Request], bool] = lambda request: False
    alters: Callable[[httpx2.Request], httpx2.Request] = lambda request: request
    falsify: Callable[[httpx2.Response], httpx2.Response] = lambda response: response
    calls: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        if self.is_cut(request):
            raise httpx2.ConnectError("cut", request=request)
        answer = await self.true.handle_async_request(self.alters(request))
        if self.loses_answer(request):
            raise httpx2.ReadError("lost", request=request)
        return self.falsify(answer)

    def cut(self, part_of_path: str = "/") -> None:
        """Cut the wire, or for some paths alone."""
        self.is_cut = lambda request: part_of_path in request.url.path

    def mend(self) -> None:
        """Carry everything again."""
        self.is_cut = self.loses_answer = lambda request: False
        self.falsify = lambda response: response


def hold(office: Office) -> Wire:
    """Put a wire of ours between an office and the broker."""
    http = office.node.client._http
    wire = Wire(http._transport)
    http._transport = wire
    return wire


def answered(response: httpx2.Response, *, proof: str | None, status: int | None = None) -> httpx2.Response:
    """Return an answer under another proof, or none, or another status."""
    headers = {name: value for name, value in response.headers.items() if name.lower() != HEADER.lower()}
    if proof is not None:
        headers[HEADER] = proof
    return httpx2.Response(status or response.status_code, headers=headers, stream=response.stream)


@dataclass
class WrongClock:
    """A clock that is wrong by so many seconds."""

    true: Clock
    wrong_by_s: int

    def now(self) -> datetime:
        return self.true.now() + timedelta(seconds=self.wrong_by_s)

    def monotonic(self) -> float:
        return self.true.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self.true.sleep(seconds)


def set_wrong(office: Office, seconds: int) -> None:
    """Set all clocks of an office wrong."""
    node = office.node
    node.clock = WrongClock(node.clock, seconds)
    node.client.clock = WrongClock(node.client.clock, seconds)
    node.trust.clock = WrongClock(node.trust.clock, seconds)
