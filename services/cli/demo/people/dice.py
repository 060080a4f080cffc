"""Draws from a seed: the same on every run, machine and version of Python.

Of the standard generator only ``Random.random`` is promised to keep its sequence from version to version, so every
draw is made of it.

>>> dice = Dice(Random(1))
>>> [dice.between(1, 6) for _ in range(8)]
[1, 6, 5, 2, 3, 3, 4, 5]
>>> dice.shuffled("abcde")
['b', 'd', 'c', 'e', 'a']
"""

from collections.abc import Iterable, Sequence
from datetime import date
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws numbers, choices, orders and days."""

    __slots__ = ("_random",)

    def __init__(self, random: Random) -> None:
        self._random = random

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included; ``low`` where there is nothing between."""
        return low + int(self._random.random() * (high - low + 1)) if high > low else low

    def chance(self, percent: int) -> bool:
        """Tell whether something happens that does so in ``percent`` of 100 cases."""
        return self.between(1, 100) <= percent

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.between(0, len(choices) - 1)]

    def shuffled(self, items: Iterable[T]) -> list[T]:
        """Return the items in a drawn order."""
        left = list(items)
        for last in range(len(left) - 1, 0, -1):
            other = self.between(0, last)
            left[last], left[other] = left[other], left[last]
        return left

    def day(self, first: date, last: date) -> date:
        """Return a day from ``first`` to ``last``, both included."""
        return date.fromordinal(self.between(first.toordinal(), last.toordinal()))
