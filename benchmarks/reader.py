"""An office that reads merged views as fast as the broker lets it, in one process and over some connections.

It signs each call's proof and checks the proof of each answer in line, as an office does; or it does neither.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field

import aiohttp

from benchmarks.cores import cpu_seconds
from shared.domain.institutions import BROKER
from shared.exchange.directory import Directory
from shared.exchange.identity import Identity
from shared.exchange.proofs.request import HEADER, Call, sign_request
from shared.exchange.proofs.response import check_response
from shared.runtime.ids import SystemIds

TARGET = "/v1/merged-views"
READING = {
    "purpose": "support_planning",
    "legal_basis": "social_assistance_act",
    "actor": "u-7f3a91c2",
    "case": "c-2026-0017",
}


@dataclass
class Round:
    """What came of one round: seconds each call took, seconds of it all, CPU seconds of both processes."""

    took: list[float] = field(default_factory=list)
    seconds: float = 0.0
    caller_cpu: float = 0.0
    broker_cpu: float | None = None

    @property
    def per_call_ms(self) -> float:
        """Return the milliseconds of the round by the calls it made."""
        return self.seconds / len(self.took) * 1000


@dataclass(frozen=True)
class ReadingOffice:
    """Who reads, by which directory, and about whom."""

    identity: Identity
    directory: Directory
    token: str


@dataclass(frozen=True, kw_only=True)
class Reader:
    """An office at a broker, under proofs or without; ``pid`` is the broker's process."""

    url: str
    pid: int
    office: ReadingOffice
    signed: bool = True

    async def read(self, seconds: float, at_once: int) -> Round:
        """Read for some seconds, with ``at_once`` calls in flight all the time."""
        outcome = Round()
        async with aiohttp.ClientSession(self.url, connector=aiohttp.TCPConnector(limit=at_once)) as http:
            await asyncio.gather(*(self._once(http) for _ in range(at_once)))  # connections are made before
            cpu, broker, began = time.process_time(), cpu_seconds(self.pid), time.perf_counter()
            await asyncio.gather(*(self._until(http, began + seconds, outcome.took) for _ in range(at_once)))
            outcome.seconds = time.perf_counter() - began
            outcome.caller_cpu, worked = time.process_time() - cpu, cpu_seconds(self.pid)
            outcome.broker_cpu = worked - broker if worked is not None and broker is not None else None
        return outcome

    async def count_records(self) -> int:
        """Return how many records the view holds."""
        async with aiohttp.ClientSession(self.url) as http:
            return len(json.loads(await self._once(http))["records"])

    async def _until(self, http: aiohttp.ClientSession, end: float, took: list[float]) -> None:
        while (began := time.perf_counter()) < end:
            await self._once(http)
            took.append(time.perf_counter() - began)

    async def _once(self, http: aiohttp.ClientSession) -> bytes:
        body = json.dumps({"token": self.office.token}, separators=(",", ":")).encode()
        headers, jti = {"Content-Type": "application/json"}, SystemIds().uuid7()
        if self.signed:
            headers[HEADER] = self._proof(body, jti)
        async with http.post(TARGET, data=body, headers=headers) as answer:
            content = await answer.read()
            assert answer.status == 200, (answer.status, content[:300])
            proof = answer.headers.get(HEADER)
        if self.signed:
            me, directory = self.office.identity.id, self.office.directory
            check_response(proof, aud=me, req_jti=jti, status=200, body=content, directory=directory)
        else:
            assert proof is None, "the unsigned broker signs its answers"
        return content

    def _proof(self, body: bytes, jti: str) -> str:
        call = Call(method="POST", target=TARGET, body=body, aud=BROKER, now=int(time.time()))
        return sign_request(self.office.identity.keys[0], self.office.identity.id, call, jti, READING)
