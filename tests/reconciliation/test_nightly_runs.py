"""When runs are opened, by whom, and that a run is one however many replicas open it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from services.broker.operations.reconcile.runs import LEASE, open_runs, reconcile_once
from services.broker.operations.reconcile.schedule import LATE, SPREAD_S, due_day
from shared.exchange.lease import LEASE_S, Turn
from shared.exchange.reconciliation.tables import ReconciliationRow
from tests.broker.builders import ON_POSTGRESQL
from tests.builders import Federation

OFFICES = [f"ops-{number:07d}" for number in range(2478011, 2478111)]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2026-12-31"])
def test_each_office_is_due_once_a_night_within_an_hour_of_half_past_three_in_warsaw(day: str) -> None:
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=3)
    minutes = [midnight + timedelta(minutes=number) for number in range(24 * 60)]
    for office in OFFICES[:10]:
        due = [moment for moment in minutes if due_day(moment, office) is not None]
        assert {due_day(moment, office) for moment in due} == {datetime.fromisoformat(day).date()}
        assert due[-1] - due[0] < LATE + timedelta(minutes=1)
        assert 3 * 60 + 30 <= _in_warsaw(due[0]) <= 3 * 60 + 30 + SPREAD_S // 60 + 1


def _in_warsaw(moment: datetime) -> int:
    local = moment.astimezone(ZoneInfo("Europe/Warsaw"))
    return local.hour * 60 + local.minute


def test_offices_are_spread_over_the_hour() -> None:
    begins = datetime(2026, 10, 1, 1, 30, tzinfo=UTC)
    waiting = [
        sum(due_day(begins + timedelta(minutes=at), office) is None for office in OFFICES) for at in (0, 15, 30, 45, 60)
    ]
    assert waiting == sorted(waiting, reverse=True)
    assert waiting[0] > 90
    assert waiting[-1] == 0
    assert all(40 > before - after > 10 for before, after in pairwise(waiting))


def turns(federation: Federation) -> list[Turn]:
    """The turns of two replicas at reconciliation."""
    broker = federation.broker
    return [Turn(broker.db, broker.clock, LEASE, holder) for holder in ("one", "other")]


async def test_two_replicas_open_one_run_a_night_and_one_of_them_works(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    federation.clock.at = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)
    await federation.sign_anew()
    one, other = turns(federation)
    assert await reconcile_once(federation.broker, one.holds)
    if not federation.broker.db.is_sqlite:
        assert not await reconcile_once(federation.broker, other.holds), "the other has the lease"
    federation.clock.go(LEASE_S + 1)
    await reconcile_once(federation.broker, other.holds)
    async with federation.broker.db.read() as session:
        rows = list(await session.scalars(select(ReconciliationRow)))
    assert sorted((row.institution, row.key, row.state) for row in rows) == [
        (ops.id, "2026-10-02", "requested"),
        (pup.id, "2026-10-02", "requested"),
    ]


@ON_POSTGRESQL
async def test_a_run_that_takes_longer_than_a_lease_stays_with_its_replica(federation: Federation) -> None:
    await federation.join("pup-2478")
    await federation.settle()
    async with federation.broker.db.write() as session:
        await open_runs(session, federation.broker, None)
    one, other = turns(federation)
    asked: list[bool] = []

    async def slowly() -> bool:
        """A page of a long stream takes a good while; after each the other replica looks whether it may."""
        federation.clock.go(LEASE_S * 0.6)
        mine = await one.holds()
        asked.append(await reconcile_once(federation.broker, other.holds))
        return mine

    assert await reconcile_once(federation.broker, slowly)
    assert len(asked) * LEASE_S * 0.6 > LEASE_S, "the run outlived a lease that is not renewed"
    assert not any(asked)


@ON_POSTGRESQL
async def test_a_replica_that_lost_its_turn_leaves_the_run_where_it_is(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    await federation.settle()
    async with federation.broker.db.write() as session:
        [run] = await open_runs(session, federation.broker, pup.id)
    one, other = turns(federation)
    assert await one.holds()
    federation.clock.go(LEASE_S + 1)
    stopped = iter([True, False])

    async def lost() -> bool:
        return next(stopped) and await one.holds()

    assert not await reconcile_once(federation.broker, lost)
    federation.clock.go(LEASE_S + 1)
    assert (await federation.operator.get(f"/v1/reconciliations/{run}")).json()["state"] == "open"
    assert await reconcile_once(federation.broker, other.holds)
    assert (await federation.operator.get(f"/v1/reconciliations/{run}")).json()["state"] == "requested"
