"""Quotas: what one institution may push and read; it is told what is spent, and when to come back."""

from collections.abc import Mapping

import pytest

from services.broker.main import create_broker
from services.broker.operations import quotas
from shared.institution.worker import Worker
from tests.broker.builders import (
    ON_POSTGRESQL,
    ON_SQLITE,
    READING,
    Answer,
    Peer,
    enter,
    shared_person,
    stored,
    token_of,
)
from tests.builders import Federation, SeededIds
from tests.federation.saying import joint


def allow(federation: Federation, **limits: int) -> None:
    federation.broker.settings = federation.broker.settings.model_copy(update=limits)


async def spent(peer: Peer) -> Mapping[tuple[str, int], int]:
    answer = await peer.call("GET", "/v1/limits")
    return {(one["what"], one["period_s"]): one["used"] for one in answer.body["quotas"]}


async def read(peer: Peer, status: int) -> Answer:
    return await peer.call("POST", "/v1/merged-views", {"token": token_of(9)}, status=status, **READING)


async def test_a_push_over_the_quota_leaves_nothing_and_is_taken_when_the_next_window_begins(
    federation: Federation,
) -> None:
    pup, ops = await enter(federation, "pup-2478"), await enter(federation, "ops-2478011")
    allow(federation, sets_per_minute=3)
    await pup.push(pup.enrolled(1), pup.enrolled(2))
    texts = [pup.enrolled(3), pup.enrolled(4)]
    before = await stored(federation)
    answer = await pup.push(*texts, status=429)
    assert answer.problem == "rate-limited"
    wait = int(answer.headers["Retry-After"])
    assert (answer.body["retry_after_s"], answer.body["retryable"]) == (wait, True)
    assert 0 < wait <= 60
    assert await stored(federation) == before
    await ops.push(ops.enrolled(1))
    federation.clock.go(wait)
    await pup.push(*texts)
    assert (await spent(pup))["sets", 60] == 2
    assert (await spent(pup))["sets", 24 * 3600] == 4


@ON_SQLITE
@pytest.mark.parametrize(("limit", "period_s"), [("bytes_per_minute", 60), ("bytes_per_day", 24 * 3600)])
async def test_bytes_are_counted_and_the_longest_wait_is_told(
    federation: Federation, limit: str, period_s: int
) -> None:
    pup = await enter(federation, "pup-2478")
    text = pup.enrolled(1)
    allow(federation, **{limit: len(text)})
    await pup.push(text)
    assert (await spent(pup))["bytes", period_s] == len(text)
    answer = await pup.push(pup.enrolled(2), status=429)
    assert 0 < int(answer.headers["Retry-After"]) <= period_s
    assert answer.body["expected"] == len(text)


@ON_SQLITE
async def test_what_is_refused_as_a_whole_counts_as_what_is_taken(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    await pup.push(pup.enrolled(1))
    beyond = pup.delivery(5, [pup.enrolled(2)])
    answer = await pup.call("POST", f"/v1/streams/{pup.id}/sets", beyond, status=409)
    assert answer.problem == "stream-gap"
    assert (await spent(pup))["sets", 60] == 2


@ON_SQLITE
async def test_a_heartbeat_costs_nothing_and_goes_through_where_the_quota_is_spent(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    allow(federation, sets_per_minute=1)
    await pup.push(pup.enrolled(1))
    await pup.push()
    assert (await spent(pup))["sets", 60] == 1


async def test_reads_of_persons_are_counted_whether_or_not_there_is_an_answer(federation: Federation) -> None:
    pup, ops = await shared_person(federation)
    allow(federation, reads_per_minute=2)
    await read(pup, 404)
    await pup.call("POST", "/v1/merged-views", {"token": token_of()}, **READING)
    answer = await read(pup, 429)
    assert answer.problem == "rate-limited"
    missing = {"token": token_of(), "iss": ops.id, "n": [1]}
    assert (await pup.call("POST", "/v1/missing-sets", missing, status=429)).problem == "rate-limited"
    assert (await spent(pup))["reads", 60] == 2
    await read(ops, 404)


@ON_POSTGRESQL
async def test_replicas_count_together(federation: Federation) -> None:
    allow(federation, reads_per_minute=4)
    other = create_broker(federation.broker.settings, federation.clock, SeededIds("other"))
    for broker in (federation.broker, other, federation.broker, other):
        await quotas.count_read(broker, "pup-2478")
    for broker in (federation.broker, other):
        with pytest.raises(quotas.RateLimited):
            await quotas.count_read(broker, "pup-2478")
    await quotas.count_read(other, "ops-2478011")
    await other.db.close()


@ON_SQLITE
async def test_a_replica_whose_clock_is_behind_counts_on_in_the_newer_window(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    allow(federation, reads_per_minute=2)
    await quotas.count_read(federation.broker, pup.id)
    federation.clock.go(-61)
    await quotas.count_read(federation.broker, pup.id)
    with pytest.raises(quotas.RateLimited) as refused:
        await quotas.count_read(federation.broker, pup.id)
    assert refused.value.members["retry_after_s"] > 60


@ON_SQLITE
async def test_an_office_waits_as_long_as_it_is_told_and_loses_nothing(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    allow(federation, sets_per_minute=1)
    for number in (2, 3):
        await pup.enrol(number)
    worker, before = Worker(pup.node), federation.clock.now()
    pup.node.bells.close()  # no wait for more is ever entered
    await worker._push()
    assert pup.node.lanes["push"].detail is not None
    left = 60 - before.timestamp() % 60
    assert left <= (federation.clock.now() - before).total_seconds()
    allow(federation, sets_per_minute=500)
    await worker._push()
    assert pup.node.lanes["push"].failures == 0
    await federation.settle()
    assert (await pup.get("/v1/exchange"))["lag"] == 0
