"""A member as the broker meets it: calls with real proofs over HTTP, and a stream of its own that can be spoilt."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from services.broker.operations import directory, register
from services.broker.operations.relay.step import relay_once
from services.broker.tables import BrokerBase
from shared.domain.events.types import event_type
from shared.domain.institutions import BROKER
from shared.domain.pesel import Pesel, holds_a_pesel
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow
from shared.exchange.keys import SigningKey
from shared.exchange.proofs.digest import content_digest
from shared.exchange.proofs.request import HEADER, MAX_PROOF_BYTES, REQUEST_TYPE
from shared.exchange.proofs.response import check_response
from shared.exchange.registration import Registration, sign_registration
from shared.exchange.sets import SET_TYPE, set_hash
from shared.exchange.stream.chain import chain_start, chains
from shared.exchange.stream.checkpoint import Mark, sign_checkpoint
from shared.runtime.clock import unix
from tests.builders import AREAS, FEDERATION, MATCH_KEY, Federation, SeededIds, pesel
from tests.exchange.builders import forge, set_claims

ON_SQLITE = pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)
"""For what is decided before any database is asked."""

ON_POSTGRESQL = pytest.mark.parametrize("make_database", ["postgresql"], indirect=True)
"""For what takes several writers at once."""

READING = {
    "purpose": "assessment",
    "legal_basis": "labour_market_act",
    "actor": "official-7",
    "case": "T-1",
}
SURNAME = "Przykładowska"


def token_of(number: int = 1) -> str:
    """Return the token of a person."""
    return MATCH_KEY.token(Pesel(pesel(number)))


def check_of(number: int = 1, surname: str = SURNAME) -> str:
    """Return the check on a person's surname."""
    return MATCH_KEY.check(token_of(number), surname)


@dataclass
class Answer:
    """What the broker answered: status, JSON, headers."""

    status: int
    body: Any
    headers: httpx2.Headers

    @property
    def problem(self) -> str:
        return str(self.body.get("type", "")).rpartition(":")[2]


