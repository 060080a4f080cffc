"""The ledger: only ever added to. Twice adds nothing, late news adds differences, what lowers a month is proposed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from services.broker.operations.ledger import book
from services.broker.tables import LedgerRow
from shared.runtime.database.engine import Database
from tests.builders import EPOCH, Federation
from tests.domain.builders import QUARTER

CASE = "0192f0c1-7c00-7abc-8def-0123456789ab"
PUP, OPS = "pup-2478", "ops-2478011"


def month(name: str, pup: int = 0, ops: int = 0) -> dict[str, Any]:
    """Return a month as a result has it."""
    shares = {owner: share for owner, share in ((PUP, pup), (OPS, ops)) if share}
    return {"month": name, "amount_gr": pup + ops, "shares_gr": shares}


async def write(db: Database, assessment: str, months: Sequence[Mapping[str, Any]], case: str = CASE) -> None:
    async with db.write() as session:
        await book(session, case, assessment, months, EPOCH)


async def entries(db: Database, state: str = "booked", case: str = CASE) -> list[tuple[str, str, str, int]]:
    async with db.read() as session:
        query = select(LedgerRow).where(LedgerRow.state == state, LedgerRow.case_id == case)
        rows = await session.scalars(query.order_by(LedgerRow.assessment_id, LedgerRow.month, LedgerRow.institution))
        return [(row.assessment_id, row.month, row.institution, row.amount_gr) for row in rows]


async def test_an_approval_books_each_share_of_each_month(federation: Federation) -> None:
    db = federation.broker.db
    await write(db, "A", [month("2026-03", 100, 50), month("2026-04", 80)])
    assert await entries(db) == [
        ("A", "2026-03", OPS, 50),
        ("A", "2026-03", PUP, 100),
        ("A", "2026-04", PUP, 80),
    ]


async def test_booking_the_same_again_adds_nothing(federation: Federation) -> None:
    db = federation.broker.db
    months = [month("2026-03", 100, 50), month("2026-04", 80)]
    await write(db, "A", months)
    before = await entries(db)
    await write(db, "A", months)
    await write(db, "B", months)
    assert await entries(db) == before
    assert await entries(db, "proposed") == []


async def test_late_news_that_raises_adds_the_difference_and_edits_nothing(federation: Federation) -> None:
    db = federation.broker.db
    await write(db, "A", [month("2026-03", 100, 50)])
    first = await entries(db)
    await write(db, "B", [month("2026-03", 130, 50), month("2026-04", 20)])
    await write(db, "C", [month("2026-03", 130, 60), month("2026-04", 20)])
    assert await entries(db) == [
        *first,
        ("B", "2026-03", PUP, 30),
        ("B", "2026-04", PUP, 20),
        ("C", "2026-03", OPS, 10),
    ]


async def test_what_lowers_a_month_is_proposed_and_the_old_amount_stays_booked(federation: Federation) -> None:
    db = federation.broker.db
    await write(db, "A", [month("2026-03", 100, 50), month("2026-04", 80)])
    first = await entries(db)
    await write(db, "B", [month("2026-03", 70, 50), month("2026-04", 90)])
    assert await entries(db) == [*first, ("B", "2026-04", PUP, 10)]
    assert await entries(db, "proposed") == [("B", "2026-03", PUP, -30)]


async def test_a_month_that_falls_away_is_proposed_whole(federation: Federation) -> None:
    db = federation.broker.db
    await write(db, "A", [month("2026-03", 100, 50)])
    await write(db, "B", [])
    assert await entries(db, "proposed") == [("B", "2026-03", OPS, -50), ("B", "2026-03", PUP, -100)]
    assert sum(entry[3] for entry in await entries(db)) == 150


async def test_what_was_only_proposed_does_not_count_as_booked(federation: Federation) -> None:
    db = federation.broker.db
    await write(db, "A", [month("2026-03", 100)])
    await write(db, "B", [month("2026-03", 70)])
    await write(db, "C", [month("2026-03", 110)])
    assert await entries(db) == [("A", "2026-03", PUP, 100), ("C", "2026-03", PUP, 10)]


async def test_a_share_that_moves_to_the_other_office_is_booked_at_both(federation: Federation) -> None:
    db = federation.broker.db
    await write(db, "A", [month("2026-03", 100)])
    await write(db, "B", [month("2026-03", 40, 60)])
    assert await entries(db) == [
        ("A", "2026-03", PUP, 100),
        ("B", "2026-03", OPS, 60),
        ("B", "2026-03", PUP, -60),
    ]


async def test_a_month_that_falls_while_shares_move_is_proposed_as_one(federation: Federation) -> None:
    db = federation.broker.db
    await write(db, "A", [month("2026-03", 100, 20)])
    await write(db, "B", [month("2026-03", 40, 60)])
    assert await entries(db, "proposed") == [("B", "2026-03", OPS, 40), ("B", "2026-03", PUP, -60)]


async def test_cases_are_booked_apart(federation: Federation) -> None:
    db, other = federation.broker.db, CASE.replace("ab", "cd")
    await write(db, "A", [month("2026-03", 100)])
    await write(db, "B", [month("2026-03", 70)], case=other)
    assert await entries(db) == [("A", "2026-03", PUP, 100)]
    assert await entries(db, case=other) == [("B", "2026-03", PUP, 70)]


SCHEDULES = st.lists(
    st.dictionaries(
        st.sampled_from(["2026-03", "2026-04", "2026-05"]), st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3
    ),
    max_size=5,
)


@settings(QUARTER, suppress_health_check=list(HealthCheck))
@given(SCHEDULES)
async def test_whatever_comes_the_books_hold_the_highest_each_month_was_ever_raised_to(
    federation: Federation, schedules: list[dict[str, tuple[int, int]]]
) -> None:
    db = federation.broker.db
    async with db.write() as session:
        await session.execute(delete(LedgerRow))
    owed: dict[str, int] = defaultdict(int)
    for number, schedule in enumerate(schedules):
        months = [month(name, *shares) for name, shares in sorted(schedule.items())]
        await write(db, str(number), months)
        for name in {*owed, *schedule}:
            owed[name] = max(owed[name], sum(schedule.get(name, (0, 0))))
        booked: dict[str, int] = defaultdict(int)
        for _, name, _, amount in await entries(db):
            booked[name] += amount
        assert {name: amount for name, amount in booked.items() if amount} == {
            name: amount for name, amount in owed.items() if amount
        }
