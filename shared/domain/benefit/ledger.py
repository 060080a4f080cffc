"""The ledger (*księga*): what each institution owes for each month, as differences that are only ever appended.

What is to stand in the books is a function of two schedules alone: the one that an official granted, and the newest
one. A month that the newest raises is due at once; one that it lowers stays as granted, and the lowering is a proposal
until an official has decided on it (BENEFIT.md, "Late news makes correction entries"). So the order in which news
arrive, and how they are batched, leave no trace in the sums. The broker and every office keep the same books.

>>> granted = [{"month": "2026-03", "amount_gr": 150, "shares_gr": {"ops-1": 50, "pup-1": 100}}]
>>> newest = [{"month": "2026-03", "amount_gr": 120, "shares_gr": {"ops-1": 60, "pup-1": 60}}]
>>> due(granted=granted, newest=newest)
{('2026-03', 'ops-1'): 50, ('2026-03', 'pup-1'): 100}
>>> proposed(granted=granted, newest=newest)
[Entry(month='2026-03', institution='ops-1', amount_gr=10), Entry(month='2026-03', institution='pup-1', amount_gr=-40)]
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

Months = Sequence[Mapping[str, Any]]
"""The months of a result as JSON (``result.month_json``), in order."""

Sums = dict[tuple[str, str], int]
"""Grosze by month (``YYYY-MM``) and institution."""


class Entry(NamedTuple):
    """A difference in grosze for a month and an institution."""

    month: str
    institution: str
    amount_gr: int


def due(*, granted: Months | None, newest: Months) -> Sums:
    """Return what is to stand in the books; nothing before a grant."""
    if granted is None:
        return {}
    lowered = _lowered(granted, newest)
    kept = {each: gr for each, gr in _shares(granted).items() if each[0] in lowered}
    return kept | {each: gr for each, gr in _shares(newest).items() if each[0] not in lowered}


def sums(entries: Iterable[Entry]) -> Sums:
    """Return what stands in the books for each month and institution."""
    found: Sums = {}
    for entry in entries:
        at = (entry.month, entry.institution)
        found[at] = found.get(at, 0) + entry.amount_gr
    return found


def corrections(*, due: Mapping[tuple[str, str], int], booked: Mapping[tuple[str, str], int]) -> list[Entry]:
    """Return the entries that bring the books to what is due: new entitlement minus what was booked."""
    changed = ((each, due.get(each, 0) - booked.get(each, 0)) for each in sorted(due.keys() | booked.keys()))
    return [Entry(*each, amount) for each, amount in changed if amount]


def proposed(*, granted: Months | None, newest: Months) -> list[Entry]:
    """Return what an official may lower: for each month that falls below what was granted, the differences."""
    if granted is None:
        return []
    lowered = _lowered(granted, newest)
    before = {each: gr for each, gr in _shares(granted).items() if each[0] in lowered}
    after = {each: gr for each, gr in _shares(newest).items() if each[0] in lowered}
    return corrections(due=after, booked=before)


def lowers(*, granted: Months, newest: Months) -> bool:
    """Tell whether any month falls below what was granted."""
    return bool(_lowered(granted, newest))


def _lowered(granted: Months, newest: Months) -> set[str]:
    now = {month["month"]: month["amount_gr"] for month in newest}
    return {month["month"] for month in granted if now.get(month["month"], 0) < month["amount_gr"]}


def _shares(months: Months) -> Sums:
    return {(month["month"], owner): gr for month in months for owner, gr in month["shares_gr"].items()}
