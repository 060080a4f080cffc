"""Two schedules of one case side by side: what a reform changes per person, per institution and in all.

>>> from shared.domain.benefit.result import Month, Result
>>> before = Result("1", (Month("2026-03", 300, "K", (("ops-1", 100), ("pup-1", 200))),), 300, 0)
>>> after = Result("1", (Month("2026-03", 360, "G", (("ops-1", 120), ("pup-1", 240))),), 360, 0)
>>> found = compare(before, after)
>>> found.total.difference_gr, found.months_changed, found.institutions["ops-1"]
(60, 1, Change(before_gr=100, after_gr=120))
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

from shared.domain.benefit.result import Month, Result


class Change(NamedTuple):
    """An amount before and after, in grosze."""

    before_gr: int
    after_gr: int

    @property
    def difference_gr(self) -> int:
        """Return what is more; less is below zero."""
        return self.after_gr - self.before_gr


class Comparison(NamedTuple):
    """What a reform makes of one case; ``months_changed`` counts months with another amount or another share."""

    case_id: str
    total: Change
    months_changed: int
    institutions: Mapping[str, Change]


@dataclass
class Tally:
    """The sum of comparisons."""

    cases: int = 0
    cases_changed: int = 0
    months_changed: int = 0
    before_gr: Counter[str] = field(default_factory=Counter)
    after_gr: Counter[str] = field(default_factory=Counter)

    def add(self, comparison: Comparison) -> None:
        """Take one comparison into the sum."""
        self.cases += 1
        self.cases_changed += comparison.months_changed > 0
        self.months_changed += comparison.months_changed
        for owner, change in comparison.institutions.items():
            self.before_gr[owner] += change.before_gr
            self.after_gr[owner] += change.after_gr

    @property
    def total(self) -> Change:
        """Return the change of all cases."""
        return Change(sum(self.before_gr.values()), sum(self.after_gr.values()))

    @property
    def institutions(self) -> Mapping[str, Change]:
        """Return the change of each institution, by its id."""
        return _changes(self.before_gr, self.after_gr)


def compare(before: Result, after: Result) -> Comparison:
    """Return what is different between two schedules of the same case."""
    pairs = zip_longest(before.months, after.months)
    return Comparison(
        case_id=before.case_id,
        total=Change(before.total_gr, after.total_gr),
        months_changed=sum(_paid(earlier) != _paid(later) for earlier, later in pairs),
        institutions=_changes(_owed(before), _owed(after)),
    )


def _paid(month: Month | None) -> object:
    return month and (month.month, month.amount_gr, month.shares_gr)


def _owed(result: Result) -> Counter[str]:
    owed: Counter[str] = Counter()
    for month in result.months:
        for owner, share in month.shares_gr:
            owed[owner] += share
    return owed


def _changes(before: Counter[str], after: Counter[str]) -> Mapping[str, Change]:
    return {owner: Change(before[owner], after[owner]) for owner in sorted({*before, *after})}
