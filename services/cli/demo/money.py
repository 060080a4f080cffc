"""The books of the degressive benefit, added up from every service's own database and what the offices say of it.

The broker's books are held against each office's, month by month and institution by institution, against what
decisions and newest schedules make due, and against what was reserved and paid.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from services.broker.operations.cases import standing
from services.broker.tables import AssessmentRow, CaseDecisionRow, CaseRow, MembershipRow
from services.cli.demo.caller import Caller
from services.cli.demo.stage import Place
from shared.domain.benefit.ledger import due
from shared.domain.institutions import BROKER
from shared.exchange.ledger.tables import LedgerRow
from shared.institution.operations.benefit.payables import month_of
from shared.institution.tables import PaymentRow
from shared.runtime.clock import SystemClock
from shared.runtime.database.engine import Database


class Cell(NamedTuple):
    """What an institution owes for a month of a case."""

    case_id: str
    month: str
    institution: str


class Entry(NamedTuple):
    """An entry of the books, as it is read in bulk; ``number`` counts those of the case."""

    case_id: str
    number: int
    month: str
    institution: str
    amount_gr: int
    booked_at: datetime


Cells = dict[Cell, int]
"""Grosze; what adds up to nothing is left out."""


@dataclass(frozen=True, slots=True)
class Payments:
    """What one office paid: by case and month it was for, and by case what it held back; grosze."""

    covers: Mapping[tuple[str, str], int]
    held_back: Mapping[str, int]


async def money(callers: Mapping[str, Caller], paid_until: str) -> dict[str, Any]:
    """Return the books as members of the report: what stands in them by institution, and whether they agree.

    ``paid_until`` is the last month that was paid, empty where none was.
    """
    offices = {name: caller for name, caller in callers.items() if name != BROKER}
    broker = callers[BROKER].place
    entries = await _entries(broker)
    cells = _sums(entries)
    expected = await _due(broker)
    theirs = {name: _sums(await _entries(office.place)) for name, office in offices.items()}
    return {
        "books": {
            "entries": len(entries),
            "corrections": len(entries) - len(_first(entries)),
            "cells": len(cells),
            "differing": _differing(cells, await _members(broker), theirs),
            "not_as_decided": len({cell.case_id for cell in _unequal(cells, expected)}),
        },
        "money": {
            name: _of_books(name, entries) | await _of_office(name, office, cells, paid_until)
            for name, office in sorted(offices.items())
        },
    }


async def _entries(place: Place) -> Sequence[Entry]:
    columns = (LedgerRow.case_id, LedgerRow.number, LedgerRow.month, LedgerRow.institution)
    query = select(*columns, LedgerRow.amount_gr, LedgerRow.booked_at)
    database = Database(place.database_url)
    async with database.read() as session:
        rows = await session.execute(query.order_by(LedgerRow.case_id, LedgerRow.number))
        entries = [Entry(*row) for row in rows]
    await database.close()
    return entries


def _sums(entries: Sequence[Entry]) -> Cells:
    sums: Counter[Cell] = Counter()
    for row in entries:
        sums[Cell(row.case_id, row.month, row.institution)] += row.amount_gr
    return {cell: amount for cell, amount in sums.items() if amount}


def _first(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries of each case that its grant made; all later ones are corrections."""
    granted = {row.case_id: row.booked_at for row in reversed(entries)}
    return [row for row in entries if row.booked_at == granted[row.case_id]]


def _unequal(some: Cells, others: Cells) -> set[Cell]:
    return {cell for cell in some.keys() | others.keys() if some.get(cell, 0) != others.get(cell, 0)}


def _differing(cells: Cells, members: Mapping[str, set[str]], theirs: Mapping[str, Cells]) -> int:
    """Count cells in which the office of a case has something else than the broker; each keeps the whole case."""
    count = 0
    for name, own in theirs.items():
        held = {cell: amount for cell, amount in cells.items() if name in members[cell.case_id]}
        count += len(_unequal(held, own))
    return count