@dataclass
class Peer:
    """A member without a node of ours: it signs what a test wants, right or wrong."""

    federation: Federation
    id: str
    key: SigningKey
    http: httpx2.AsyncClient
    incarnation: str = ""
    sets: list[str] = field(default_factory=list)
    mail: list[dict[str, Any]] = field(default_factory=list)
    mailbox: str = ""
    _counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _last: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ids = SeededIds(self.id)
        self.incarnation = self.incarnation or self.ids.secret()

    @property
    def now(self) -> int:
        return unix(self.federation.clock.now())

    def claims(self, method: str, target: str, body: bytes, **changes: Any) -> dict[str, Any]:
        """Return the claims of a proof that holds, but for the changes."""
        return {
            "iss": self.id,
            "aud": BROKER,
            "iat": self.now,
            "exp": self.now + 60,
            "jti": self.ids.uuid7(),
            "htm": method,
            "target": target,
            "content_digest": content_digest(body),
        } | changes

    def proof(self, claims: Mapping[str, Any], key: SigningKey | None = None, **header: Any) -> str:
        """Return a proof over any claims under any header."""
        key = key or self.key
        return forge({"alg": "ES256", "kid": key.kid, "typ": REQUEST_TYPE} | header, claims, key)

    async def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **changes: Any) -> Answer:
        """Make a call with a proof, and check the proof of the answer."""
        raw = b"" if body is None else json.dumps(body).encode()
        claims = self.claims(method, path, raw, **changes)
        answer = await self.send(method, path, raw, self.proof(claims))
        assert answer.status == status, (answer.status, answer.body)
        return answer

    async def send(self, method: str, path: str, raw: bytes, proof: str | None) -> Answer:
        """Send bytes under a proof, whatever it is worth; one of this very call is answered by a proof."""
        headers = {"Content-Type": "application/json"} | ({HEADER: proof} if proof is not None else {})
        got = await self.http.request(method, path, content=raw, headers=headers)
        if asked := self.asked_of(proof, method, path):
            check_response(
                got.headers[HEADER],
                aud=asked[0],
                req_jti=asked[1],
                status=got.status_code,
                body=got.content,
                directory=self.federation.broker.directory,
            )
        else:
            assert HEADER not in got.headers
        return Answer(got.status_code, got.json() if got.content else None, got.headers)

    def asked_of(self, proof: str | None, method: str, path: str) -> tuple[str, str] | None:
        """Return issuer and id of a proof that was made for this operation, under a key of its issuer."""
        try:
            parsed = jose.parse(proof or "", REQUEST_TYPE, max_bytes=MAX_PROOF_BYTES)
            key = self.federation.broker.directory.key_for(str(parsed.claims.get("iss")), parsed.kid, self.now)
            if key is None:
                return None
            jose.verify(parsed, key.point)
        except jose.BadToken:
            return None
        claims = parsed.claims
        meant = [claims.get(name) for name in ("aud", "htm", "target")] == [BROKER, method, path]
        well_formed = isinstance(claims["jti"], str) and len(claims["jti"]) >= 8 and not holds_a_pesel(str(claims))
        in_order = claims["exp"] - claims["iat"] <= 60
        return (claims["iss"], claims["jti"]) if meant and well_formed and in_order else None

    def event(
        self, name: str, payload: Any = None, number: int = 1, key: SigningKey | None = None, **changes: Any
    ) -> str:
        """Sign an event about a person; shared ones are counted and chained, unless told otherwise."""
        token, key = changes.pop("token", token_of(number)), key or self.key
        claims = set_claims(name, self.id, jti=self.ids.uuid7(), txn=self.ids.uuid7(), iat=self.now, toe=self.now)
        claims["sub_id"] = {"format": "opaque", "id": token}
        if payload is not None:
            [urn] = claims["events"]
            claims["events"] = {urn: payload}
        counted = event_type(name).is_shared and "n" not in changes
        if event_type(name).is_shared:
            claims["n"] = self._counts[token] + 1
            if token in self._last:
                claims["prev"] = jose.encode(self._last[token])
        claims |= changes
        text = forge({"alg": "ES256", "kid": key.kid, "typ": SET_TYPE}, claims, key)
        if counted:
            self._counts[token] += 1
            self._last[token] = set_hash(text)
        return text

    def enrolled(self, number: int = 1, surname: str = SURNAME) -> str:
        """Sign an enrolment."""
        payload = {
            "check": check_of(number, surname),
            "key_fingerprint": MATCH_KEY.fingerprint,
            "basis": "labour_market_act",
        }
        return self.event("client.enrolled.v1", payload, number)

    def restated(self, number: int = 1, *, opened: Sequence[str] = (), generation: int = 1, **changes: Any) -> str:
        """Sign a restatement of open registrations alone, each by its first day."""
        payload = {
            "generation": generation,
            "restatement_id": self.ids.uuid7(),
            "part": 1,
            "parts": 1,
            "complete": True,
            "records": [
                {"type": "registration.opened.v1", "payload": {"registration_id": self.ids.uuid7(), "from": day}}
                for day in opened
            ],
        }
        return self.event("record.restated.v1", payload, number, **changes)

    def form(self, number: int = 1, code: str | None = None, form: int = 1, **changes: Any) -> str:
        """Sign a form of support that is opened."""
        code = code or ("PUP-STA" if self.id.startswith("pup") else "AI-E01")
        payload = {
            "form_id": f"0192f0c1-7c00-7abc-8def-{form:012d}",
            "code": code,
            "from": "2026-03-02",
            "status": "active",
        }
        return self.event("support_form.opened.v1", payload, number, **changes)

    def checkpoint(self, position: int, chain: bytes, key: SigningKey | None = None, **changes: Any) -> str:
        """Sign how far the own stream goes."""
        facts: dict[str, Any] = {"owner": self.id, "peer": BROKER, "incarnation": self.incarnation}
        mark = Mark(**facts | {"position": position, "chain": chain, "at": self.now} | changes)
        return sign_checkpoint(key or self.key, mark)

    def chain(self, entries: Sequence[str]) -> bytes:
        """Return the chain over entries from the first on."""
        start = chain_start(self.id, BROKER, self.incarnation)
        return [start, *chains(start, [set_hash(text) for text in entries])][-1]

    def delivery(self, first: int, entries: Sequence[str]) -> dict[str, Any]:
        """Return the body of a push of entries from a position on, over what the own stream holds before."""
        last = first + len(entries) - 1
        chain = self.chain([*self.sets[: first - 1], *entries])
        return {
            "incarnation": self.incarnation,
            "from": first,
            "sets": list(entries),
            "checkpoint": self.checkpoint(last, chain),
        }

    async def push(self, *entries: str, errors_seen: int = 0, status: int = 200) -> Answer:
        """Append entries to the own stream and push them."""
        body = self.delivery(len(self.sets) + 1, entries) | {"errors_seen": errors_seen}
        answer = await self.call("POST", f"/v1/streams/{self.id}/sets", body, status=status)
        if status == 200:
            self.sets += entries
        return answer

    async def poll(
        self, *, status: int = 200, after: int | None = None, chain: bytes | None = None, **changes: Any
    ) -> Answer:
        """Poll the mailbox after what came before, and take what comes."""
        if not self.mailbox:
            head = await self.call("GET", f"/v1/streams/{BROKER}/{self.id}/head")
            self.mailbox = head.body["incarnation"]
        after = len(self.mail) if after is None else after
        chain = self.mail_chain(after) if chain is None else chain
        body = {"incarnation": self.mailbox, "after": after, "chain": jose.encode(chain)} | changes
        answer = await self.call("POST", f"/v1/streams/{self.id}/poll", body, status=status)
        if status == 200 and answer.body["from"] == len(self.mail) + 1:
            self.mail += answer.body["sets"]
        return answer

    def mail_chain(self, position: int) -> bytes:
        """Return the chain of the mailbox at a position, over what came."""
        start = chain_start(BROKER, self.id, self.mailbox)
        return [start, *chains(start, [entry_hash(one["set"]) for one in self.mail[:position]])][-1]

    async def collect(self) -> list[tuple[str, dict[str, Any]]]:
        """Take all new mail; return what each says: type and payload."""
        before = len(self.mail)
        while (await self.poll()).body["more"]:
            pass
        return [said(one["set"]) for one in self.mail[before:]]


