"""The network: it carries calls between machines, late, twice, cut, or not at all."""

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import httpx2

from tests.simulation.faults import Faults
from tests.simulation.machines import Machine

READ_TIMEOUT_S = 40.0
LATEST_S = 60.0


def outside(coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Run something that belongs to no machine."""
    return asyncio.get_running_loop().create_task(coro, context=contextvars.Context())


@dataclass
class Network:
    """Between all machines; ``note`` takes a line of the run's trace."""

    faults: Faults
    note: Callable[[str], None]
    crash: Callable[[Machine], None]
    failures: list[str] = field(default_factory=list)

    def way(self, sender: Machine, to: Machine) -> "Way":
        return Way(self, sender, to)

    async def carry(self, sender: Machine | None, to: Machine, request: httpx2.Request) -> httpx2.Response:
        """Carry a call, or what a fault leaves of it."""
        content, dice = await request.aread(), self.faults.dice
        await asyncio.sleep(dice.uniform(0.001, 0.05))
        fault = self.faults.of_call(local=sender is None)
        name = f"{sender.id if sender else 'caller'} > {to.id} {request.method} {request.url.raw_path.decode()}"
        self.note(f"{name} {_mark(content)} {fault or ''}")
        answer = await self._carry(sender, to, request, content, fault)
        if answer.status_code >= 500 and answer.status_code != 503:
            self.failures.append(f"{name} was answered with {answer.status_code}")
        self.note(f"{name} = {answer.status_code} {_mark(await answer.aread())}")
        return answer

    async def _carry(
        self, sender: Machine | None, to: Machine, request: httpx2.Request, content: bytes, fault: str | None
    ) -> httpx2.Response:
        dice = self.faults.dice
        match fault:
            case "call lost":
                await asyncio.sleep(dice.uniform(0, 10))
                raise httpx2.ConnectError("lost", request=request)
            case "call late":
                outside(self._later(to, request, dice.uniform(0, LATEST_S)))
                await asyncio.sleep(dice.uniform(0, READ_TIMEOUT_S))
                raise httpx2.ReadTimeout("late", request=request)
            case "call slow":
                await asyncio.sleep(dice.uniform(1, READ_TIMEOUT_S))
            case "call doubled":
                outside(self._later(to, request, dice.uniform(0, 5)))
            case "call truncated":
                request = _with(request, content[: dice.randrange(len(content) + 1)])
            case "call altered":
                request = _with(request, self._altered(content))
            case "caller crashed" if sender is not None:
                outside(self._crash(sender, dice.uniform(0, 0.1)))
            case "server crashed":
                outside(self._crash(to, dice.uniform(0, 0.1)))
            case _:
                pass
        answer = await _delivered(to, request)
        match fault:
            case "answer lost":
                raise httpx2.ReadError("lost", request=request)
            case "answer truncated":
                content = await answer.aread()
                return _answer(answer, content[: dice.randrange(len(content) + 1)])
            case "answer altered":
                return _answer(answer, self._altered(await answer.aread()))
            case _:
                return answer

    def _altered(self, content: bytes) -> bytes:
        if not content:
            return content
        at = self.faults.dice.randrange(len(content))
        return content[:at] + bytes([content[at] ^ self.faults.dice.randrange(1, 256)]) + content[at + 1 :]

    async def _later(self, to: Machine, request: httpx2.Request, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.note(f"late > {to.id} {request.method} {request.url.path}")
        try:
            await _delivered(to, request)
        except httpx2.HTTPError:
            return

    async def _crash(self, machine: Machine, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.crash(machine)


@dataclass
class Way(httpx2.AsyncBaseTransport):
    """What a node takes for the internet."""

    network: Network
    sender: Machine
    to: Machine

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.sender.clock.monotonic() < self.sender.cut_off_until:
            await asyncio.sleep(1)
            raise httpx2.ConnectError("cut off", request=request)
        return await self.network.carry(self.sender, self.to, request)


async def _delivered(to: Machine, request: httpx2.Request) -> httpx2.Response:
    if not to.is_up:
        raise httpx2.ConnectError("down", request=request)
    task = to.run(to.serve(request))
    await asyncio.wait({task}, timeout=READ_TIMEOUT_S)
    if not task.done():
        raise httpx2.ReadTimeout("no answer", request=request)
    if task.cancelled():
        raise httpx2.ReadError("crashed", request=request)
    return task.result()  # type: ignore[no-any-return]


def _with(request: httpx2.Request, content: bytes) -> httpx2.Request:
    headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
    return httpx2.Request(request.method, request.url, headers=headers, content=content)


def _answer(answer: httpx2.Response, content: bytes) -> httpx2.Response:
    headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"content-length"]
    return httpx2.Response(answer.status_code, headers=headers, content=content)


def _mark(content: bytes) -> str:
    return sha256(content).hexdigest()[:12]
