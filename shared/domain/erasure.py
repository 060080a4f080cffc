"""Why data are erased (*usunięcie danych*), by which day, and how long they must be kept before that.

Grounds are those of GDPR art. 17(1), rows of ``erasure_grounds.csv``. How long a category must be kept stands in
``retention.csv``; ``verified`` is ``false`` where no source was read that names the term for such an office.

>>> "unlawful" in grounds(), grounds()["unlawful"].before_term, grounds()["no_longer_needed"].before_term
(True, True, False)
>>> due_by(date(2026, 11, 30))
datetime.date(2026, 12, 30)
>>> term("support", date(2026, 11, 30)).ends(date(2020, 2, 29))
datetime.date(2030, 2, 28)
>>> term("parted", date(2026, 11, 30)).ends(date(2026, 11, 1))
datetime.date(2026, 12, 1)
"""

import csv
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from types import MappingProxyType

from shared.domain.benefit.span import plus_months

_MONTH = 1


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of erasure; ``before_term``: it holds before the term of keeping is over."""

    code: str
    before_term: bool
    pl: str
    en: str
    source: str


@dataclass(frozen=True, slots=True)
class Term:
    """How long a category is kept: whole months, then days, from the day that ``counts_from`` names."""

    category: str
    kinds: Sequence[str]
    since: date
    months: int
    days: int
    counts_from: str
    source: str
    verified: bool

    def ends(self, start: date) -> date:
        """Return the last day on which it must be kept, of what began to count on a day."""
        return plus_months(start, self.months) + timedelta(days=self.days)

    def began(self, today: date) -> date:
        """Return the first day of what must still be kept on a day, for what is too much to be looked at one by one.

        >>> term("access_log", date(2026, 11, 30)).began(date(2026, 11, 30))
        datetime.date(2021, 11, 30)
        """
        return plus_months(today - timedelta(days=self.days), -self.months)


@cache
def grounds() -> Mapping[str, Ground]:
    """Return all grounds by code."""
    return MappingProxyType(
        {
            row["ground"]: Ground(row["ground"], row["before_term"] == "true", row["pl"], row["en"], row["source"])
            for row in _rows("erasure_grounds.csv")
        }
    )


def mark_of(record_id: str) -> str:
    """Return the mark by which an office knows again what it erased; it says nothing to who does not know the id.

    >>> mark_of("0198c6a0-0000-7000-8000-000000000000")
    'OZ788Y0Ce6nxTp6C0AtalnvqBpdZ-MqpNPQc-rlkIQk'
    """
    digest = sha256(f"zwornik/v1|erased|{record_id}".encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def due_by(day: date) -> date:
    """Return the day by which every holder is to have erased what is erased on a day.

    Source: GDPR art. 12(3), within one month.
    """
    return plus_months(day, _MONTH)


@cache
def terms() -> Sequence[Term]:
    """Return all terms, of every category and every date."""
    return tuple(
        Term(
            row["category"],
            tuple(row["kinds"].split()),
            date.fromisoformat(row["since"]),
            int(row["months"]),
            int(row["days"]),
            row["counts_from"],
            row["source"],
            row["verified"] == "true",
        )
        for row in _rows("retention.csv")
    )


def term(category: str, today: date) -> Term:
    """Return the term of a category that is in force on a day.

    :raises LookupError: there is none, which is a mistake of ours.
    """
    found = [one for one in terms() if one.category == category and one.since <= today]
    if not found:
        raise LookupError(f"retention.csv has no term for {category!r}")
    return max(found, key=lambda one: one.since)


def category_of(kind: str) -> str:
    """Return the category of a kind of record.

    :raises LookupError: no row of ``retention.csv`` names it, which is a mistake of ours.
    """
    for one in terms():
        if kind in one.kinds:
            return one.category
    raise LookupError(f"retention.csv names no category for {kind!r}")


def _rows(name: str) -> list[dict[str, str]]:
    lines = files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(lines, delimiter=";"))
