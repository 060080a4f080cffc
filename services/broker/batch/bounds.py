"""The proof that a kernel is exact: the bound under which every product in its float64 lanes is below 2^53.

A float64 holds every whole number up to 2^53, so sums, differences and products below it are exact. A quotient of two
such numbers, rounded down or up, is exact too: between X/D and the nearest whole number lies either nothing or at
least 1/D, which is more than half a step of float64 at X/D as long as X is below 2^53.

With B and all kept benefits together below ``MOST_TOGETHER_GR``, n at most 31 days and wages below 10^10 grosze, the
largest numbers are the need of a month, 10 000 x 31 x B, what the wage takes off, 10 000 x wage, the cap, 31 x cap, and
twice the amount of a month times the weight of an owner: 2 x (B + quantum) x 31 x B. All are checked below.

>>> MOST_TOGETHER_GR
12052907
"""

from math import isqrt
from typing import Final

from shared.domain.benefit.curves import WHOLE_BP
from shared.domain.money import MAX_GROSZE

EXACT: Final = 2**53
LONGEST: Final = 31
MOST_QUANTUM: Final = 100

MOST_TOGETHER_GR: Final = isqrt(EXACT // (2 * LONGEST)) - 2 * MOST_QUANTUM
"""The most that the benefits of a case, gained ones too, may come to for a kernel to take it."""

_LARGEST = (
    (2 * (MOST_TOGETHER_GR + MOST_QUANTUM) + 1) * LONGEST * MOST_TOGETHER_GR,
    WHOLE_BP * LONGEST * (MOST_TOGETHER_GR + MOST_QUANTUM),
    WHOLE_BP * MAX_GROSZE,
    LONGEST * MAX_GROSZE,
)
if max(_LARGEST) >= EXACT:  # a changed bound elsewhere must not make a kernel inexact in silence
    raise AssertionError("A kernel's numbers could pass 2^53.")
