"""Enrolments and what follows from them: matches, suspicions, generations (WIRE.md, section 5)."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from services.broker.domain import matching
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.papers import mail_papers
from services.broker.operations.standing import NothingSuspected
from services.broker.tables import CaseRow, EnrolmentRow, MembershipRow, SuspicionRow
from shared.domain.events.payloads.broker import Members, Suspected
from shared.domain.events.payloads.people import Changed, Enrolled, MatchVerdict, Rekeyed
from shared.exchange import jose
from shared.exchange.sets import NotShared, SecurityEvent

EARLY = timedelta(days=30)


async def enrol(batch: Batch, person: Person, event: SecurityEvent, payload: Enrolled) -> None:
    """Take an enrolment, new or renewed."""
    row = person.enrolments.get(event.iss)
    if row is None:
        row = EnrolmentRow(token=person.token, institution=event.iss, check=payload.check, active=False)
        person.enrolments[event.iss] = row
        batch.session.add(row)
    elif row.check != payload.check:
        await _forget_suspicions(batch, person, event.iss)
    if not row.active:
        row.seat = 1 + max((other.seat for other in person.enrolments.values() if other.active), default=0)
    row.check, row.basis, row.active, row.enrolled_at = payload.check, payload.basis, True, batch.now
    await rematch(batch, person)


async def withdraw(batch: Batch, person: Person, event: SecurityEvent) -> None:
    """End an enrolment.

    :raises NotShared: the office has no such client.
    """
    _enrolment(person, event.iss)
    await end(batch, person, event.iss)


async def end(batch: Batch, person: Person, institution: str) -> None:
    """End an enrolment that there is."""
    person.enrolments[institution].active = False
    await _forget_suspicions(batch, person, institution, refused=False)
    await rematch(batch, person)


async def change(batch: Batch, person: Person, event: SecurityEvent, payload: Changed) -> None:
    """Take a new check on the surname: what was refused or suspected under the old one is asked anew.

    :raises NotShared: the office has no such client.
    """
    _enrolment(person, event.iss).check = payload.check
    await _forget_suspicions(batch, person, event.iss)
    await rematch(batch, person)


async def rekey(batch: Batch, person: Person, event: SecurityEvent, payload: Rekeyed) -> None:
    """Move an office's own enrolment to another token, and with it a case that the office holds.

    :raises NotShared: the office has no such client.
    """
    basis = _enrolment(person, event.iss).basis
    await _move_case(batch, person, event.iss, payload.token)
    await withdraw(batch, person, event)
    await batch.load([payload.token])
    moved = Enrolled(check=payload.check, key_fingerprint=batch.broker.settings.match_key_fingerprint, basis=basis)
    await enrol(batch, batch.people[payload.token], event, moved)


async def _move_case(batch: Batch, person: Person, institution: str, token: str) -> None:
    """Let cases outlive the rekeying of who holds them: a second case of one person would be paid a second time."""
    query = select(CaseRow).where(CaseRow.token.in_((person.token, token))).order_by(CaseRow.number).with_for_update()
    cases = list(await batch.session.scalars(query))
    if any(case.token == token for case in cases):
        return
    for case in cases:
        if institution == (person.row.programme_pup or case.owner):
            case.token, case.tokens = token, [*case.tokens, token]


async def answer(batch: Batch, person: Person, event: SecurityEvent, payload: MatchVerdict) -> None:
    """Take an official's answer to a suspected match; two confirmations make it one, a refusal ends it.

    :raises NotShared: the suspicion is not this office's to answer.
    :raises NothingSuspected: it was this office's and stands no more, or is answered otherwise.
    """
    suspicion = person.suspicions.get(payload.suspicion_id)
    if suspicion is not None and event.iss not in (suspicion.pup, suspicion.welfare):
        raise NotShared("No open suspicion of that id is yours to answer.")
    if suspicion is not None and event.type.name == f"match.{suspicion.state}.v1":
        return  # an office that was restored says once more what it had said
    if suspicion is None or suspicion.state != "open":
        raise NothingSuspected()
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


async def rematch(batch: Batch, person: Person) -> None:
    """Work out anew who shares a person; tell everybody whom that changes."""
    before = person.members
    enrolled = [
        matching.Enrolled(institution=name, check=row.check, seat=row.seat)
        for name, row in person.enrolments.items()
        if row.active
    ]
    outcome = matching.match(
        enrolled=enrolled,
        areas={one.institution: _area(batch, one.institution) for one in enrolled},
        standing={(s.pup, s.welfare): s.state for s in person.suspicions.values()},  # type: ignore[misc]
        members=before,
    )
    for pup, welfare in outcome.suspected:
        _suspect(batch, person, pup, welfare)
    await batch.session.flush()  # the next event of this very batch may end what was just suspected
    if outcome.members != before:
        await _new_generation(batch, person, before, outcome.members)


async def _new_generation(batch: Batch, person: Person, before: frozenset[str], after: frozenset[str]) -> None:
    joined, left = after - before, before - after
    person.row.generation += 1
    early = any(batch.now - person.memberships[name].since < EARLY for name in left)
    for name in joined:
        _member(batch, person, name).present = True
        membership = person.memberships[name]
        membership.since, membership.told_at, membership.left_at, membership.purged_at = batch.now, None, None, None
    for name in left:
        person.memberships[name].present, person.memberships[name].left_at = False, batch.now
    batch.given_anew.add(person.token)
    batch.newcomers[person.token] |= joined
    payload = Members(generation=person.row.generation, members=tuple(sorted(after)), early=bool(left) and early)
    news = None
    if joined:
        person.row.restate_generation = person.row.generation
        await batch.histories.expect_restatements(batch.session, person.token)
        news = batch.say("joint_client.matched.v1", person.token, payload, after)
        await mail_papers(batch, person, joined)
    if left:
        known = replace(payload, members=tuple(sorted(after - joined)))  # who leaves never learns who comes
        parted = batch.say("joint_client.parted.v1", person.token, known, left if joined else before)
        news = news or parted
        for name in left:
            batch.told(person.memberships[name])
    if person.row.programme_pup in left:
        person.row.programme_pup = person.row.programme_arm = None
    person.row.news_hash = jose.encode(news.hash) if news else None
    batch.note_news(person)


def _suspect(batch: Batch, person: Person, pup: str, welfare: str) -> None:
    suspicion = SuspicionRow(
        id=batch.broker.ids.uuid7(),
        token=person.token,
        pup=pup,
        welfare=welfare,
        pup_confirmed=False,
        welfare_confirmed=False,
        state="open",
        raised_at=batch.now,
    )
    person.suspicions[suspicion.id] = suspicion
    batch.session.add(suspicion)
    batch.say("joint_client.suspected.v1", person.token, Suspected(suspicion_id=suspicion.id), (pup, welfare))


async def _forget_suspicions(batch: Batch, person: Person, institution: str, *, refused: bool = True) -> None:
    """Forget what was suspected of an office's client; what was refused stays so until a check changes."""
    for suspicion in list(person.suspicions.values()):
        if institution in (suspicion.pup, suspicion.welfare) and (refused or suspicion.state != "refused"):
            del person.suspicions[suspicion.id]
            await batch.session.delete(suspicion)
    await batch.session.flush()


def _member(batch: Batch, person: Person, institution: str) -> MembershipRow:
    row = person.memberships.get(institution)
    if row is None:
        row = MembershipRow(token=person.token, institution=institution, present=False, since=batch.now)
        person.memberships[institution] = row
        batch.session.add(row)
    return row


def _enrolment(person: Person, institution: str) -> EnrolmentRow:
    if not person.is_enrolled(institution):
        raise NotShared("You have no such client enrolled.")
    return person.enrolments[institution]


def _area(batch: Batch, institution: str) -> frozenset[str]:
    member = batch.broker.directory.members.get(institution)
    return frozenset(member.area) if member else frozenset()
