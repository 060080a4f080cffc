"""Why an official decided so (*uzasadnienie*): a code that fits the ruling, and what it says in words.

On the wire a reason is a code and nothing else, and codes of other systems are taken as they are; an office's own API
takes those of ``reasons.csv``, so that a printed decision never lacks its reason.

>>> require_reason("refused", "no_budget")
>>> require_reason("refused", "conditions_met")
Traceback (most recent call last):
ReasonDoesNotFit: This is no reason for such a ruling.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from shared.domain.benefit.explain import Language
from shared.domain.errors import Invalid

_OTHER: Final[Mapping[Language, str]] = {"pl": "Przyczyna podana kodem: {}.", "en": "Reason given as a code: {}."}


class ReasonDoesNotFit(Invalid):
    """This is no reason for such a ruling; take one of those expected."""


def codes_of(ruling: str) -> tuple[str, ...]:
    """Return the reasons that a ruling may have.

    >>> codes_of("withdrawn")
    ('withdrawn_by_person', 'entered_by_mistake')
    """
    return tuple(code for kind, code in _table() if kind == ruling)


def require_reason(ruling: str, code: str) -> None:
    """Refuse a reason that does not fit a ruling, or none at all.

    :raises ReasonDoesNotFit: and says which do.
    """
    if code not in codes_of(ruling):
        raise ReasonDoesNotFit(field="reason_code", expected=f"one of {', '.join(codes_of(ruling))}")


def reason_in_words(ruling: str, code: str, language: Language) -> str:
    """Say a reason in a sentence; a code of another system is printed as it is.

    >>> reason_in_words("refused", "no_budget", "en"), reason_in_words("refused", "other", "en")
    ('The budget holds no money for this benefit.', 'Reason given as a code: other.')
    """
    said = _table().get((ruling, code))
    return said[language] if said else _OTHER[language].format(code)


@cache
def _table() -> Mapping[tuple[str, str], Mapping[str, str]]:
    lines = files(__package__).joinpath("reasons.csv").read_text("utf-8").splitlines()
    return MappingProxyType({(row["ruling"], row["code"]): row for row in csv.DictReader(lines, delimiter=";")})
