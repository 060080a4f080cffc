"""Figures of Polish law by date: wages, contributions, tax, criteria and amounts of benefits (``law.csv``).

>>> law_value(param="MIN_WAGE", on=date(2026, 5, 1)).grosze()
480600
>>> law_value(param="ZUS_EMPLOYEE_PENSION", on=date(2026, 5, 1)).basis_points()
976
>>> law_value(param="PIT_RELIEF_MONTH", on=date(2022, 3, 1))
Traceback (most recent call last):
NoValue: PIT_RELIEF_MONTH has no value from 2022-01-01 to 2022-06-30.
"""

from datetime import date

from shared.domain.benefit.dated import DatedValue, Table, shipped

LawValue = DatedValue


def law_value(*, param: str, on: date, law: Table | None = None) -> LawValue:
    """Return the figure that the law had on a day, with its source and the mark ``verified``; ``law`` is a reform's.

    :raises NoValue: no such parameter, or a gap in what we know; never a neighbour's value instead.
    """
    return (law or shipped().law).value(param=param, on=on)


def law_version() -> str:
    """Return the version of the table: its newest day and a short hash."""
    return shipped().law.version
