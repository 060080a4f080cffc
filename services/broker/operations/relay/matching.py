"""Enrolments and what follows from them: matches, suspicions, generations (WIRE.md, section 5)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.broker.domain import matching
from services.broker.operations.relay import contesting
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.generations import bring_to, repeat, suspected
from services.broker.operations.relay.naming import require_key, require_pair
from services.broker.operations.standing import NothingSuspected
from services.broker.tables import EnrolmentRow, SuspicionRow
from shared.domain.contest import require_letting_in
from shared.domain.events.payloads.people import Changed, Enrolled, MatchVerdict
from shared.exchange.sets import NotShared, SecurityEvent


@dataclass(frozen=True, slots=True)
class Checks:
    """Checks on a surname: by the match key in force, and by the next one; ``None`` where an office has no such key."""

    now: str | None
    next: str | None

    def contradict(self, row: EnrolmentRow) -> bool:
        """Tell whether one of them is another than the office told before by the same key."""
        pairs = ((self.now, row.check or None), (self.next, row.next_check))
        return any(told is not None and before is not None and told != before for told, before in pairs)


async def enrol(batch: Batch, person: Person, event: SecurityEvent, payload: Enrolled) -> None:
    """Take an enrolment, new or renewed; while match keys overlap it may carry a token of each.

    :raises MatchKeyMismatch: it is by another key, or by one that has ended.
    :raises PairContradicted: one of its two tokens is known to be of another person.
    """
    signed_under = batch.token_of(event)
    require_key(batch.broker.directory.match_keys, signed_under, payload)
    require_pair(batch, person.token, payload)
    await take(
        batch, person, event.iss, payload.basis, checks_of(batch, signed_under, payload.check, payload.next_check)
    )


async def take(batch: Batch, person: Person, iss: str, basis: str, checks: Checks) -> None:
    """Take an office's word that it has a client."""
    row, doubted = person.enrolments.get(iss), frozenset[matching.Pair]()
    knew = row is not None and bool(row.check or row.next_check) and person.knows_the_name(iss)
    if row is None:
        row = EnrolmentRow(token=person.token, institution=iss, check="", active=False)
        person.enrolments[iss] = row
        batch.session.add(row)
    elif checks.contradict(row):
        doubted = await _forget_suspicions(batch, person, iss)
    if not row.active:
        row.seat = 1 + max((other.seat for other in person.enrolments.values() if other.active), default=0)
    row.check, row.next_check = checks.now or "", checks.next
    row.basis, row.active, row.enrolled_at = basis, True, batch.now
    if not knew and iss in person.members | person.held and person.token not in batch.united:
        repeat(batch, person, {iss})
    await rematch(batch, person, doubted)


def checks_of(batch: Batch, token: str, check: str, next_check: str | None = None) -> Checks:
    """Return by which keys an office tells a check: the token says which key the first one is by."""
    return Checks(None, check) if batch.broker.directory.match_keys.is_of_next(token) else Checks(check, next_check)


async def withdraw(batch: Batch, person: Person, event: SecurityEvent) -> None:
    """End an enrolment.

    :raises NotShared: the office has no such client.
    """
    enrolment_of(person, event.iss)
    await end(batch, person, event.iss)


async def end(batch: Batch, person: Person, institution: str, *, for_good: bool = False) -> None:
    """End an enrolment that there is; ``for_good``: its token has ended, so what was refused is never asked again."""
    person.enrolments[institution].active = False
    await _forget_suspicions(batch, person, institution, refused=for_good)
    await rematch(batch, person)


async def change(batch: Batch, person: Person, event: SecurityEvent, payload: Changed) -> None:
    """Take a new check on the surname: what was refused or suspected under the old one is asked anew.

    :raises NotShared: the office has no such client.
    """
    row, checks = enrolment_of(person, event.iss), checks_of(batch, batch.token_of(event), payload.check)
    row.check, row.next_check = checks.now or row.check, checks.next or row.next_check
    await rematch(batch, person, await _forget_suspicions(batch, person, event.iss))


async def answer(batch: Batch, person: Person, event: SecurityEvent, payload: MatchVerdict) -> None:
    """Take an official's answer to a suspected match; two confirmations make it one, a refusal ends it.

    :raises NotShared: the suspicion is not this office's to answer.
    :raises NothingSuspected: it was this office's and stands no more, or is answered otherwise.
    :raises LetsNobodyIn: it lets a second labour office in for a reason that does not.
    """
    suspicion = person.suspicions.get(payload.suspicion_id)
    if suspicion is not None and event.iss not in (suspicion.pup, suspicion.welfare):
        raise NotShared("No open suspicion of that id is yours to answer.")
    if suspicion is not None and event.type.name == f"match.{suspicion.state}.v1":
        return  # an office that was restored says once more what it had said
    if suspicion is None or suspicion.state != "open":
        raise NothingSuspected()
    if suspicion.contest and event.type.name == "match.confirmed.v1":
        require_letting_in(payload.reason_code)
    if event.type.name == "match.refused.v1":
        suspicion.state = "refused"
        await rematch(batch, person)
    elif event.iss == suspicion.pup:
        suspicion.pup_confirmed = True
    else:
        suspicion.welfare_confirmed = True
    if suspicion.pup_confirmed and suspicion.welfare_confirmed and suspicion.state == "open":
        suspicion.state = "confirmed"
        await rematch(batch, person)


