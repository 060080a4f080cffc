"""Event type x kind of its author x what the author is to the person: at the broker and at a receiver.

The tables below are the rule written down a second time; the code that judges is the real one, with real signatures.
"""

import pytest
from sqlalchemy import select

from shared.domain.events.types import event_types
from shared.domain.institutions import BROKER
from shared.exchange.sets import SignedSet, set_hash
from shared.exchange.stream.append import Entry, append_entries, store_sets
from shared.exchange.stream.heads import find_head, lock_head
from shared.exchange.stream.tables import DeadLetterRow
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.exchange.retrying import retry_aside
from tests.broker.builders import Peer, enter, shared_person
from tests.builders import Federation, Office
from tests.domain.test_permissions import ALLOWED
from tests.security.mutations import twin_of
from tests.security.saying import TYPES, mail, payload_of, persons, said_of_all

STRANGER, ALONE, SUSPECTED, MEMBER, FORMER = range(1, 6)
RELATIONS = {STRANGER: "stranger", ALONE: "alone", SUSPECTED: "suspected", MEMBER: "member", FORMER: "former member"}
TAKEN, NOT_SHARED, NOT_PERMITTED = "taken", "not-shared", "set-not-permitted"


async def letters(federation: Federation, owner: str) -> dict[int, str]:
    """Return the problem of each position of a stream that the broker did not take."""
    async with federation.broker.db.read() as session:
        head = await find_head(session, owner, BROKER)
        assert head is not None
        rows = await session.scalars(select(DeadLetterRow).where(DeadLetterRow.stream_id == head.id))
        return {row.position: row.problem for row in rows}


async def relate(federation: Federation, author: Peer, other: Peer) -> None:
    """Make the author what it is to be to each person, by what both say."""
    at = {relation: [number for _, number in persons(relation)] for relation in RELATIONS}
    alone, shared, suspected = at[ALONE], [*at[MEMBER], *at[FORMER]], at[SUSPECTED]
    await mail(federation, author, [author.enrolled(number) for number in (*alone, *shared, *suspected)])
    await mail(
        federation,
        other,
        [other.enrolled(number) for number in (*shared, *at[STRANGER])]
        + [other.enrolled(number, "Inna") for number in suspected],
    )
    await mail(federation, author, [author.event("client.withdrawn.v1", {}, number) for number in at[FORMER]])
    await author.collect()
    await other.collect()


AT_THE_BROKER = {
    "none": (TAKEN, TAKEN, TAKEN, TAKEN, TAKEN),
    "enrolled": (NOT_SHARED, TAKEN, TAKEN, TAKEN, NOT_SHARED),
    "suspicion": (NOT_SHARED, NOT_SHARED, NOT_SHARED, NOT_SHARED, NOT_SHARED),
    "member": (NOT_SHARED, NOT_SHARED, NOT_SHARED, TAKEN, NOT_SHARED),
    "programme": (NOT_SHARED, NOT_SHARED, NOT_SHARED, NOT_PERMITTED, NOT_SHARED),
}
"""By what a type asks of its author: what the broker does, by what the author is, in the order of ``RELATIONS``.

``suspicion``: both verdicts name a suspicion that is not this pair's. ``programme``: nobody holds the membership here.
"""


def expected_at_broker(name: str, kind: str, relation: int) -> str:
    if kind not in ALLOWED[name]:
        return NOT_PERMITTED
    asks = "suspicion" if name.startswith("match.") else event_types()[name].relation
    return AT_THE_BROKER[asks][relation - 1]


@pytest.mark.parametrize("kind", ["pup", "ops"])
async def test_the_broker_takes_of_each_author_what_it_may_say_of_this_person_and_nothing_else(
    federation: Federation, kind: str
) -> None:
    pup, ops = await enter(federation, "pup-2478"), await enter(federation, "ops-2478011")
    author, other = (pup, ops) if kind == "pup" else (ops, pup)
    await relate(federation, author, other)
    found, expected = {}, {}
    for relation, what in RELATIONS.items():
        first = len(author.sets) + 1
        await mail(federation, author, said_of_all(author, relation))
        problems = await letters(federation, author.id)
        for position, name in enumerate(TYPES, first):
            found[name, what] = problems.get(position, TAKEN)
            expected[name, what] = expected_at_broker(name, kind, relation)
    assert found == expected


AT_A_RECEIVER = {
    "shared": (NOT_SHARED, NOT_SHARED, NOT_SHARED, TAKEN, NOT_SHARED),
    "members": (NOT_SHARED, NOT_SHARED, NOT_SHARED, TAKEN, NOT_SHARED),
    "broker": (NOT_PERMITTED,) * 5,
    "erasure": (TAKEN,) * 5,
}
"""By where a type goes: what an office does with it, whatever the broker let through. A mailbox holds no other office's
word to the broker, and an author may always erase its own."""


