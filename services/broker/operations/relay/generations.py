"""Generations: each change of who shares a person is numbered, and told to everybody whom it concerns.

Who shares the person learns the complete list. Who is held learns that it is, and of nobody else: neither who leads
nor who shares; and who shares learns that there is a contest, but not of whom it does not know already.
"""

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import timedelta

from services.broker.domain.matching import Matching
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.papers import mail_papers
from services.broker.operations.relay.reminding import remind
from services.broker.tables import MembershipRow, SuspicionRow
from shared.domain.events.payloads.broker import Members, Suspected
from shared.exchange import jose
from shared.exchange.sets import SignedSet

EARLY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Change:
    """What a generation changes: who shared and was held until now, and who does and is from here on.

    ``silenced``: of whose registrations nothing is known any more, though they had been told.
    """

    members: frozenset[str]
    held: frozenset[str]
    was_contested: bool
    now: Matching
    united: bool = False
    silenced: frozenset[str] = frozenset()

    @property
    def joined(self) -> frozenset[str]:
        """Return who begins to share; where two groups met that did not know of each other, each one does."""
        return self.now.members if self.united else self.now.members - self.members

    @property
    def hushed(self) -> frozenset[str]:
        """Return who begins to be held; where two groups met, it is told so anew to who was."""
        return self.now.held if self.united else self.now.held - self.held

    @property
    def asked_again(self) -> frozenset[str]:
        """Return who was held and still is, and has to say once more which registrations it has."""
        return (self.silenced & self.now.held) - self.hushed

    @property
    def gone(self) -> frozenset[str]:
        """Return who neither shares nor is held any more."""
        return (self.members | self.held) - self.now.members - self.now.held

    @property
    def newly_informed(self) -> frozenset[str]:
        """Return who is to get the papers of cases: who joins and, after a contest, who joined while it lasted."""
        ended = self.was_contested and not self.now.contested
        return self.now.members if ended else self.joined

    @property
    def is_told_whole(self) -> bool:
        """Tell whether all members are told anew who shares, and restate: not where some only leave."""
        contested = self.now.contested
        return bool(self.joined) or contested != self.was_contested or (contested and self.now.members != self.members)


async def bring_to(batch: Batch, person: Person, outcome: Matching) -> None:
    """Bring a person to what was worked out; where that changes anything, it is a new generation."""
    united = person.token in batch.united
    silenced = frozenset(batch.silenced.pop(person.token, ()))
    change = Change(person.members, person.held, person.row.contested, outcome, united, silenced)
    before = (change.members, change.held, change.was_contested)
    if (outcome.members, outcome.held, outcome.contested) == before and not (united or change.asked_again):
        return
    batch.united.discard(person.token)
    row = person.row
    early = any(batch.now - person.memberships[name].since < EARLY for name in change.gone & change.members)
    row.generation, row.contested = row.generation + 1, outcome.contested
    _write(batch, person, change)
    payload = Members(generation=row.generation, members=tuple(sorted(outcome.members)), early=early)
    told = await _tell_whole(batch, person, change, payload)
    parted = _tell_parted(batch, person, change, payload)
    _tell_held(batch, person, change)
    if row.programme_pup in change.gone:
        row.programme_pup = row.programme_arm = None
    if news := told or parted:
        row.news_hash = jose.encode(news.hash)
    batch.note_news(person)


def told_who(person: Person) -> str:
    """Return the event by which members are told who shares the person."""
    return "joint_client.contested.v1" if person.row.contested else "joint_client.matched.v1"


def tell_held(batch: Batch, person: Person, to: Set[str]) -> None:
    """Tell who is held that it is, and nothing of others."""
    batch.say("joint_client.contested.v1", person.token, Members(generation=person.row.generation, members=()), to)


def repeat(batch: Batch, person: Person, to: Set[str]) -> None:
    """Say once more who shares a person; the generation is known, so only the token is news."""
    payload = Members(generation=person.row.generation, members=tuple(sorted(person.members)), early=False)
    if sharing := to & person.members:
        batch.say(told_who(person), person.token, payload, sharing)
    if held := to & person.held:
        tell_held(batch, person, held)


def suspected(suspicion: SuspicionRow) -> Suspected:
    """Return what a suspicion says, or the question whether a labour office is let in."""
    return Suspected(suspicion_id=suspicion.id, contest=suspicion.contest or None)


def _write(batch: Batch, person: Person, change: Change) -> None:
    for name in change.joined | change.hushed:
        row = _membership(batch, person, name)
        row.present, row.held = name in change.joined, name in change.hushed
        row.left_at = row.purged_at = None
        if name not in change.members | change.held:
            row.asked = person.row.generation
        if name in change.joined or name not in change.members:
            row.since, row.told_at = batch.now, None
    for name in change.gone:
        row = person.memberships[name]
        row.present, row.held, row.left_at = False, False, batch.now
    if change.united or change.now.members != change.members:
        batch.given_anew.add(person.token)
        batch.newcomers[person.token] |= change.joined


async def _tell_whole(batch: Batch, person: Person, change: Change, payload: Members) -> SignedSet | None:
    """Tell all members who shares the person now; each then restates, so that whoever joins has all."""
    if not (change.is_told_whole and change.now.members):
        return None
    person.row.restate_generation = person.row.generation
    await batch.histories.expect_restatements(batch.session, person.token)
    news = batch.say(told_who(person), person.token, payload, change.now.members)
    await remind(batch, person, change.joined)
    if person.row.programme_pup not in change.now.held:
        await mail_papers(batch, person, change.newly_informed)
    return news


def _tell_parted(batch: Batch, person: Person, change: Change, payload: Members) -> SignedSet | None:
    """Tell of the parting who leaves and, where they are not told the whole list, who stays."""
    left, never = change.gone & change.members, change.gone & change.held
    stay = frozenset[str]() if change.is_told_whole else change.members & change.now.members
    parted = None
    if left:
        known = tuple(sorted(change.now.members - change.joined))  # who leaves never learns who comes
        parted = batch.say("joint_client.parted.v1", person.token, replace(payload, members=known), left | stay)
    if never:
        batch.say("joint_client.parted.v1", person.token, replace(payload, members=(), early=False), never)
    for name in change.gone:
        batch.told(person.memberships[name])
    return parted


def _tell_held(batch: Batch, person: Person, change: Change) -> None:
    """Tell who is held from here on, and who has to say again what it has: it answers a generation that is new."""
    if told := change.hushed | change.asked_again:
        tell_held(batch, person, told)
    for name in change.hushed:
        batch.told(person.memberships[name])


def _membership(batch: Batch, person: Person, institution: str) -> MembershipRow:
    row = person.memberships.get(institution)
    if row is None:
        row = MembershipRow(
            token=person.token, institution=institution, present=False, held=False, asked=0, since=batch.now
        )
        person.memberships[institution] = row
        batch.session.add(row)
    return row
