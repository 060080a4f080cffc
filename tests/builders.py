"""The one source of test data: a clock that stands, ids from a seed, and a whole federation in one process."""

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from services.broker.main import create_app as create_broker_app
from services.broker.main import create_broker
from services.broker.node import Broker
from services.broker.operations import directory, register
from services.broker.operations.assess.due import assess_due
from services.broker.operations.reconcile.runs import open_runs, reconcile_once
from services.broker.operations.relay.step import relay_once
from services.broker.settings import BrokerSettings
from services.ops_api.main import OPS, OpsSettings
from services.pup_api.main import PUP, PupSettings
from shared.domain.pesel import check_digit
from shared.domain.token import MatchKey
from shared.exchange.keys import SigningKey, save_key
from shared.exchange.match_key_file import save_match_key
from shared.exchange.registration import Registration, sign_registration
from shared.institution.app import create_app, create_node
from shared.institution.node import Node
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.exchange.pushing import push_once
from shared.institution.operations.exchange.starting import start
from shared.institution.operations.reconciling.running import reconcile_once as work_off
from shared.runtime.bearer import issue_token
from shared.runtime.clock import unix
from shared.runtime.database.encryption import generate_pii_keys
from shared.runtime.ids import uuid7

FEDERATION = "pl-test"
EPOCH = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
MATCH_KEY = MatchKey(epoch=1, secret=bytes(range(32)))
MEMBER_SCOPES = (
    "clients:read clients:write support:write records:import clients:export merged:read benefit:preview benefit:decide "
    "audit:read admin"
).split()
OPERATOR_SCOPES = "broker:read broker:approve broker:suspend broker:redrive".split()
AREAS = {
    "pup-2478": ("2478011",),
    "pup-2476": ("2476011",),
    "pup-1611": ("1611012", "1611053"),
    "ops-2478011": ("2478011",),
    "ops-2476011": ("2476011",),
    "ops-1611012": ("1611012",),
    "ops-1611053": ("1611053",),
}


