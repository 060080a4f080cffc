"""The curves of degression (*degresja*): how much of the lost benefits is replaced in clock months 1 to 12.

A curve is twelve rates s_1 .. s_12 in basis points (10 000 = 100 %); the first is 10 000 and none rises. Source:
BENEFIT.md, "Curves".

>>> steps_bp("stepped")
(10000, 10000, 10000, 7500, 7500, 7500, 5000, 5000, 5000, 2500, 2500, 2500)
>>> steps_bp("halving")
(10000, 8409, 7072, 5947, 5000, 4205, 3536, 2974, 2500, 2103, 1768, 1487)
"""

from math import isqrt
from typing import Final, Literal

from shared.domain.benefit.members import malformed, rows, whole
from shared.domain.errors import Invalid

MONTHS: Final = 12
WHOLE_BP: Final = 10_000

CurveName = Literal["linear", "stepped", "halving"]
Curve = CurveName | tuple[int, ...]


class RisingCurve(Invalid):
    """A curve starts at 10 000 and never rises."""


def fourth_root_up(number: int) -> int:
    """Return the smallest whole number whose fourth power is at least ``number`` (1 or more), without floats.

    >>> fourth_root_up(16), fourth_root_up(17)
    (2, 3)
    """
    return isqrt(isqrt(number - 1)) + 1


def _halving_bp(month: int) -> int:
    """Return ceil(10 000 x 2^(-(m-1)/4)): the smallest s with s^4 >= 10 000^4 / 2^(m-1)."""
    return fourth_root_up(-(-(WHOLE_BP**4) // 2 ** (month - 1)))


NAMED: Final[dict[CurveName, tuple[int, ...]]] = {
    "linear": tuple(-(-WHOLE_BP * (MONTHS + 1 - month) // MONTHS) for month in range(1, MONTHS + 1)),
    "stepped": (10_000,) * 3 + (7_500,) * 3 + (5_000,) * 3 + (2_500,) * 3,
    "halving": tuple(_halving_bp(month) for month in range(1, MONTHS + 1)),
}


def steps_bp(curve: Curve) -> tuple[int, ...]:
    """Return the twelve rates of a curve in basis points; s_m is at index m - 1."""
    return curve if isinstance(curve, tuple) else NAMED[curve]


def parse_curve(value: object, *, field: str) -> Curve:
    """Return the curve that a JSON value names or lists.

    :raises MalformedMember: neither a known name nor a list of twelve.
    :raises OutOfBounds: a rate outside 0 to 10 000.
    :raises RisingCurve: the first rate is not 10 000, or one is above the rate before.

    >>> parse_curve([10000] * 11 + [0], field="parameters.curve")[-1]
    0
    >>> parse_curve([10000, 5000, 6000] + [0] * 9, field="parameters.curve")
    Traceback (most recent call last):
    RisingCurve: A curve starts at 10 000 and never rises.
    """
    for name in NAMED:
        if value == name:
            return name
    expected = "linear, stepped, halving or twelve basis points"
    if not isinstance(value, list) or len(value) != MONTHS:
        raise malformed(value, field=field, expected=expected)
    found = tuple(
        whole(rate, field=f"{field}[{index}]", low=0, high=WHOLE_BP)
        for index, rate in enumerate(rows(value, field=field, most=MONTHS))
    )
    for index, rate in enumerate(found):
        highest = found[index - 1] if index else WHOLE_BP
        if rate > highest or (index == 0 and rate != WHOLE_BP):
            expected = f"at most {highest}" if index else str(WHOLE_BP)
            raise RisingCurve(field=f"{field}[{index}]", expected=expected, received=rate)
    return found
