"""Figures of law of one day that remember which of them were used, so that each amount can name its sources.

>>> law = Figures(date(2026, 5, 1))
>>> law.grosze("MIN_WAGE"), law.basis_points("HEALTH"), law.whole("SA_BRIDGE_AFTER_JOB")
(480600, 900, 2)
>>> [(row.param, row.verified) for row in law.used]
[('MIN_WAGE', True), ('HEALTH', False), ('SA_BRIDGE_AFTER_JOB', False)]
>>> law.grosze("MIN_WAGE_OF_MARS")
Traceback (most recent call last):
NoValue: MIN_WAGE_OF_MARS has no value.
"""

from datetime import date

from shared.domain.benefit.curves import WHOLE_BP
from shared.domain.benefit.dated import Table
from shared.domain.benefit.law import LawValue, law_value
from shared.domain.money import half_up


class Figures:
    """The law on a day; ``used`` are the figures that were asked for, each once, in the order of first use.

    ``law`` is a reform's table; left out, it is the one of this package.
    """

    def __init__(self, on: date, law: Table | None = None) -> None:
        self.on = on
        self._law = law
        self._used: dict[str, LawValue] = {}

    @property
    def used(self) -> tuple[LawValue, ...]:
        """Return the figures that were asked for."""
        return tuple(self._used.values())

    def grosze(self, param: str) -> int:
        """Return a figure in grosze.

        :raises NoValue: it is not known for that day.
        """
        return self._value(param).grosze()

    def basis_points(self, param: str) -> int:
        """Return a percentage or a ratio in basis points.

        :raises NoValue: it is not known for that day.
        """
        return self._value(param).basis_points()

    def whole(self, param: str) -> int:
        """Return a number of days or months.

        :raises NoValue: it is not known for that day.
        """
        return int(self._value(param).value)

    def _value(self, param: str) -> LawValue:
        found = law_value(param=param, on=self.on, law=self._law)
        self._used[param] = found
        return found


def part(amount_gr: int, rate_bp: int) -> int:
    """Return a part of an amount, rounded half up to the grosz.

    >>> part(178390, 5000)
    89195
    """
    return half_up(amount_gr * rate_bp, WHOLE_BP)
