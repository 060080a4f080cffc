"""Doorbells: whoever waits hears at once, whoever looks first misses nothing, and closing wakes everybody for good."""

import asyncio

import pytest

from shared.runtime.doorbell import Doorbells

LONG_S = 60.0
"""Nobody waits so long; the test would stand still if a ring were lost."""


@pytest.fixture
def bells() -> Doorbells:
    return Doorbells()


async def test_a_ring_between_the_look_and_the_wait_is_not_lost(bells: Doorbells) -> None:
    seen = bells.generation("pup-2478")
    bells.ring("pup-2478")
    assert await bells.wait("pup-2478", seen, LONG_S)


async def test_a_ring_while_waiting_wakes_everybody_who_waits_at_that_door(bells: Doorbells) -> None:
    waiting = [asyncio.create_task(bells.wait("a", bells.generation("a"), LONG_S)) for _ in range(100)]
    elsewhere = asyncio.create_task(bells.wait("b", bells.generation("b"), LONG_S))
    await asyncio.sleep(0)
    bells.ring("a")
    assert await asyncio.gather(*waiting) == [True] * 100
    assert not elsewhere.done()
    bells.close()
    assert await elsewhere


async def test_whoever_is_late_waits_for_the_next_ring(bells: Doorbells) -> None:
    bells.ring("a")
    assert not await bells.wait("a", bells.generation("a"), 0.01)


async def test_a_wait_that_ran_out_hears_the_next_ring_all_the_same(bells: Doorbells) -> None:
    seen = bells.generation("a")
    assert not await bells.wait("a", seen, 0.01)
    again = asyncio.create_task(bells.wait("a", seen, LONG_S))
    await asyncio.sleep(0)
    bells.ring("a")
    assert await again


async def test_no_ring_is_lost_between_many_who_ring_and_one_who_looks(bells: Doorbells) -> None:
    written, taken = 0, 0

    async def write() -> None:
        nonlocal written
        for _ in range(50):
            written += 1
            bells.ring("a")
            await asyncio.sleep(0)

    async def look() -> None:
        nonlocal taken
        while taken < 150:
            seen = bells.generation("a")
            taken = written
            if taken < 150:
                assert await bells.wait("a", seen, LONG_S)

    await asyncio.wait_for(asyncio.gather(look(), write(), write(), write()), 10)
    assert taken == 150


async def test_after_closing_nobody_waits(bells: Doorbells) -> None:
    waiting = [asyncio.create_task(bells.wait(key, 0, LONG_S)) for key in "abc"]
    await asyncio.sleep(0)
    bells.close()
    assert await asyncio.gather(*waiting) == [True] * 3
    assert bells.closing
    assert await bells.wait("d", bells.generation("d"), LONG_S)


async def test_a_waiter_that_is_cancelled_takes_no_ring_with_it(bells: Doorbells) -> None:
    gone = asyncio.create_task(bells.wait("a", 0, LONG_S))
    stays = asyncio.create_task(bells.wait("a", 0, LONG_S))
    await asyncio.sleep(0)
    gone.cancel()
    bells.ring("a")
    assert await stays
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_loop_over_a_closed_bell_lets_others_run_and_can_be_stopped() -> None:
    bells = Doorbells()
    bells.close()

    async def spin() -> None:
        while True:
            await bells.wait("news", 0, 5)

    task = asyncio.create_task(spin())
    await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(2):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
