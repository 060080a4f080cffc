"""What a case for an institution's node works with: the wire, mail for the node, and the node's next steps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from services.broker.node import Broker
from services.cli.conform.broker.wire import Exchange, Heard, Wire
from services.cli.conform.cases import Deviation
from services.cli.conform.institution.player import Player
from services.cli.conform.institution.stream import OwnStream, event
from shared.domain.events.types import URN
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.sets import SET_TYPE, SignedSet, parse_set, set_hash
from shared.exchange.stream.append import append_sets
from shared.exchange.stream.heads import find_head, lock_head

Found = TypeVar("Found")
LOOK_S = 0.1
SOON_S, LATER_S = 40, 150
"""A node that meets what no retry mends may stand still for a minute or two."""


class Writer(Protocol):
    """Whatever makes the node under test write."""

    async def write(self) -> None:
        """Register a client whom the node does not have."""


@dataclass
class Person:
    """Somebody whom the node and the kit's institution share, as far as the kit knows: a token and a check."""

    token: str
    payload: dict[str, Any]
    n: int = 0
    last: bytes = b""


@dataclass
class Bench:
    """A case's tools."""

    broker: Broker
    wire: Wire
    node: str
    neighbour: Player
    writer: Writer
    _person: Person | None = field(default=None)

    async def until(self, find: Callable[[], Found | None], what: str, within_s: float = SOON_S) -> Found:
        """Return what is found, as soon as it is.

        :raises Deviation: it did not come in time; ``what`` says what the node should have done.
        """
        clock = self.broker.clock
        ends = clock.monotonic() + within_s
        while (found := find()) is None:
            if clock.monotonic() > ends:
                raise Deviation(f"{what}: not within {within_s:.0f} s")
            await clock.sleep(LOOK_S)
        return found

    def calls(self, since: int = 0) -> list[Exchange]:
        """Return the node's calls from a number of the wire on."""
        return self.wire.of(self.node, since)

    @property
    def now(self) -> int:
        """Return the number of the next call on the wire."""
        return len(self.wire.exchanges)

    def polls(self, since: int) -> list[Heard]:
        """Return the node's polls, also those that still wait for an answer."""
        return [one.heard for one in self.calls(since) if one.heard.is_poll()]

    def pushed(self, since: int) -> list[str]:
        """Return the SETs that the node pushed and the broker took."""
        pushes = [one.heard.json for one in self.calls(since) if one.heard.is_push() and one.status == 200]
        return [text for push in pushes for text in push.get("sets", []) if isinstance(text, str)]

    async def enrolled(self) -> str:
        """Let the node register a client; return the SET by which it enrols the client."""
        since = self.now
        await self.writer.write()

        def find() -> str | None:
            return next((text for text in self.pushed(since) if type_of(text) == "client.enrolled.v1"), None)

        return await self.until(find, "the node pushes client.enrolled.v1 of a client that it registered", LATER_S)

    async def person(self) -> Person:
        """Return somebody whom both sides share; the first time, the node registers a client and the kit enrols it."""
        if self._person is None:
            claims = claims_of(await self.enrolled())
            [payload] = claims["events"].values()
            person = Person(claims["sub_id"]["id"], payload)
            since = self.now
            await self._push(self._event(person, "client.enrolled.v1", payload))
            await self.until(lambda: self.restatement(person, since), "the node pushes record.restated.v1", LATER_S)
            await self.say(person, "record.restated.v1", self._restated())
            self._person = person
        return self._person

    def restatement(self, person: Person, since: int = 0) -> str | None:
        """Return the node's restatement of a person, once it came."""
        of_person = [text for text in self.pushed(since) if claims_of(text)["sub_id"]["id"] == person.token]
        return next((text for text in of_person if type_of(text) == "record.restated.v1"), None)

    async def mail(self, **changes: Any) -> int:
        """Let the kit's institution tell something about the shared person; return its position in the mailbox."""
        person, before = await self.person(), await self.mailbox()
        await self.say(person, "support_form.opened.v1", self.form(), **changes)
        clock = self.broker.clock
        while await self.mailbox() == before:
            await clock.sleep(LOOK_S)
        return before + 1

    def form(self) -> dict[str, Any]:
        """Return a form of support that the kit's institution opened."""
        code = "PUP-STA" if self.neighbour.id.startswith("pup") else "AI-E01"
        return {"form_id": self.broker.ids.uuid7(), "code": code, "from": "2026-03-02", "status": "active"}

    async def inject(self, text: str) -> int:
        """Put a SET into the node's mailbox that no decent broker would relay; return its position."""
        async with self.broker.db.write() as session:
            head = await lock_head(session, BROKER, self.node)
            if head is None:
                raise LookupError("The node has no mailbox.")
            signed = SignedSet(self.neighbour.id, self.broker.ids.uuid7(), text, set_hash(text), "")
            await append_sets(session, head, [signed], self.broker.now)
            position = head.position
        self.broker.bells.ring(self.node)
        return position

    async def mailbox(self) -> int:
        """Return how far the node's mailbox goes."""
        async with self.broker.db.read() as session:
            head = await find_head(session, BROKER, self.node)
            return head.position if head else 0

    async def acknowledged(self, position: int, since: int, within_s: float = LATER_S) -> Heard:
        """Return the poll that acknowledges a position, once it came."""

        def find() -> Heard | None:
            return next((poll for poll in self.polls(since) if poll.json.get("after", 0) >= position), None)

        return await self.until(find, f"the node acknowledges position {position} of its mailbox", within_s)

    async def say(self, person: Person, name: str, payload: Any, **changes: Any) -> None:
        """Push a shared event of the kit's institution, counted and chained."""
        prev = {"prev": jose.encode(person.last)} if person.n else {}
        text = self._event(person, name, payload, n=person.n + 1, **prev, **changes)
        person.n, person.last = person.n + 1, set_hash(text)
        await self._push(text)

    def _event(self, person: Person, name: str, payload: Any, **changes: Any) -> str:
        return event(self.neighbour, name, payload, sub_id={"format": "opaque", "id": person.token}, **changes)

    def _restated(self) -> dict[str, Any]:
        parts = {"generation": 1, "restatement_id": self.broker.ids.uuid7(), "part": 1, "parts": 1}
        return parts | {"complete": True, "records": []}

    async def _push(self, text: str) -> None:
        await (await OwnStream.of(self.neighbour)).push(text)


def claims_of(text: str) -> dict[str, Any]:
    """Return the claims of a SET."""
    return parse_set(text).claims


def type_of(text: str) -> str:
    """Return the type of the event of a SET; empty where it is none."""
    try:
        return str(next(iter(jose.parse(text, SET_TYPE).claims["events"]))).removeprefix(URN)
    except (jose.BadToken, KeyError, StopIteration, TypeError):
        return ""
