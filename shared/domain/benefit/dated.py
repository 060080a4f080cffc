"""Dated figures: a value holds from one day to another, with its unit, its source and the mark ``verified``.

Both tables of the package, ``law.csv`` and ``scheme.csv``, have these rows. ``verified`` is true exactly when the
status is "found"; the mark is shown beside every use, so that nobody takes an unverified figure for law.
"""

import csv
import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from shared.domain.errors import Invalid
from shared.domain.money import grosze

COLUMNS = ("param", "value", "unit", "valid_from", "valid_to", "verified", "status", "source")
_DECIMAL = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,4}))?")
_RATIOS = ("PLN withdrawn", "net/gross", "x ")


class NoValue(Invalid):
    """The parameter has no value for that day."""


class WrongUnit(Invalid):
    """The parameter is not in the unit asked for."""


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One row: ``value`` is the decimal number as printed in the source, in force on both its days."""

    param: str
    value: str
    unit: str
    valid_from: date
    valid_to: date | None
    verified: bool
    status: str
    source: str

    @property
    def is_rate(self) -> bool:
        """Tell whether the value is a percentage or a ratio."""
        return self.unit.startswith(("%", *_RATIOS))

    @property
    def is_money(self) -> bool:
        """Tell whether the value is in złoty."""
        return self.unit.startswith("PLN") and not self.is_rate

    def grosze(self) -> int:
        """Return a value in złoty as grosze.

        :raises WrongUnit: the unit is not PLN.
        """
        if not self.is_money:
            raise WrongUnit(field=self.param, expected="PLN", received=self.unit)
        return grosze(self.value)

    def days(self) -> int:
        """Return a number of days.

        :raises WrongUnit: the unit is not days.
        """
        if not self.unit.startswith("days"):
            raise WrongUnit(field=self.param, expected="days", received=self.unit)
        return int(self.value)

    def basis_points(self) -> int:
        """Return a percentage or a ratio as basis points (1 % and 0.01 are both 100).

        :raises WrongUnit: the unit is neither, or the value has parts of a basis point.
        """
        match = _DECIMAL.fullmatch(self.value)
        places = 2 if self.unit.startswith("%") else 4 if self.unit.startswith(_RATIOS) else 0
        if match is None or not places or len(match[2] or "") > places:
            raise WrongUnit(field=self.param, expected="a percentage or a ratio", received=self.unit)
        return int(match[1] + (match[2] or "").ljust(places, "0"))


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one file by parameter, oldest first, and the version that assessments name."""

    rows: dict[str, tuple[DatedValue, ...]]
    version: str

    def value(self, *, param: str, on: date) -> DatedValue:
        """Return what was in force on a day.

        :raises NoValue: the parameter is unknown or has a gap there; the text names both ends of the gap.
        """
        before: DatedValue | None = None
        after: DatedValue | None = None
        for row in self.rows.get(param, ()):
            if row.valid_from > on:
                after = row
                break
            if row.valid_to is None or on <= row.valid_to:
                return row
            before = row
        raise NoValue(f"{param} has no value{_gap(before, after)}.", field=param, received=on.isoformat())


def _gap(before: DatedValue | None, after: DatedValue | None) -> str:
    first = before and before.valid_to and before.valid_to + timedelta(days=1)
    if after is None:
        return f" from {first} on" if first else ""
    return f" from {first} to {after.valid_from - timedelta(days=1)}" if first else f" before {after.valid_from}"


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """Both tables, passed on as one value: what we set ourselves, and what the law says."""

    scheme: Table
    law: Table


@cache
def shipped() -> ParameterSet:
    """Return the tables of this package, in force unless a reform is asked for."""
    return ParameterSet(scheme=table("scheme.csv"), law=table("law.csv"))


@cache
def table(name: str) -> Table:
    """Return a table of this package; its version is its newest day and a short hash of its bytes."""
    text = files(__package__).joinpath(name).read_text("utf-8")
    return table_of([_row(line) for line in csv.DictReader(text.splitlines())], hashed=text)


def table_of(rows: Iterable[DatedValue], *, hashed: str) -> Table:
    """Return the table of some rows; its version is its newest day and a short hash of a text."""
    found = sorted(rows, key=lambda row: row.valid_from)
    grouped: dict[str, tuple[DatedValue, ...]] = {}
    for row in found:
        grouped[row.param] = (*grouped.get(row.param, ()), row)
    digest = urlsafe_b64encode(hashlib.sha256(hashed.encode()).digest())[:10].decode()
    return Table(rows=grouped, version=f"{found[-1].valid_from}.{digest}")


def _row(line: dict[str, str]) -> DatedValue:
    return DatedValue(
        param=line["param"],
        value=line["value"],
        unit=line["unit"],
        valid_from=date.fromisoformat(line["valid_from"]),
        valid_to=date.fromisoformat(line["valid_to"]) if line["valid_to"] else None,
        verified=line["verified"] == "true",
        status=line["status"],
        source=line["source"],
    )
