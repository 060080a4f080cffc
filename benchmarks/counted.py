"""A wire that counts the bytes of calls and answers, headers included, between an office and the broker."""

from dataclasses import dataclass, field

import httpx2

from tests.builders import Office


@dataclass
class CountingWire(httpx2.AsyncBaseTransport):
    """Carries calls as the true transport does."""

    true: httpx2.AsyncBaseTransport
    calls: list[int] = field(default_factory=list)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry a call and note how many bytes went either way."""
        answer = await self.true.handle_async_request(request)
        body = await answer.aread()
        heads = sum(len(name) + len(value) + 4 for name, value in (*request.headers.raw, *answer.headers.raw))
        lines = (
            len(request.method) + len(request.url.raw_path) + len(" HTTP/1.1\r\n\r\n") + len("HTTP/1.1 200 OK\r\n\r\n")
        )
        self.calls.append(heads + lines + len(await request.aread()) + len(body))
        return httpx2.Response(answer.status_code, headers=answer.headers, content=body)

    def take(self) -> int:
        """Return the bytes since it was asked last."""
        total = sum(self.calls)
        self.calls.clear()
        return total


def count(office: Office) -> CountingWire:
    """Count what goes between an office and the broker from now on."""
    http = office.node.client._http
    wire = CountingWire(http._transport)
    http._transport = wire
    return wire
