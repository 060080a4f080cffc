"""An office of ours under the kit's broker, both in one process, under a clock that runs faster than the machine's."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from services.cli.conform.broker.bench import Bench
from services.cli.conform.broker.cases import CASES
from services.cli.conform.broker.stage import create_stage, find_node, play_neighbour
from services.cli.conform.broker.writing import synthetic_pesel
from services.cli.conform.cases import Outcome, chosen, try_case
from services.ops_api.main import OPS, OpsSettings
from services.pup_api.main import PUP, PupSettings
from shared.exchange.keys import SigningKey, save_key
from shared.exchange.match_key_file import save_match_key
from shared.exchange.registration import Registration, sign_registration
from shared.institution.app import create_app, create_node
from shared.institution.node import Node
from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from shared.runtime.database.encryption import generate_pii_keys
from shared.runtime.ids import SystemIds
from tests.builders import AREAS, FEDERATION, MATCH_KEY, MEMBER_SCOPES
from tests.conftest import MakeDatabase

KEY = SigningKey.from_seed(b"the kit's broker")
URL = "http://127.0.0.1:1"


@dataclass
class FastClock:
    """A clock of which so many seconds pass in one."""

    rate: float
    began: float = field(default_factory=time.monotonic)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self.began) * self.rate

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.rate)


@dataclass
class InProcess:
    """Registers clients at a node in this process."""

    http: httpx2.AsyncClient

    async def write(self) -> None:
        client = {"pesel": synthetic_pesel(SystemIds()), "surname": "Zgodna", "given_names": "Anna"}
        answer = await self.http.post("/v1/clients", json=client | {"basis": "consent", "case_number": "T.1"})
        assert answer.status_code == 201, answer.text


@asynccontextmanager
async def bench(
    make_database: MakeDatabase, folder: Path, name: str = "pup-2478", rate: float = 20
) -> AsyncIterator[Bench]:
    """The kit's broker with one office of ours that was pointed at it, registered, and works by itself."""
    clock, ids = FastClock(rate), SystemIds()
    broker, wire = create_stage(KEY, FEDERATION, MATCH_KEY.fingerprint, make_database("broker"), clock, ids)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(wire.app.router.lifespan_context(wire.app))  # type: ignore[attr-defined]
        transport = httpx2.ASGITransport(app=wire)
        node = office(make_database, folder, name, clock, transport)
        await register(node)
        found = await find_node(broker)
        assert found == name
        app = create_app(node)
        await stack.enter_async_context(app.router.lifespan_context(app))
        http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://test", headers=authorization(node)
        )
        await stack.enter_async_context(http)
        neighbour = await play_neighbour(broker, name, URL, transport)
        stack.push_async_callback(neighbour.client.close)
        yield Bench(broker, wire, name, neighbour, InProcess(http))


def office(make_database: MakeDatabase, folder: Path, name: str, clock: Any, transport: Any) -> Node:
    save_key(folder / "keys", SigningKey.from_seed(name.encode()))
    save_match_key(folder / "match-key.json", MATCH_KEY)
    generate_pii_keys(folder / "pii.json")
    program, settings = (PUP, PupSettings) if name.startswith("pup") else (OPS, OpsSettings)
    told = settings(
        id=name,
        federation=FEDERATION,
        database_url=make_database(program.program),
        key_dir=folder / "keys",
        broker_url=URL,
        broker_thumbprint=KEY.kid,
        match_key_file=folder / "match-key.json",
        pii_keys_file=folder / "pii.json",
        synthetic_people=True,
        sqlite_synchronous="NORMAL",
        worker=True,
    )
    return create_node(program, told, clock, SystemIds(), transport)


async def register(node: Node) -> None:
    """Register an office as its operator would."""
    key = node.identity.keys[0]
    registration = Registration(
        id=node.id,
        federation=FEDERATION,
        name="Urząd",
        area=AREAS[node.id],
        contact="",
        key_fingerprint=MATCH_KEY.fingerprint,
        key=key.public,
        jti=node.ids.uuid7(),
    )
    statement = sign_registration(key, registration, unix(node.now))
    status, answer = await node.client.post_unsigned("/v1/institutions", {"statement": statement})
    assert status == 202, answer


def authorization(node: Node) -> dict[str, str]:
    key = node.identity.keys[0]
    facts: dict[str, Any] = {"issuer": node.id, "subject": "tester", "scopes": MEMBER_SCOPES}
    token = issue_token((key.kid, key.private), **facts, iat=unix(node.now), ttl_s=365 * 86_400)
    return {"Authorization": f"Bearer {token}"}


async def outcomes(bench: Bench, *only: str) -> dict[str, Outcome]:
    return {case.name: await try_case(case, bench, bench.broker.clock) for case in chosen(CASES, only)}
