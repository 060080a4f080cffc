"""Lanes are told to processes that do not run them: the best word counts, and silence says that nobody works."""

from collections.abc import AsyncIterator

import pytest

from shared.exchange.lanes import HOLDS_S, NO_WORKER, TELL_S, Board, LaneState, lanes_heard
from shared.runtime.database.engine import Database
from tests.builders import FixedClock
from tests.conftest import MakeDatabase


@pytest.fixture
async def db(make_database: MakeDatabase) -> AsyncIterator[Database]:
    made = Database(make_database("broker"))
    yield made
    await made.close()


async def heard(db: Database, clock: FixedClock) -> LaneState:
    async with db.read() as session:
        return (await lanes_heard(session, ("push",), clock.now()))["push"]


async def test_what_one_process_tells_another_hears_until_nobody_says_it_any_more(db: Database) -> None:
    clock = FixedClock()
    assert (await heard(db, clock)).problem == NO_WORKER
    board = Board(db, clock, "worker 1")
    await board.tell("push", LaneState(last_contact=clock.now()))
    assert await heard(db, clock) == LaneState(last_contact=clock.now())
    clock.go(HOLDS_S + 1)
    assert (await heard(db, clock)).problem == NO_WORKER


async def test_a_change_is_told_at_once_and_a_long_pause_holds_as_long_as_it_takes(db: Database) -> None:
    clock = FixedClock()
    board = Board(db, clock, "worker 1")
    await board.tell("push", LaneState())
    await board.tell("push", LaneState("stream-fork", "two pasts", 1), 3600)
    assert (await heard(db, clock)).problem == "stream-fork"
    clock.go(3600)
    assert (await heard(db, clock)).problem == "stream-fork"
    await board.tell("push", LaneState())
    assert (await heard(db, clock)).problem is None


async def test_a_lane_that_several_run_fares_as_the_best_of_them(db: Database) -> None:
    clock = FixedClock()
    first, second = Board(db, clock, "worker 1"), Board(db, clock, "worker 2")
    await first.tell("push", LaneState())
    await second.tell("push", LaneState("internal", "OSError", 5))
    assert (await heard(db, clock)).problem is None
    clock.go(TELL_S + HOLDS_S / 2)
    await second.tell("push", LaneState("internal", "OSError", 9))
    clock.go(HOLDS_S / 2)
    assert (await heard(db, clock)).problem == "internal"
