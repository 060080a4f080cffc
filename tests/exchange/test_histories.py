"""Histories: whatever the order in which an author's events arrive, what is known in the end is the same."""

from collections.abc import AsyncIterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from shared.domain.events import schema
from shared.domain.events.payloads import people, support
from shared.domain.events.types import event_type
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow, HoleRow, RestatedPartRow, SharedRecordRow
from shared.exchange.history.take import Histories
from shared.exchange.sets import SecurityEvent, SetEquivocation, SignedSet
from shared.exchange.stream.append import store_sets
from shared.runtime.database.engine import Database
from tests.conftest import MakeDatabase
from tests.domain.builders import QUARTER, TOKEN

ISS, JTI = "pup-2478", "0192f0c1-7c00-7abc-8def-abcdefabcdef"


def form_id(number: int) -> str:
    return f"0192f0c1-7c00-7abc-8def-{number:012d}"


def form(number: int, hours: int = 0) -> support.SupportForm:
    return support.SupportForm(
        form_id=form_id(number), code="PUP-STA", from_=date(2026, 3, 2), hours_total=hours, status="active"
    )


@dataclass
class Author:
    """An author who says one thing after the other, counted and chained."""

    said: list[SecurityEvent]

    def say(self, name: str, payload: Any) -> SecurityEvent:
        n = len(self.said) + 1
        event = SecurityEvent(
            iss=ISS,
            iat=n,
            jti=JTI,
            toe=n,
            txn=JTI,
            token=TOKEN,
            type=event_type(name),
            payload=payload,
            n=n,
            prev=jose.encode(self.said[-1].hash) if self.said else None,
            hash=bytes([n]) * 32,
        )
        self.said.append(event)
        return event

    def restate(self, generation: int, *records: support.SupportForm, parts: int = 1) -> list[SecurityEvent]:
        items = [{"type": "support_form.opened.v1", "payload": schema.write(record)} for record in records]
        pieces = [items[part::parts] for part in range(parts)]
        name = f"0192f0c1-7c00-7abc-8def-{len(self.said):012d}"
        return [
            self.say(
                "record.restated.v1",
                people.Restated(
                    generation=generation,
                    restatement_id=name,
                    part=number,
                    parts=parts,
                    complete=True,
                    records=tuple(piece),
                ),
            )
            for number, piece in enumerate(pieces, 1)
        ]


@pytest.fixture
async def db(make_database: MakeDatabase) -> AsyncIterator[Database]:
    database = Database(make_database("broker"))
    yield database
    await database.close()


async def take(db: Database, *events: SecurityEvent) -> None:
    """Take events in as one batch."""
    async with db.write() as session:
        known = await Histories.load(session, {(TOKEN, ISS)})
        for event in events:
            known.take(event)
        await known.flush(session)


async def records(db: Database) -> list[tuple[str, int, Any]]:
    async with db.read() as session:
        rows = await session.scalars(select(SharedRecordRow).order_by(SharedRecordRow.key))
        return [(row.key[-2:], row.n, row.payload.get("hours_total")) for row in rows if not row.dropped]


async def author(db: Database) -> tuple[int, int | None, list[int], int]:
    """Return how far the author came, its baseline, the holes, and how many parts wait."""
    async with db.read() as session:
        row = await session.get(AuthorRow, (TOKEN, ISS))
        assert row is not None
        holes = list(await session.scalars(select(HoleRow.n).order_by(HoleRow.n)))
        return row.n, row.baseline_n, holes, len(list(await session.scalars(select(RestatedPartRow))))


async def forget(db: Database) -> None:
    async with db.write() as session:
        for table in (AuthorRow, HoleRow, RestatedPartRow, SharedRecordRow):
            await session.execute(delete(table))


