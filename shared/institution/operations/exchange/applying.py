"""What arriving events do here: who shares a client, what other offices know, assessments and decisions."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from sqlalchemy import bindparam, select

from shared.domain.events.payloads.access import AccessAnswered, AccessRequested
from shared.domain.events.payloads.broker import Duplicated, SetRefused
from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.payloads.support import Decided
from shared.domain.events.types import SetNotPermitted
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow
from shared.exchange.history.take import Histories
from shared.exchange.sets import NotShared, SecurityEvent, SetEquivocation
from shared.exchange.stream.dead_letters import note_refusals
from shared.exchange.stream.letters import answer_since
from shared.exchange.stream.tables import SetRow
from shared.institution.operations import suspicions
from shared.institution.operations.access import access_requests
from shared.institution.operations.benefit import books, papers
from shared.institution.operations.between import duplicates
from shared.institution.operations.clients import is_joint
from shared.institution.operations.erased import count_erased, follow
from shared.institution.operations.exchange import sharers
from shared.institution.operations.match_keys import require_nameable
from shared.institution.operations.moving import clients_of
from shared.institution.operations.runs import arriving
from shared.institution.operations.work import Work, own_head
from shared.institution.tables import ClientRow, DecisionRow

_OTHER_BYTES = (
    select(SetRow.hash)
    .where(SetRow.iss == bindparam("of_iss"), SetRow.jti == bindparam("of_jti"), SetRow.hash != bindparam("of_hash"))
    .limit(1)
)


@dataclass
class Arrival:
    """Arriving events of one transaction, with the clients they are about.

    ``names``: by which token a client goes of whom something is said under another one.
    ``moved``: the clients of cases that were decided on under a token that the person had before.
    """

    work: Work
    clients: dict[str, ClientRow] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    moved: dict[str, ClientRow] = field(default_factory=dict)
    histories: Histories = field(default_factory=Histories)
    refused: dict[bytes, str] = field(default_factory=dict)
    asked: dict[tuple[str, str], bytes] = field(default_factory=dict)
    erased: list[SecurityEvent] = field(default_factory=list)
    paired: list[tuple[ClientRow | None, SecurityEvent]] = field(default_factory=list)

    @classmethod
    async def of(cls, work: Work, events: Sequence[SecurityEvent]) -> Self:
        """Load and lock what the events are about."""
        arrival = cls(work)
        if events:
            arrival.names, arrival.clients = await clients_of(work, events)
            events = [arrival.named(event) for event in events]
            arrival.moved = await papers.moved(work.session, events, arrival.clients)
        counted = [event for event in events if event.type.is_shared]
        pairs = {(event.token, event.iss) for event in counted}
        pairs |= {(event.token, event.payload.iss) for event in events if isinstance(event.payload, SetRefused)}
        if pairs:
            arrival.histories = await Histories.load(work.session, pairs, arriving=counted)
        return arrival

    async def apply(self, event: SecurityEvent, place: int) -> None:
        """Apply one event; ``place`` is where it stands among all mail (``place_of``).

        :raises NotShared: the person is not shared with its author, here and now.
        :raises SetEquivocation: the author contradicts what it said before.
        :raises SetNotPermitted: it is meant for the broker alone, which should not have passed it on.
        :raises MatchKeyMismatch: its token is by a match key that the office does not hold, or has not used on all yet.
        """
        if event.type.goes_to == "broker":
            raise SetNotPermitted("The event is meant for the broker alone.")
        if not (event.type.is_of_run or event.token in self.clients or event.token in self.moved):
            await require_nameable(self.work.session, self.work.node, event.token)
        if event.type.is_of_run:
            await self._require_new(event)
            await arriving.arrived(self.work, event, self.histories.authors)
            return
        if event.iss == BROKER:
            if isinstance(event.payload, SetRefused) and event.payload.iss == self.work.node.id:
                self.refused[jose.decode(event.payload.hash)] = event.payload.problem
            handler: Callable[..., Awaitable[None]] | None = _BROKER_SAYS.get(event.type.name)
            client = self.clients.get(event.token)
            if isinstance(event.payload, Duplicated):
                joint = client is not None and is_joint(client, self.work.node.id)
                self.paired.append((client if joint else None, event))
            elif handler is not None and client is not None:
                await handler(self, client, event, place)
            return
        if event.type.goes_to == "members":
            await self._asked(event)
        elif isinstance(event.payload, Erased):
            self._erased(event, event.payload)
        else:
            await self._shared(event)

    def named(self, event: SecurityEvent) -> SecurityEvent:
        """Return an event under the token by which its client goes here."""
        name = self.names.get(event.token)
        return event if name is None else replace(event, token=name)

    async def is_leaving(self, token: str | None) -> bool:
        """Tell whether the office shared this person until lately: then mail on its way is nobody's mistake."""
        if token in self.clients:
            return True
        query = select(AuthorRow.iss).where(AuthorRow.token == token).limit(1)
        return await self.work.session.scalar(query) is not None

    async def finish(self) -> None:
        """Write back what is known of people, erase what is erased, and note what the broker refused of our own.

        Erasing comes last: what it names may have come in the same delivery; pairs come behind it, for they name forms
        that may be gone. What was refused may be answered already.
        """
        await self.work.session.flush()
        await self.histories.flush(self.work.session)
        await follow(self.work.session, self.erased)
        await duplicates.note_all(self.work, self.paired)
        if self.refused:
            head = await own_head(self.work.session, self.work.node)
            await note_refusals(self.work.session, head, self.refused, ids=self.work.node.ids, at=self.work.now)
            await self.work.session.flush()
            await answer_since(self.work.session, head, self.work.node.identity.federation)

    def _erased(self, event: SecurityEvent, payload: Erased) -> None:
        client = self.clients.get(event.token)
        shares = client is not None and is_joint(client, self.work.node.id) and event.iss in client.members
        count_erased(self.histories, event, payload, shares=shares)
        self.erased.append(event)
        if client is not None:
            self.work.changed("peer_record", jose.encode(event.hash), client.id, "erased")

    async def _asked(self, event: SecurityEvent) -> None:
        client = self.clients.get(event.token)
        if client is None or not is_joint(client, self.work.node.id) or event.iss not in client.members:
            raise NotShared()
        await self._require_new(event)
        if isinstance(event.payload, AccessRequested):
            await access_requests.answer(self.work, client, event.iss, event.payload)
        elif isinstance(event.payload, AccessAnswered):
            await access_requests.note_answer(self.work, client, event.iss, event.payload)

    async def _require_new(self, event: SecurityEvent) -> None:
        """Refuse other bytes under a known id: what is not counted is told apart by its id alone.

        Of a signature anybody can make a second one that holds, over the same words.

        :raises SetEquivocation: the author has used the id, or somebody has signed its words anew.
        """
        asked = {"of_iss": event.iss, "of_jti": event.jti, "of_hash": event.hash}
        stored = await self.work.session.scalar(_OTHER_BYTES, asked)
        if stored or self.asked.setdefault((event.iss, event.jti), event.hash) != event.hash:
            raise SetEquivocation("The id of the SET was used for other bytes.")

    async def _shared(self, event: SecurityEvent) -> None:
        decides = isinstance(event.payload, Decided)
        client = self.clients.get(event.token) or (self.moved.get(event.token) if decides else None)
        if client is None or not is_joint(client, self.work.node.id):
            raise NotShared()
        if event.token == client.token and event.iss in client.members:
            self.histories.take(event)
        elif not decides:
            raise NotShared()
        if decides:
            await papers.note_decision(self.work, client.id, event)
        self.work.changed("peer_record", jose.encode(event.hash), client.id, event.type.name.split(".")[1])