def expected_at_receiver(name: str, kind: str, relation: int) -> str:
    if kind not in ALLOWED[name]:
        return NOT_PERMITTED
    goes_to = "erasure" if name == "set.erased.v1" else event_types()[name].goes_to
    return AT_A_RECEIVER[goes_to][relation - 1]


async def put_into_mailbox(federation: Federation, receiver: Office, author: str, sets: list[str]) -> int:
    """Put SETs into a mailbox past all that an honest broker checks; return the position of the first."""
    async with federation.broker.db.write() as session:
        head = await lock_head(session, BROKER, receiver.id)
        assert head is not None
        first = head.position + 1
        rows = [SignedSet(author, f"{first}.{at}", text, set_hash(text), "") for at, text in enumerate(sets)]
        await store_sets(session, rows, federation.broker.now)
        await append_entries(session, head, [Entry(author, row.hash) for row in rows], federation.broker.now)
    return first


async def taken_at(federation: Federation, receiver: Office, author: str, sets: list[str]) -> list[str]:
    """Return what an office does with each SET of a lying broker's mail: taken, or the problem."""
    first = await put_into_mailbox(federation, receiver, author, sets)
    while await poll_once(receiver.node, wait_s=0):
        pass
    async with receiver.node.db.read() as session:
        head = await find_head(session, BROKER, receiver.id)
        assert head is not None
        assert head.position == first + len(sets) - 1, "the chain goes on"
        rows = await session.scalars(select(DeadLetterRow).where(DeadLetterRow.stream_id == head.id))
        problems = {row.position: row.problem for row in rows}
    return [problems.get(position, TAKEN) for position in range(first, first + len(sets))]


async def related(federation: Federation) -> tuple[Peer, Office]:
    """Return a labour office that is a bare key and a welfare centre, with people in every relation between them."""
    author, receiver = await enter(federation, "pup-2478"), await federation.join("ops-2478011")
    at = {relation: [number for _, number in persons(relation)] for relation in RELATIONS}
    for number in (*at[ALONE], *at[SUSPECTED], *at[MEMBER], *at[FORMER]):
        await receiver.enrol(number)
    together = [author.enrolled(number) for number in (*at[MEMBER], *at[FORMER])]
    await mail(federation, author, together + [author.enrolled(number, "Inna") for number in at[SUSPECTED]])
    await federation.settle()
    await mail(federation, author, [author.event("client.withdrawn.v1", {}, number) for number in at[FORMER]])
    await federation.settle()
    return author, receiver


async def test_a_receiver_takes_only_what_members_may_tell_it_whatever_the_broker_lets_through(
    federation: Federation,
) -> None:
    author, receiver = await related(federation)
    for relation, what in RELATIONS.items():
        done = await taken_at(federation, receiver, author.id, said_of_all(author, relation))
        found = dict(zip(TYPES, done, strict=True))
        assert found == {name: expected_at_receiver(name, "pup", relation) for name in TYPES}, what


async def test_what_an_office_told_the_broker_alone_spoils_no_count_at_another(federation: Federation) -> None:
    """Else a broker could have an honest author's first shared event refused as a contradiction."""
    author, receiver = await related(federation)
    number = next(iter(persons(MEMBER)))[1]
    progress = author.event("progress.recorded.v1", number=number)
    assert await taken_at(federation, receiver, author.id, [progress]) == [NOT_PERMITTED]
    assert await taken_at(federation, receiver, author.id, [author.restated(number)]) == [TAKEN]


@pytest.mark.parametrize("name", ["support_form.opened.v1", "access_log.requested.v1"])
async def test_the_twin_of_a_signature_makes_no_second_record_at_a_receiver(federation: Federation, name: str) -> None:
    author, receiver = await related(federation)
    number = next(iter(persons(MEMBER)))[1]
    text = author.event(name, payload_of(author.id, event_types()[name], number), number)
    assert await taken_at(federation, receiver, author.id, [text, twin_of(text)]) == [TAKEN, "set-equivocation"]
    assert await taken_at(federation, receiver, author.id, [twin_of(text)]) == ["set-equivocation"], "later, too"
    assert await taken_at(federation, receiver, author.id, [text]) == [TAKEN], "the same bytes are passed over"
    assert await retry_aside(receiver.node) == 0, "nor after an upgrade"


@pytest.mark.parametrize("name", ["support_form.opened.v1", "access_log.requested.v1", "progress.recorded.v1"])
async def test_the_twin_of_a_signature_makes_no_second_record_at_the_broker(federation: Federation, name: str) -> None:
    pup, ops = await shared_person(federation)
    text = pup.event(name, payload_of(pup.id, event_types()[name], 1), 1)
    await mail(federation, pup, [text, twin_of(text)])
    assert await letters(federation, pup.id) == {3: "set-equivocation"}
    assert [said for said, _ in await ops.collect()].count(name) <= 1
    await mail(federation, pup, [text])
    assert await letters(federation, pup.id) == {3: "set-equivocation"}, "the same bytes again are no second record"
