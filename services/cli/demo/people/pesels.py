"""PESELs of people who do not exist: of the block of the 2200s, 300 years after their birth.

>>> from random import Random
>>> from shared.domain.pesel import Pesel
>>> pesels = Pesels(Dice(Random(1)))
>>> issued = pesels.issue(born=date(1985, 5, 1), is_woman=True)
>>> issued[:6], int(issued[9]) % 2, Pesel(issued).birth_date(synthetic=True)
('856501', 0, datetime.date(1985, 5, 1))
>>> Pesel(pesels.misprint(born=date(1985, 5, 1), is_woman=True))
Traceback (most recent call last):
MalformedPesel: The check digit of the PESEL does not fit.
"""

from datetime import date

from services.cli.demo.people.dice import Dice
from shared.domain.pesel import check_digit

_MONTHS_OF_THE_2200S = 60


class Pesels:
    """Issues each number once."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._issued: set[str] = set()

    def issue(self, *, born: date, is_woman: bool) -> str:
        """Return a PESEL of a person born in the 1900s that nobody else has; women have an even last serial digit."""
        first_ten = self._first_ten(born, is_woman)
        return first_ten + check_digit(first_ten)

    def misprint(self, *, born: date, is_woman: bool) -> str:
        """Return a PESEL typed wrong: its check digit does not fit, and nobody has the right one."""
        first_ten = self._first_ten(born, is_woman)
        right = int(check_digit(first_ten))
        return first_ten + str((right + self._dice.between(1, 9)) % 10)

    def _first_ten(self, born: date, is_woman: bool) -> str:
        day = f"{born.year % 100:02d}{born.month + _MONTHS_OF_THE_2200S}{born.day:02d}"
        while True:
            serial = self._dice.between(0, 4999) * 2 + (0 if is_woman else 1)
            first_ten = f"{day}{serial:04d}"
            if first_ten not in self._issued:
                self._issued.add(first_ten)
                return first_ten