async def test_a_later_event_of_a_record_takes_the_place_of_an_earlier_one(db: Database) -> None:
    pup = Author([])
    await take(db, pup.say("support_form.opened.v1", form(1)), pup.say("support_form.amended.v1", form(1, 40)))
    assert await records(db) == [("01", 2, 40)]


@pytest.mark.parametrize("late", [1, 2])
async def test_a_late_event_never_overwrites_newer_news(db: Database, late: int) -> None:
    pup = Author([])
    events = [
        *pup.restate(1),
        pup.say("support_form.opened.v1", form(1, 1)),
        pup.say("support_form.amended.v1", form(1, 2)),
        pup.say("support_form.amended.v1", form(1, 3)),
    ]
    missing = events.pop(late)
    await take(db, *events)
    assert (await author(db))[2] == [late + 1], "a hole is known by its count"
    await take(db, missing)
    assert await records(db) == [("01", 4, 3)]
    assert (await author(db))[2] == []


async def test_what_was_voided_is_not_revived_by_what_came_before(db: Database) -> None:
    pup = Author([])
    events = [
        *pup.restate(1),
        pup.say("support_form.opened.v1", form(1)),
        pup.say("support_form.voided.v1", support.SupportFormVoided(form_id=form_id(1))),
    ]
    await take(db, events[0], events[2])
    await take(db, events[1])
    assert await records(db) == []
    assert (await author(db))[2] == []


async def test_a_restatement_replaces_everything_before_it_and_nothing_after(db: Database) -> None:
    pup = Author([])
    await take(db, pup.say("support_form.opened.v1", form(1)), pup.say("support_form.opened.v1", form(2)))
    first = pup.restate(1, form(2, 7), form(3), parts=2)
    after = pup.say("support_form.opened.v1", form(4))
    await take(db, first[1], after)
    assert [key for key, _, _ in await records(db)] == ["01", "02", "04"], "not before all parts are there"
    assert (await author(db))[1] is None
    await take(db, first[0])
    assert [(key, hours) for key, _, hours in await records(db)] == [("02", 7), ("03", 0), ("04", 0)]
    assert await author(db) == (5, 4, [], 0)


async def test_parts_of_an_older_restatement_that_come_late_change_nothing(db: Database) -> None:
    pup = Author([])
    old = pup.restate(1, form(1), form(2), parts=2)
    new = pup.restate(2, form(3))
    await take(db, old[0], *new)
    await take(db, old[1])
    assert [key for key, _, _ in await records(db)] == ["03"]
    assert await author(db) == (3, 3, [], 0)


async def test_a_hole_before_a_restatement_matters_no_longer(db: Database) -> None:
    pup = Author([])
    events = [*pup.restate(1), pup.say("support_form.opened.v1", form(1)), pup.say("support_form.opened.v1", form(2))]
    await take(db, events[0], events[2])
    assert (await author(db))[2] == [2]
    await take(db, *pup.restate(1, form(1), form(2)))
    assert await author(db) == (4, 4, [], 0)


async def test_before_any_restatement_nothing_is_missed(db: Database) -> None:
    pup = Author([])
    events = [pup.say("support_form.opened.v1", form(number)) for number in range(1, 6)]
    await take(db, events[4])
    assert await author(db) == (5, None, [], 0)


@pytest.mark.parametrize(("n", "prev"), [(3, bytes(32)), (2, None)])
async def test_an_author_who_contradicts_the_count_or_the_chain_is_found_out(
    db: Database, n: int, prev: bytes | None
) -> None:
    pup = Author([])
    await take(db, *pup.restate(1), pup.say("support_form.opened.v1", form(1)))
    other = Author(pup.said[: n - 1]).say("support_form.opened.v1", form(9))
    forged = SecurityEvent(
        **{name: getattr(other, name) for name in other.__dataclass_fields__}
        | {"hash": bytes([99]) * 32, "prev": jose.encode(prev) if prev is not None else other.prev}
    )
    with pytest.raises(SetEquivocation):
        await take(db, forged)
    assert [key for key, _, _ in await records(db)] == ["01"]


