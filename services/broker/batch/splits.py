"""Splitting the amounts of a block between owners: to the grosz, by largest remainder, ties to the lower rank.

Weights come times two. The remainders of two owners add up to the whole, so the first gets its part rounded to the
nearest grosz, the half up, and the other what is left. Three and more are ranked by remainder.
"""

from typing import Protocol

import numpy as np
import numpy.typing as npt

Lanes = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint8]
Whole = npt.NDArray[np.int64]


class Split(Protocol):
    """A way to split amounts by weights that stand."""

    def fill(self, amount: Lanes, into: Whole) -> None:
        """Fill in the shares (owners, cases) of amounts, which stay as they are."""


def split_between(weights: Lanes) -> Split:
    """Return the way to split by weights (owners, cases); it holds until they change.

    >>> shares = np.empty((2, 3), np.int64)
    >>> split_between(2 * np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 0.0]])).fill(np.array([100.0, 1.0, 7.0]), shares)
    >>> shares.tolist()
    [[33, 1, 7], [67, 0, 0]]
    """
    if len(weights) > 2:
        return _Ranked(weights)
    return _Halved(weights) if len(weights) == 2 else _Whole()


class _Whole:
    """One owner pays all; without one, nothing is due."""

    def fill(self, amount: Lanes, into: Whole) -> None:
        into[:] = amount


class _Halved:
    """Two owners."""

    def __init__(self, weights: Lanes) -> None:
        self.weight = weights[0]
        self.whole = np.maximum(weights[0] + weights[1], 2.0)
        self.half = 0.5 * self.whole

    def fill(self, amount: Lanes, into: Whole) -> None:
        first = amount * self.weight
        first += self.half
        first /= self.whole
        np.floor(first, out=first)
        into[0] = first
        into[1] = np.subtract(amount, first, out=first)


class _Ranked:
    """Any number of owners."""

    def __init__(self, weights: Lanes) -> None:
        self.weights = weights
        self.whole = np.maximum(weights.sum(axis=0), 2.0)

    def fill(self, amount: Lanes, into: Whole) -> None:
        left, over, shares = amount.copy(), [], []
        for weight in self.weights:
            due = amount * weight
            share = np.floor(due / self.whole)
            left -= share
            due -= share * self.whole
            shares.append(share)
            over.append(due)
        short = left.astype(np.uint8)
        for share, rank, place in zip(shares, _ranks(over), into, strict=True):
            place[:] = share + (rank < short)


def _ranks(over: list[Lanes]) -> list[Bits]:
    """Return how many of a case's remainders come before each."""
    ranks = [np.full(len(each), place, np.uint8) for place, each in enumerate(over)]
    for later in range(len(over)):
        for earlier in range(later):
            beaten = (over[later] > over[earlier]).view(np.uint8)
            ranks[earlier] += beaten
            ranks[later] -= beaten
    return ranks
