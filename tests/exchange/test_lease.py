"""Who may do a job now: one process at a time, on both databases, and nobody waits to hear it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.exchange.lease import LEASE_S, Turn, TurnLost, go_on, take_lease
from shared.runtime.database.engine import Database
from tests.broker.builders import ON_POSTGRESQL
from tests.builders import EPOCH, FixedClock
from tests.conftest import MakeDatabase


@pytest.fixture
async def replicas(make_database: MakeDatabase) -> AsyncIterator[list[Database]]:
    url = make_database("broker")
    made = [Database(url), Database(url)]
    yield made
    for one in made:
        await one.close()


@ON_POSTGRESQL
async def test_who_asks_while_another_is_being_given_a_job_hears_no_at_once(replicas: list[Database]) -> None:
    first, second = replicas
    async with first.write() as ours:
        assert await take_lease(ours, "relay", "one", EPOCH) == 1
        async with asyncio.timeout(5), second.write() as theirs:
            assert await take_lease(theirs, "relay", "other", EPOCH) is None
            assert await take_lease(theirs, "reconcile", "other", EPOCH) == 1, "another job is another lock"


@ON_POSTGRESQL
async def test_the_lock_ends_with_the_transaction_and_the_lease_decides(replicas: list[Database]) -> None:
    clock = FixedClock()
    one, other = (Turn(db, clock, "relay", name) for db, name in zip(replicas, ("one", "other"), strict=True))
    assert await one.holds()
    assert not await other.holds(), "no lock is held any more, and the lease is"
    clock.go(LEASE_S + 1)
    assert await other.holds()
    assert not await one.holds()
    with pytest.raises(TurnLost):
        await go_on(one.holds)
    async with replicas[0].write() as session:
        assert await take_lease(session, "relay", "other", clock.now()) == 2, "each new holder has a higher number"


@ON_POSTGRESQL
async def test_of_many_replicas_that_ask_at_once_one_works(replicas: list[Database]) -> None:
    clock = FixedClock()
    turns = [Turn(replicas[number % 2], clock, "relay", f"replica {number}") for number in range(8)]
    async with asyncio.timeout(20):
        for _ in range(10):
            asked = await asyncio.gather(*(turn.holds() for turn in turns))
            assert asked.count(True) <= 1
            clock.go(LEASE_S + 1)
            turns = [Turn(replicas[number % 2], clock, "relay", f"later {number}") for number in range(8)]


async def test_a_turn_is_renewed_before_it_ends(replicas: list[Database]) -> None:
    clock = FixedClock()
    turn = Turn(replicas[0], clock, "relay", "one")
    for _ in range(10):
        assert await turn.holds()
        clock.go(LEASE_S * 0.6)
    other = Turn(replicas[1], clock, "relay", "other")
    assert await other.holds() is replicas[1].is_sqlite, "one process alone has a SQLite file"
