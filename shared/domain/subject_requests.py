"""What a person may ask of the data besides a copy: rectification, restriction, objection (GDPR art. 16, 18, 21).

Each answer has a reason, a code of ``subject_reasons.csv``; a person is told it in words.

>>> reasons("restriction", "upheld")
('accuracy_contested', 'unlawful_but_kept', 'needed_for_claims', 'objection_pending')
>>> require_reason("objection", "upheld", "data_wrong")
Traceback (most recent call last):
ReasonDoesNotAnswer: This is no reason for such an answer; take one of those expected.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from shared.domain.errors import Invalid

Kind = Literal["rectification", "restriction", "objection"]
Answer = Literal["upheld", "refused", "lifted"]
KINDS: tuple[Kind, ...] = ("rectification", "restriction", "objection")
RESTRICTS: tuple[Kind, ...] = ("restriction", "objection")
"""What stops the use of the data once it is upheld, until it is lifted: an objection that is upheld does too."""


class ReasonDoesNotAnswer(Invalid):
    """This is no reason for such an answer; take one of those expected."""


def reasons(kind: str, answer: str) -> tuple[str, ...]:
    """Return the reasons that an answer to a request may have."""
    return tuple(code for of_kind, of_answer, code in _table() if (of_kind, of_answer) == (kind, answer))


def require_reason(kind: str, answer: str, code: str) -> None:
    """Refuse a reason that does not fit an answer.

    :raises ReasonDoesNotAnswer: and says which do.
    """
    if code not in reasons(kind, answer):
        raise ReasonDoesNotAnswer(field="reason_code", expected=f"one of {', '.join(reasons(kind, answer))}")


def reason_said(kind: str, answer: str, code: str, language: Literal["pl", "en"]) -> str:
    """Return a reason in words.

    >>> reason_said("rectification", "refused", "not_proven", "en")
    'Nothing was shown from which the data would be wrong.'
    """
    return _table()[kind, answer, code][language]


@cache
def _table() -> Mapping[tuple[str, str, str], dict[str, str]]:
    lines = files(__package__).joinpath("subject_reasons.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter=";")
    return MappingProxyType({(row["kind"], row["answer"], row["code"]): row for row in rows})