async def rematch(batch: Batch, person: Person, doubted: frozenset[matching.Pair] = frozenset()) -> None:
    """Work out anew who shares a person; tell everybody whom that changes.

    Where two groups met nobody counts as known: who shared or was held on one side never was with the other one.
    """
    enrolled = [
        matching.Enrolled(institution=name, check=row.check, seat=row.seat, next_check=row.next_check)
        for name, row in person.enrolments.items()
        if row.active
    ]
    members, held = (frozenset(), frozenset()) if person.token in batch.united else (person.members, person.held)
    outcome = matching.match(
        enrolled=enrolled,
        areas={one.institution: _area(batch, one.institution) for one in enrolled},
        standing=_answers(person, contest=False),
        members=members,
        known=held,
        doubted=doubted,
        registered=await contesting.registered(batch, person),
        let_in=_answers(person, contest=True),
    )
    for pair in outcome.suspected:
        _suspect(batch, person, pair)
    if outcome.leader is None:
        await _forget(batch, person, [one for one in person.suspicions.values() if one.contest])
    await batch.session.flush()  # the next event of this very batch may end what was just suspected
    await bring_to(batch, person, outcome)
    for pair in outcome.questions:
        _suspect(batch, person, pair, contest=True)
    await batch.session.flush()


async def settle(batch: Batch, tokens: Iterable[str]) -> None:
    """Work out who shares people whom two groups knew apart, before anything else is told of them."""
    for token in sorted(batch.united.intersection(tokens)):
        await rematch(batch, batch.people[token])


def tell_moved(batch: Batch) -> None:
    """Tell all of people who go by another token from now on: the same generation, under the new token.

    Where two groups met, neither learns of the other before it is worked out who shares the person.
    """
    for token in sorted(batch.moved - batch.united):
        person = batch.people[token]
        repeat(batch, person, {name for name in person.members | person.held if person.knows_the_name(name)})


def _answers(person: Person, *, contest: bool) -> dict[matching.Pair, matching.Standing]:
    """Return what officials made of suspected pairs, or of the questions of a contest."""
    rows = (row for row in person.suspicions.values() if row.contest is contest)
    return {(row.pup, row.welfare): row.state for row in rows}


def _suspect(batch: Batch, person: Person, pair: matching.Pair, *, contest: bool = False) -> None:
    pup, welfare = pair
    suspicion = SuspicionRow(
        id=batch.broker.ids.uuid7(),
        token=person.token,
        pup=pup,
        welfare=welfare,
        pup_confirmed=False,
        welfare_confirmed=False,
        state="open",
        raised_at=batch.now,
        contest=contest,
    )
    person.suspicions[suspicion.id] = suspicion
    batch.session.add(suspicion)
    batch.say("joint_client.suspected.v1", person.token, suspected(suspicion), pair)


async def _forget_suspicions(
    batch: Batch, person: Person, institution: str, *, refused: bool = True
) -> frozenset[matching.Pair]:
    """Forget what was suspected of an office's client; what was refused stays so until a check changes.

    Return of which pairs nobody had said that they are one person.
    """
    about = (one for one in person.suspicions.values() if institution in (one.pup, one.welfare))
    gone = [one for one in about if refused or one.contest or one.state != "refused"]
    await _forget(batch, person, gone)
    await batch.session.flush()
    return frozenset((one.pup, one.welfare) for one in gone if not one.contest and one.state != "confirmed")


async def _forget(batch: Batch, person: Person, suspicions: Sequence[SuspicionRow]) -> None:
    for suspicion in suspicions:
        del person.suspicions[suspicion.id]
        await batch.session.delete(suspicion)


def enrolment_of(person: Person, institution: str) -> EnrolmentRow:
    """Return an active enrolment.

    :raises NotShared: the office has no such client.
    """
    if not person.is_enrolled(institution):
        raise NotShared("You have no such client enrolled.")
    return person.enrolments[institution]


def _area(batch: Batch, institution: str) -> frozenset[str]:
    member = batch.broker.directory.members.get(institution)
    return frozenset(member.area) if member else frozenset()