async def _members(arrival: Arrival, client: ClientRow, event: SecurityEvent, place: int) -> None:
    await sharers.note(arrival.work, arrival.histories, client, event)


async def _suspected(arrival: Arrival, client: ClientRow, event: SecurityEvent, place: int) -> None:
    await suspicions.note_raised(arrival.work, client, event.payload)


async def _refused(arrival: Arrival, client: ClientRow, event: SecurityEvent, place: int) -> None:
    payload: SetRefused = event.payload
    work, digest = arrival.work, jose.decode(payload.hash)
    if payload.iss != work.node.id:
        if payload.n is not None:
            arrival.histories.count(event.token, payload.iss, payload.n, digest)
        return
    await suspicions.note_in_vain(work, digest)
    for row in list(await work.session.scalars(select(DecisionRow).where(DecisionRow.set_hash == digest))):
        row.state, row.reason = "returned", payload.problem
        await books.settle(work.session, row.case_id, work.now)
    work.changed("refused", payload.hash, client.id, payload.problem)


async def _assessed(arrival: Arrival, client: ClientRow, event: SecurityEvent, place: int) -> None:
    await papers.note_assessment(arrival.work, client, event, place)


_BROKER_SAYS: dict[str, Callable[..., Awaitable[Any]]] = {
    "joint_client.matched.v1": _members,
    "joint_client.parted.v1": _members,
    "joint_client.contested.v1": _members,
    "joint_client.suspected.v1": _suspected,
    "set.refused.v1": _refused,
    "assessment.made.v1": _assessed,
    "assessment.corrected.v1": _assessed,
}