async def _members(broker: Place) -> dict[str, set[str]]:
    """Return who shares the person of each case now."""
    members: dict[str, set[str]] = defaultdict(set)
    shared = select(CaseRow.id, MembershipRow.institution).join(MembershipRow, MembershipRow.token == CaseRow.token)
    database = Database(broker.database_url)
    async with database.read() as session:
        for case_id, name in await session.execute(shared.where(MembershipRow.present.is_(True))):
            members[case_id].add(name)
    await database.close()
    return members


async def _due(broker: Place) -> Cells:
    """Return what decisions and newest complete schedules make due, worked out anew."""
    database = Database(broker.database_url)
    async with database.read() as session:
        columns = (AssessmentRow.id, AssessmentRow.case_id, AssessmentRow.complete, AssessmentRow.open_discrepancies)
        rows = await session.execute(select(*columns, AssessmentRow.result).order_by(AssessmentRow.number))
        told = rows.all()
        taken = list(await session.scalars(select(CaseDecisionRow).order_by(CaseDecisionRow.number)))
    await database.close()
    months = {row.id: row.result["months"] for row in told}
    newest = {row.case_id: row.id for row in told if row.complete and not row.open_discrepancies}
    decisions: dict[str, list[CaseDecisionRow]] = defaultdict(list)
    for row in taken:
        decisions[row.case_id].append(row)
    cells: Cells = {}
    for case_id, some in decisions.items():
        granted = standing(some).granted
        owed = due(granted=months[granted.assessment_id] if granted else None, newest=months[newest[case_id]])
        cells |= {Cell(case_id, month, institution): amount for (month, institution), amount in owed.items() if amount}
    return cells


def _of_books(name: str, entries: Sequence[Entry]) -> dict[str, int]:
    """Return what the broker's books say of an institution: granted, then raised and lowered by corrections."""
    own = [row for row in entries if row.institution == name]
    granted = {(row.case_id, row.number) for row in _first(entries)}
    later = [row.amount_gr for row in own if (row.case_id, row.number) not in granted]
    return {
        "granted_gr": sum(row.amount_gr for row in own if (row.case_id, row.number) in granted),
        "raised_gr": sum(amount for amount in later if amount > 0),
        "lowered_gr": sum(amount for amount in later if amount < 0),
        "books_gr": sum(row.amount_gr for row in own),
    }


async def _of_office(name: str, office: Caller, cells: Cells, paid_until: str) -> dict[str, int]:
    """Return what an office reserved, paid, held back and claims; what is due is the broker's word."""
    owed = {(cell.case_id, cell.month): gr for cell, gr in cells.items() if cell.institution == name}
    this_month = month_of(SystemClock().now())
    goes_on = {case_id for case_id, month in owed if month > paid_until or month >= this_month}
    paid, overpaid = await _payments(office.place), await office.get("/v1/claims")
    claims = [claim for claim in overpaid if claim["case_id"] not in goes_on]
    too_much: Counter[str] = Counter({case_id: -amount for case_id, amount in paid.held_back.items()})
    for at, amount in paid.covers.items():
        too_much[at[0]] += max(0, amount - owed.get(at, 0))
    return {
        "reserved_gr": sum(budget["reserved_gr"] for budget in await office.get("/v1/budgets")),
        "due_gr": sum(amount for (_, month), amount in owed.items() if month <= paid_until),
        "paid_gr": sum(paid.covers.values()) - sum(paid.held_back.values()),
        "held_back_gr": sum(paid.held_back.values()),
        "to_hold_back_gr": sum(amount for case_id, amount in too_much.items() if case_id in goes_on),
        "claims_gr": sum(claim["overpaid_gr"] for claim in claims),
        "claims": len(claims),
    }


async def _payments(place: Place) -> Payments:
    database = Database(place.database_url)
    async with database.read() as session:
        rows = list(await session.scalars(select(PaymentRow)))
    await database.close()
    covers: Counter[tuple[str, str]] = Counter()
    held_back: Counter[str] = Counter()
    for row in rows:
        held_back[row.case_id] += row.held_back_gr
        for month, amount in row.covers.items():
            covers[row.case_id, month] += amount
    return Payments(covers, held_back)
