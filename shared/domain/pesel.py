"""PESEL (*Powszechny Elektroniczny System Ewidencji Ludności*), the Polish national identification number.

A value of type ``Pesel`` is always well-formed: parse at the edge, trust inside.

>>> str(Pesel("44651401357"))
'*********57'
>>> Pesel("44651401357").birth_date()
datetime.date(2244, 5, 14)
>>> Pesel("44651401358")
Traceback (most recent call last):
MalformedPesel: The check digit of the PESEL does not fit.
>>> Pesel("00000000000")
Traceback (most recent call last):
MalformedPesel: The date part of the PESEL is not a date.
"""

import re
from datetime import date
from operator import mul

from shared.domain.errors import Invalid

_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)
_CENTURY_OF_MONTH_TENS = {8: 1800, 0: 1900, 2: 2000, 4: 2100, 6: 2200}
_CANDIDATE = re.compile(r"(?=([0-9]{2}(?:[02468][1-9]|[13579][0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{5}))")
"""Eleven digits, wherever they begin, with a month and a day in them: so a long run is searched in little time."""

SYNTHETIC_YEARS_BACK = 300
"""Synthetic people carry a PESEL of the 2200s and are born this many years before it says (STYLE.md)."""


class MalformedPesel(Invalid):
    """The PESEL is not well-formed."""

    problem = "malformed-pesel"


class Pesel:
    """A well-formed PESEL; ``str`` and ``repr`` show its last two digits only, ``digits`` the whole.

    :raises MalformedPesel: not eleven digits, a check digit that does not fit, or a date that does not exist.
    """

    __slots__ = ("digits",)

    def __init__(self, digits: str) -> None:
        if not (isinstance(digits, str) and len(digits) == 11 and digits.isascii() and digits.isdigit()):
            raise MalformedPesel("A PESEL has exactly eleven digits.", field="pesel")
        if check_digit(digits[:10]) != digits[10]:
            raise MalformedPesel("The check digit of the PESEL does not fit.", field="pesel")
        _date_of(digits)
        self.digits = digits

    def birth_date(self, *, synthetic: bool = False) -> date:
        """Return the day of birth; for ``synthetic`` people, 300 years before the PESEL says."""
        born = _date_of(self.digits)
        return born.replace(year=born.year - SYNTHETIC_YEARS_BACK) if synthetic else born

    def is_synthetic(self) -> bool:
        """Tell whether the number stands in the block of the 2200s, which no living person has."""
        return _date_of(self.digits).year >= 2200

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pesel) and other.digits == self.digits

    def __hash__(self) -> int:
        return hash(self.digits)

    def __str__(self) -> str:
        return "*********" + self.digits[-2:]

    def __repr__(self) -> str:
        return f"Pesel({str(self)!r})"


def check_digit(first_ten: str) -> str:
    """Return the eleventh digit for the first ten.

    >>> check_digit("4465140135")
    '7'
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_ten, strict=True))
    return str(-total % 10)


def holds_a_pesel(text: str) -> bool:
    """Tell whether eleven digits in a row somewhere in ``text`` pass as a PESEL.

    >>> holds_a_pesel("case 44651401357/2026"), holds_a_pesel("case 44651401358")
    (True, False)
    """
    return any(_passes(match[1]) for match in _CANDIDATE.finditer(text))


def _passes(digits: str) -> bool:
    if sum(map(mul, (*_WEIGHTS, 1), map(int, digits))) % 10:
        return False
    try:
        _date_of(digits)
    except MalformedPesel:
        return False
    return True


def _date_of(digits: str) -> date:
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    century = _CENTURY_OF_MONTH_TENS.get(month // 20 * 2)
    try:
        return date((century or 0) + year, month % 20, day)
    except ValueError:
        raise MalformedPesel("The date part of the PESEL is not a date.", field="pesel") from None
