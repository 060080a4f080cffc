r"""Money in grosze (*grosz*, 1/100 zł): always an ``int``, never a float.

>>> in_zloty(156770)
'1\xa0567,70\xa0zł'
>>> grosze("1783.90")
178390
"""

import re

from shared.domain.errors import Invalid

MAX_GROSZE = 9_999_999_999
"""The largest amount taken anywhere, 99 999 999.99 zł: ten digits, so no amount can pass as a PESEL."""

UNBROKEN = "\u00a0"
"""The space inside an amount: no line breaks there."""

_THOUSAND = 1_000
# An explanation writes dozens of amounts, and padding with zeros is most of the work of writing one.
_HUNDREDTHS = tuple(f",{rest:02d}{UNBROKEN}zł" for rest in range(100))
_THOUSANDTHS = tuple(f"{UNBROKEN}{rest:03d}" for rest in range(_THOUSAND))
_DECIMAL = re.compile(r"([0-9]{1,8})(?:\.([0-9]{1,2}))?")


class NegativeAmount(Invalid):
    """The amount is negative."""

    problem = "amount-negative"


class AmountOutOfRange(Invalid):
    """The amount is not a whole number of grosze between 0 and 9 999 999 999."""


def amount(value: object, *, field: str | None = None) -> int:
    """Return ``value`` if it is an amount in grosze.

    :raises NegativeAmount: below zero.
    :raises AmountOutOfRange: not an ``int``, or above ``MAX_GROSZE``.

    >>> amount(-1)
    Traceback (most recent call last):
    NegativeAmount: The amount is negative.
    """
    if type(value) is not int or value > MAX_GROSZE:
        raise AmountOutOfRange(field=field, expected=f"0 to {MAX_GROSZE}")
    if value < 0:
        raise NegativeAmount(field=field, expected=f"0 to {MAX_GROSZE}", received=value)
    return value


def grosze(zloty: str) -> int:
    """Return the grosze of a decimal number of złoty with a point, as the parameter files write it.

    :raises AmountOutOfRange: not such a number.
    """
    match = _DECIMAL.fullmatch(zloty)
    if match is None:
        raise AmountOutOfRange("The amount is not a decimal number of złoty with at most two places.")
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


def half_up(number: int, by: int) -> int:
    """Divide by a number above zero, and round half up, towards more.

    >>> half_up(5, 2), half_up(-5, 2)
    (3, -2)
    """
    return (2 * number + by) // (2 * by)


def in_zloty(grosze: int) -> str:
    r"""Return an amount as people in Poland write it; its spaces break no line.

    >>> in_zloty(123456705), in_zloty(-5)
    ('1\xa0234\xa0567,05\xa0zł', '-0,05\xa0zł')
    """
    if grosze < 0:
        return f"-{in_zloty(-grosze)}"
    whole, text = grosze // 100, _HUNDREDTHS[grosze % 100]
    while whole >= _THOUSAND:
        whole, text = whole // _THOUSAND, _THOUSANDTHS[whole % _THOUSAND] + text
    return f"{whole}{text}"
