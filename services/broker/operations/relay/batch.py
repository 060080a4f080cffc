"""The people that a batch of events is about, loaded at once, locked in one order, and written back together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.epochs.names import old_tokens
from services.broker.node import Broker
from services.broker.operations.relay.erased import Erasure, erase, forget_erased
from services.broker.tables import DirtyRow, EnrolmentRow, MembershipRow, PersonRow, SuspicionRow
from shared.domain.institutions import BROKER
from shared.exchange.history.take import Histories
from shared.exchange.sets import SecurityEvent, SignedSet
from shared.exchange.stream.append import Entry, append_entries, store_sets
from shared.exchange.stream.heads import lock_heads
from shared.exchange.stream.tables import DeadLetterRow
from shared.runtime.database.bulk import insert_many, table_of

# Statements of the hot paths are built once: building one takes as long as running it.
_TOKENS: BindParameter[Any] = bindparam("tokens", expanding=True)
_LOCKED = select(PersonRow).where(PersonRow.token.in_(_TOKENS)).order_by(PersonRow.token).with_for_update()
_ENROLMENTS = select(EnrolmentRow).where(EnrolmentRow.token.in_(_TOKENS))
_MEMBERSHIPS = select(MembershipRow).where(MembershipRow.token.in_(_TOKENS))
_SUSPICIONS = select(SuspicionRow).where(SuspicionRow.token.in_(_TOKENS))


@dataclass(frozen=True, slots=True)
class Work:
    """One entry to be relayed: an event, or the dead letter of one that intake refused."""

    position: int
    event: SecurityEvent | None
    letter: DeadLetterRow | None


@dataclass
class Person:
    """A person as the broker knows one: a token, who enrolled it, who shares it.

    ``before``: the token of the match key that ends, while some know the person by that one alone.
    """

    row: PersonRow
    before: str | None = None
    enrolments: dict[str, EnrolmentRow] = field(default_factory=dict)
    memberships: dict[str, MembershipRow] = field(default_factory=dict)
    suspicions: dict[str, SuspicionRow] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """Return the token."""
        return self.row.token

    @property
    def members(self) -> frozenset[str]:
        """Return who shares the person now."""
        return frozenset(name for name, membership in self.memberships.items() if membership.present)

    @property
    def held(self) -> frozenset[str]:
        """Return who would share the person and gets nothing, because of another labour office."""
        return frozenset(name for name, membership in self.memberships.items() if membership.held)

    def is_enrolled(self, institution: str) -> bool:
        """Tell whether an office has this client."""
        enrolment = self.enrolments.get(institution)
        return enrolment is not None and enrolment.active

    def knows_the_name(self, institution: str) -> bool:
        """Tell whether an office can tell its client by the token under which the person goes here."""
        enrolment = self.enrolments.get(institution)
        return self.before is None or enrolment is None or enrolment.next_check is not None


@dataclass
class Batch:
    """Work in one transaction: people, what is known of them, and mail still to be put into mailboxes.

    ``names`` and ``signed_under`` say of whom tokens of another match key are; ``moved`` are people who go by another
    token since now, ``united`` those of them of whom two groups knew apart. ``silenced`` are the authors, by
    person, of whose registrations nothing is known any more: who of them is held is asked again. Whether support is
    given twice is looked at for all forms of people in ``given_anew``, and of ``given_some`` for the ``forms`` written.
    ``told_before`` are offices, by person, who told of a person that they do not share now.
    """

    broker: Broker
    session: AsyncSession
    now: datetime
    people: dict[str, Person] = field(default_factory=dict)
    histories: Histories = field(default_factory=Histories)
    mail: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    said: list[SignedSet] = field(default_factory=list)
    dirty: set[str] = field(default_factory=set)
    given_anew: set[str] = field(default_factory=set)
    given_some: set[str] = field(default_factory=set)
    forms: list[dict[str, Any]] = field(default_factory=list)
    registered_anew: set[str] = field(default_factory=set)
    newcomers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    erasures: list[Erasure] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    signed_under: dict[bytes, str] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)
    united: set[str] = field(default_factory=set)
    silenced: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    told_before: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _told: list[tuple[MembershipRow, int]] = field(default_factory=list)

    async def load(self, tokens: Iterable[str], authors: Iterable[tuple[str, str]] = ()) -> None:
        """Load and lock people in the order of their tokens; make those who are new."""
        wanted = sorted(set(tokens) - self.people.keys())
        rows = [{"token": token, "generation": 0, "restate_generation": 0, "contested": False} for token in wanted]
        person_table = table_of(PersonRow)
        await insert_many(self.session, person_table, rows, conflict="ON CONFLICT DO NOTHING")
        asked = {"tokens": wanted}
        for row in await self.session.scalars(_LOCKED, asked):
            self.people[row.token] = Person(row)
        for enrolment in await self.session.scalars(_ENROLMENTS, asked):
            self.people[enrolment.token].enrolments[enrolment.institution] = enrolment
        for membership in await self.session.scalars(_MEMBERSHIPS, asked):
            self.people[membership.token].memberships[membership.institution] = membership
        for suspicion in await self.session.scalars(_SUSPICIONS, asked):
            self.people[suspicion.token].suspicions[suspicion.id] = suspicion
        for new, old in (await old_tokens(self.session, self.broker.directory.match_keys, wanted)).items():
            self.people[new].before = old
        if pairs := sorted(set(authors)):
            self.histories = await Histories.load(self.session, pairs)

    def say(self, name: str, token: str, payload: object, to: Iterable[str]) -> SignedSet:
        """Say an event of the broker's own to some members, to each under a token that it knows."""
        person, readers = self.people.get(token), sorted(to)
        late = [one for one in readers if person and not person.knows_the_name(one)]
        if person and person.before and late:
            self._say(name, person.before, payload, late)
        return self._say(name, token, payload, [one for one in readers if one not in late])

    def _say(self, name: str, token: str, payload: object, to: Iterable[str]) -> SignedSet:
        signed = self.broker.event(name, token, payload, self.now)
        self.said.append(signed)
        for member in to:
            self.mail[member].append(Entry(BROKER, signed.hash))
        return signed

    def token_of(self, event: SecurityEvent) -> str:
        """Return the token under which the author signed an event."""
        return self.signed_under.get(event.hash, event.token)

    def relay(self, iss: str, digest: bytes, to: Iterable[str]) -> None:
        """Put a member's SET into mailboxes of others."""
        for member in sorted(to):
            self.mail[member].append(Entry(iss, digest))

    def told(self, membership: MembershipRow) -> None:
        """Remember that the newest mail of this institution tells it that it left."""
        self._told.append((membership, len(self.mail[membership.institution])))

    def note_news(self, person: Person) -> None:
        """Remember that there is news of a person; only of recipients can it change an assessment."""
        if person.row.programme_arm == "recipient":
            self.dirty.add(person.token)

    async def flush(self) -> None:
        """Write everything back: people and histories first, mailboxes last, in the order of their heads."""
        await self.write()
        await self.mail_out()

    async def write(self) -> None:
        """Write people and histories back; what is said of the same people from here on finds all of it written."""
        await self.session.flush()
        await self.histories.flush(self.session)
        self.forms = [row for row in self.histories.written("support_form") if row["token"] in self.given_some]
        for token, iss in await forget_erased(self.session, self.erasures):
            self.silenced[token].add(iss)
        erased = {one.token for one in self.erasures}
        self.given_anew |= self.given_some & (erased | self.moved | self.united)
        self.histories = Histories()

    async def mail_out(self) -> None:
        """Store what the broker says and put all mail into mailboxes; the last thing that a batch does."""
        await store_sets(self.session, self.said, self.now)
        heads = await lock_heads(self.session, BROKER, [name for name, mail in self.mail.items() if mail])
        before = {name: head.position for name, head in heads.items()}
        for name, head in heads.items():
            await append_entries(self.session, head, self.mail[name], self.now)
        for membership, offset in self._told:
            membership.told_at = before.get(membership.institution, 0) + offset
        await erase(self.session, self.erasures, {name: heads[name].id for name in heads}, before, self.mail)
        rows = [{"token": token, "since": self.now} for token in sorted(self.dirty)]
        dirty_table = table_of(DirtyRow)
        await insert_many(self.session, dirty_table, rows, conflict="ON CONFLICT DO NOTHING")
