"""Strict reading of JSON values: every member known, of its type and inside its bounds, or an error naming its field.

No error repeats text that came in, nor a number long enough to be a PESEL.

>>> whole(13, field="parameters.guarantee_months", low=0, high=12)
Traceback (most recent call last):
OutOfBounds: The number is out of bounds.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from shared.domain.errors import Invalid
from shared.domain.money import MAX_GROSZE, amount

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
"""The days that a case may speak of."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME = re.compile(r"[a-z][A-Za-z_]{0,39}")
_WORDS = {bool: "true or false", int: "a whole number", float: "a number with a point", str: "text", type(None): "null"}


class UnknownMember(Invalid):
    """The object has a member that is not known."""

    problem = "field-unknown"


class MissingMember(Invalid):
    """A required member is missing."""


class MalformedMember(Invalid):
    """The value is not of the expected form."""


class OutOfBounds(Invalid):
    """The number is out of bounds."""


def at(field: str, name: str) -> str:
    """Return the path of a member.

    >>> at("benefits[2]", "amount_gr"), at("", "case_id")
    ('benefits[2].amount_gr', 'case_id')
    """
    return f"{field}.{name}" if field else name


def malformed(value: object, *, field: str, expected: str) -> MalformedMember:
    """Return the error for a value of the wrong form; it names the type that came, never the value."""
    received = _WORDS.get(type(value)) or ("an object" if isinstance(value, Mapping) else "a list")
    return MalformedMember(field=field, expected=expected, received=received)


def members(value: object, *, field: str, known: Sequence[str], required: Sequence[str] = ()) -> Mapping[str, object]:
    """Return an object whose members are all known and of which none required is missing.

    :raises MalformedMember: not an object.
    :raises UnknownMember: a member that is not in ``known``.
    :raises MissingMember: a required member is not there.
    """
    if not isinstance(value, Mapping):
        raise malformed(value, field=field, expected="an object")
    for name in value:
        if name not in known:
            shown = at(field, name) if isinstance(name, str) and _NAME.fullmatch(name) else field
            raise UnknownMember(field=shown, expected=", ".join(known))
    for name in required:
        if name not in value:
            raise MissingMember(field=at(field, name), expected=", ".join(required))
    return value


def rows(value: object, *, field: str, most: int) -> list[object]:
    """Return a list of at most ``most`` entries.

    :raises MalformedMember: not a list.
    :raises OutOfBounds: too long.
    """
    if not isinstance(value, list):
        raise malformed(value, field=field, expected="a list")
    if len(value) > most:
        raise OutOfBounds("The list is too long.", field=field, expected=f"at most {most}", received=len(value))
    return value


def whole(value: object, *, field: str, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``.

    :raises MalformedMember: not a whole number; ``true`` is none, nor is ``1.0``.
    :raises OutOfBounds: outside.
    """
    if type(value) is not int:
        raise malformed(value, field=field, expected=f"a whole number from {low} to {high}")
    if not low <= value <= high:
        received = value if abs(value) <= MAX_GROSZE else None
        raise OutOfBounds(field=field, expected=f"{low} to {high}", received=received)
    return value


def money(value: object, *, field: str) -> int:
    """Return an amount in grosze.

    :raises MalformedMember: not a whole number.
    :raises NegativeAmount: below zero.
    :raises AmountOutOfRange: above ``MAX_GROSZE``.
    """
    if type(value) is not int:
        raise malformed(value, field=field, expected="a whole number of grosze")
    return amount(value, field=field)


def text(value: object, *, field: str, longest: int) -> str:
    """Return text of 1 to ``longest`` printable characters.

    :raises MalformedMember: not such text.
    """
    if not (isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()):
        raise malformed(value, field=field, expected=f"text of 1 to {longest} printable characters")
    return value


def truth(value: object, *, field: str) -> bool:
    """Return ``true`` or ``false``.

    :raises MalformedMember: neither.
    """
    if not isinstance(value, bool):
        raise malformed(value, field=field, expected="true or false")
    return value


def day(value: object, *, field: str) -> date:
    """Return the day that ``YYYY-MM-DD`` names.

    :raises MalformedMember: not such text, no such day, or outside 2000 to 2199.

    >>> day("2026-02-29", field="employment[0].effective")
    Traceback (most recent call last):
    MalformedMember: The value is not of the expected form.
    """
    expected = f"a day YYYY-MM-DD from {FIRST_DAY} to {LAST_DAY}"
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise malformed(value, field=field, expected=expected)
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise MalformedMember("There is no such day.", field=field, expected=expected) from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise MalformedMember("The day is out of bounds.", field=field, expected=expected)
    return found