@dataclass
class FixedClock:
    """A clock that stands until it is told to go; whoever sleeps moves it."""

    at: datetime = EPOCH

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.go(seconds)

    def go(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


async def always() -> bool:
    """Say that it is this process's turn: there is no other."""
    return True


class SeededIds:
    """Ids that are the same on every run."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)
        self._count = count(1)

    def uuid7(self) -> str:
        return uuid7(1_790_000_000_000 + next(self._count), self._random.randbytes(10))

    def secret(self) -> str:
        return self._random.randbytes(16).hex()

    def fraction(self) -> float:
        return self._random.random()


def pesel(number: int) -> str:
    """Return a synthetic PESEL of the 2200s, another one for each number."""
    year, month, day = number % 60 + 30, number // 60 % 12 + 61, number // 720 % 28 + 1
    digits = f"{year:02d}{month:02d}{day:02d}{number % 10000:04d}"
    return digits + check_digit(digits)


def new_client(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return the body of a client."""
    return {
        "pesel": pesel(number),
        "surname": "Przykładowska",
        "given_names": "Anna",
        "basis": "labour_market_act",
        "case_number": f"T.{number}",
    } | changes


@dataclass
class Office:
    """An institution under test: its node, and a client of its local API with all scopes."""

    node: Node
    app: FastAPI
    http: httpx2.AsyncClient

    @property
    def id(self) -> str:
        return self.node.id

    async def post(self, path: str, body: Any = None, status: int = 201, **options: Any) -> Any:
        return await self._call("POST", path, body, status, **options)

    async def put(self, path: str, body: Any, status: int = 200, **options: Any) -> Any:
        return await self._call("PUT", path, body, status, **options)

    async def patch(self, path: str, body: Any, status: int = 200, **options: Any) -> Any:
        return await self._call("PATCH", path, body, status, **options)

    async def get(self, path: str, status: int = 200, **options: Any) -> Any:
        return await self._call("GET", path, None, status, **options)

    async def listed(self, path: str, **options: Any) -> list[Any]:
        """Return the first page of a list."""
        items: list[Any] = (await self.get(path, **options))["items"]
        return items

    async def _call(self, method: str, path: str, body: Any, status: int, **options: Any) -> Any:
        answer = await self.http.request(method, path, json=body, **options)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return answer.json()

    async def enrol(self, number: int = 1, **changes: Any) -> str:
        """Register a client and return its id."""
        client = await self.post("/v1/clients", new_client(number, **changes))
        return str(client["id"])


@dataclass
class Federation:
    """A broker and offices in one process, over in-memory calls, with a clock that stands."""

    folder: Path
    make_database: Callable[[str], str]
    clock: FixedClock = field(default_factory=FixedClock)
    offices: dict[str, Office] = field(default_factory=dict)
    broker: Broker = field(init=False)
    broker_app: FastAPI = field(init=False)
    operator: httpx2.AsyncClient = field(init=False)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> "Federation":
        key = SigningKey.from_seed(b"broker")
        save_key(self.folder / "broker" / "keys", key)
        settings = BrokerSettings(
            federation=FEDERATION,
            database_url=self.make_database("broker"),
            key_dir=self.folder / "broker" / "keys",
            match_key_fingerprint=MATCH_KEY.fingerprint,
            assess_interval_s=0,
            sqlite_synchronous="NORMAL",
            worker=False,
        )
        self.broker = create_broker(settings, self.clock, SeededIds("broker"))
        self._stack.push_async_callback(self.broker.db.close)
        self.broker.threads = False
        await directory.open_up(self.broker)
        self.broker_app = create_broker_app(self.broker)
        self.operator = self._http(self.broker_app, key, "broker", OPERATOR_SCOPES)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def join(self, office_id: str, *, seed: str = "") -> Office:
        """Make an office, register and approve it."""
        office = await self.make_office(office_id, seed=seed)
        await self.approve(office)
        return office

    async def make_office(self, office_id: str, *, seed: str = "") -> Office:
        folder = self.folder / office_id
        key = SigningKey.from_seed((office_id + seed).encode())
        save_key(folder / "keys", key)
        save_match_key(folder / "match-key.json", MATCH_KEY)
        generate_pii_keys(folder / "pii.json")
        program, settings = (PUP, PupSettings) if office_id.startswith("pup") else (OPS, OpsSettings)
        node = create_node(
            program,
            settings(
                id=office_id,
                federation=FEDERATION,
                database_url=self.make_database(program.program),
                key_dir=folder / "keys",
                broker_url="http://127.0.0.1:1",
                broker_thumbprint=self.broker.identity.keys[0].kid,
                match_key_file=folder / "match-key.json",
                pii_keys_file=folder / "pii.json",
                import_maps=folder / "import-maps",
                synthetic_people=True,
                sqlite_synchronous="NORMAL",
                worker=False,
            ),
            self.clock,
            SeededIds(office_id + seed),
            httpx2.ASGITransport(app=self.broker_app),
        )
        self._stack.push_async_callback(node.db.close)
        self._stack.push_async_callback(node.client.close)
        node.threads = False
        await start(node)
        app = create_app(node)
        office = Office(node, app, self._http(app, key, office_id, MEMBER_SCOPES))
        self.offices[office_id] = office
        return office

    async def approve(self, office: Office) -> None:
        key = office.node.identity.keys[0]
        registration = Registration(
            id=office.id,
            federation=FEDERATION,
            name=f"Urząd {office.id}",
            area=AREAS[office.id],
            contact="it@example.invalid",
            key_fingerprint=MATCH_KEY.fingerprint,
            key=key.public,
            jti=office.node.ids.uuid7(),
        )
        statement = sign_registration(key, registration, unix(self.clock.now()))
        async with self.broker.db.write() as session:
            await register.register(session, self.broker, statement)
            await register.approve(session, self.broker, office.id, key.kid)
        await directory.reload(self.broker)
        for one in self.offices.values():
            self.clock.go(5)
            await one.node.trust.refresh(unknown_key=True)

    async def sign_anew(self) -> None:
        """Publish the directory anew, as the broker does each half day, and let every office fetch it."""
        await directory.renew(self.broker)
        for one in self.offices.values():
            self.clock.go(5)
            await one.node.trust.refresh(unknown_key=True)

    async def settle(self) -> None:
        """Let everything arrive: push, relay, assess and poll until nothing moves."""
        moved = True
        while moved:
            moved = False
            for office in self.offices.values():
                moved = await self.push(office) or moved
            moved = await relay_once(self.broker) or moved
            moved = await assess_due(self.broker) or moved
            for office in self.offices.values():
                moved = bool(await poll_once(office.node, wait_s=0)) or moved

    async def reconcile(self, institution: str | None = None) -> list[str]:
        """Reconcile one institution or all on demand, and let it come to an end; return the ids of the runs."""
        async with self.broker.db.write() as session:
            opened = await open_runs(session, self.broker, institution)
        await self.reconcile_due()
        return opened

    async def reconcile_due(self) -> None:
        """Let every run that is due or open go as far as it can."""
        moved = True
        while moved:
            moved = await reconcile_once(self.broker, always)
            await self.settle()
            for office in self.offices.values():
                moved = await work_off(office.node, always) or moved
            await self.settle()

    async def push(self, office: Office) -> bool:
        before = office.node.peer_position
        while await push_once(office.node):
            pass
        return before != office.node.peer_position

    def _http(self, app: FastAPI, key: SigningKey, name: str, scopes: list[str]) -> httpx2.AsyncClient:
        token = issue_token(
            (key.kid, key.private),
            issuer=name,
            subject="tester",
            scopes=scopes,
            iat=unix(self.clock.now()),
            ttl_s=3 * 365 * 86400,
        )
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),
            base_url="http://test",
            headers={"Authorization": f"Bearer {token}"},
        )
        self._stack.push_async_callback(client.aclose)
        return client