def entry_hash(entry: str | dict[str, str]) -> bytes:
    """Return the hash of an entry, whole or erased."""
    return set_hash(entry) if isinstance(entry, str) else jose.decode(entry["erased"])


def said(entry: str | dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Return type and payload of an entry that is a SET."""
    if not isinstance(entry, str):
        return "erased", entry
    [(urn, payload)] = jose.parse(entry, SET_TYPE).claims["events"].items()
    return urn.rpartition("event:")[2], payload


async def enter(federation: Federation, name: str, *, approved: bool = True) -> Peer:
    """Register a member and, unless told otherwise, approve it."""
    key = SigningKey.from_seed(name.encode())
    http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=federation.broker_app), base_url="http://broker")
    federation._stack.push_async_callback(http.aclose)
    peer = Peer(federation, name, key, http)
    async with federation.broker.db.write() as session:
        await register.register(session, federation.broker, statement(peer))
        if approved:
            await register.approve(session, federation.broker, name, key.kid)
    await directory.reload(federation.broker)
    return peer


def statement(peer: Peer, key: SigningKey | None = None, at: int = 0, **changes: Any) -> str:
    """Return a registration statement of a member."""
    key = key or peer.key
    facts: dict[str, Any] = {
        "id": peer.id,
        "federation": FEDERATION,
        "name": f"Urząd {peer.id}",
        "area": AREAS.get(peer.id, ("2478011",)),
        "contact": "it@example.invalid",
        "key_fingerprint": MATCH_KEY.fingerprint,
        "key": key.public,
        "jti": peer.ids.uuid7(),
    }
    return sign_registration(key, Registration(**facts | changes), at or peer.now)


async def relay(federation: Federation) -> None:
    """Relay all that waits."""
    while await relay_once(federation.broker):
        pass


async def stored(federation: Federation) -> dict[str, int]:
    """Return how many rows every table of the broker holds; what was asked is counted whatever became of it."""
    tables = [*AuthorRow.metadata.sorted_tables, *BrokerBase.metadata.sorted_tables]
    tables.remove(BrokerBase.metadata.tables["quota_use"])
    async with federation.broker.db.read() as session:
        return {table.name: await session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


async def shared_person(federation: Federation, number: int = 1) -> tuple[Peer, Peer]:
    """Return a labour office and a welfare centre that share a person and have taken their mail."""
    pup, ops = await enter(federation, "pup-2478"), await enter(federation, "ops-2478011")
    for peer in (pup, ops):
        await peer.push(peer.enrolled(number))
    await relay(federation)
    for peer in (pup, ops):
        await peer.collect()
    return pup, ops


async def until(holds: Callable[[], bool], *, seconds: int = 10) -> None:
    """Let others work until something holds; fail if it does not in time."""
    for _ in range(seconds * 100):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("It never came to hold.")