@pytest.mark.parametrize("holds_another", [False, True])
async def test_what_the_count_went_past_may_come_late_and_what_contradicts_may_not(
    db: Database, holds_another: bool
) -> None:
    """A broker had refused it, and relays it once it was restored: the others had been told of later events."""
    pup = Author([])
    told = [*pup.restate(1), pup.say("support_form.opened.v1", form(1)), *pup.restate(2, form(2))]
    await take(db, told[0], told[2])
    other = SignedSet(ISS, JTI, "other bytes", bytes([98]) * 32, TOKEN, 2)
    async with db.write() as session:
        await store_sets(session, [other] if holds_another else [], datetime(2026, 3, 2, tzinfo=UTC))
        known = await Histories.load(session, {(TOKEN, ISS)}, arriving=[told[1]])
        await known.expect_restatements(session, TOKEN)
        with pytest.raises(SetEquivocation) if holds_another else nullcontext():
            known.take(told[1])
        await known.flush(session)
    assert [key for key, _, _ in await records(db)] == ["02"], "the restatement stands for it"
    assert await author(db) == (3, None, [], 0)


async def test_what_was_counted_by_its_hash_alone_is_applied_when_it_comes(db: Database) -> None:
    pup = Author([])
    told = [*pup.restate(1), pup.say("support_form.opened.v1", form(1))]
    await take(db, told[0])
    async with db.write() as session:
        known = await Histories.load(session, {(TOKEN, ISS)})
        known.count(TOKEN, ISS, 2, told[1].hash)
        await known.flush(session)
    await take(db, told[1])
    assert [key for key, _, _ in await records(db)] == ["01"]


async def test_the_first_part_of_a_restatement_may_come_after_the_second(db: Database) -> None:
    pup = Author([])
    first, second = pup.restate(1, form(2), form(3), parts=2)
    await take(db, second)
    async with db.write() as session:
        known = await Histories.load(session, {(TOKEN, ISS)}, arriving=[first])
        known.take(first)
        await known.flush(session)
    assert [key for key, _, _ in await records(db)] == ["02", "03"]


@st.composite
def stories(draw: st.DrawFn) -> list[SecurityEvent]:
    """Return what an author said: forms opened, amended and voided, and everything restated now and then."""
    pup, known = Author([]), dict[int, int]()
    pup.restate(1)
    for step in range(draw(st.integers(1, 7))):
        what, number = draw(st.sampled_from(["put", "put", "void", "restate"])), draw(st.integers(1, 3))
        if what == "put":
            known[number] = step
            pup.say("support_form.opened.v1", form(number, step))
        elif what == "void":
            known.pop(number, None)
            pup.say("support_form.voided.v1", support.SupportFormVoided(form_id=form_id(number)))
        else:
            pup.restate(step + 2, *(form(one, hours) for one, hours in known.items()), parts=draw(st.integers(1, 3)))
    return pup.said


def batches(draw: st.DrawFn, events: Sequence[SecurityEvent]) -> list[list[SecurityEvent]]:
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(events) - 1)), max_size=3)))
    return [list(events[start:end]) for start, end in pairwise([0, *cuts, len(events)])]


@pytest.mark.parametrize("make_database", ["sqlite"], indirect=True)
@settings(QUARTER, suppress_health_check=list(HealthCheck))
@given(stories(), st.data())
async def test_in_whatever_order_events_arrive_what_is_known_in_the_end_is_the_same(
    db: Database, said: list[SecurityEvent], data: st.DataObject
) -> None:
    await forget(db)
    for event in said:
        await take(db, event)
    in_order = (await records(db), await author(db))
    await forget(db)
    later = data.draw(st.permutations(said[1:]))
    for batch in batches(data.draw, [said[0], *later]):
        if batch:
            await take(db, *batch)
    assert (await records(db), await author(db)) == in_order
