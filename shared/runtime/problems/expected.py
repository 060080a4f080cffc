r"""What was expected, in words with an example, where a model only knows a pattern (``patterns.csv``).

A pattern that lists its words says so itself. Every pattern of an OpenAPI document stands here; a test sees to it.

>>> expected_of("^2[01][0-9]{2}-(0[1-9]|1[0-2])$")
'a month as 2026-04'
>>> expected_of("^(recovered|remitted)$"), expected_of("^-?(from|until)$")
('one of recovered, remitted', 'one of from, -from, until, -until')

The example is what a document shows where nothing better is known.

>>> example_of("^2[01][0-9]{2}-(0[1-9]|1[0-2])$"), example_of("^-?(from|until)$"), example_of("^nobody$")
('2026-04', 'from', None)
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

_LISTED: Final = re.compile(r"\^(-\?)?\(([A-Za-z0-9_ -]+(?:\|[A-Za-z0-9_ -]+)*)\)\$")
_BY_TYPE: Final = MappingProxyType(
    {
        **dict.fromkeys(("date_parsing", "date_from_datetime_parsing", "date_type"), "a day as 2026-03-01"),
        **dict.fromkeys(("bool_parsing", "bool_type"), "true or false"),
        "int_type": "a whole number, without quotes and without a point",
        "timezone_aware": "a moment as 2026-10-01T08:00:00Z",
    }
)


def expected(kind: str, context: Mapping[str, Any]) -> str | None:
    """Return what a model expected, by the type and the context of its finding; ``None`` where its text says it all."""
    return expected_of(context["pattern"]) if kind == "string_pattern_mismatch" else _BY_TYPE.get(kind)


def expected_of(pattern: str) -> str | None:
    """Return what a pattern takes, in words; ``None`` for one that nobody put into words."""
    listed = _LISTED.fullmatch(pattern)
    if listed is None:
        return _in_words().get(pattern)
    words = listed[2].split("|")
    return "one of " + ", ".join(f"{word}, -{word}" if listed[1] else word for word in words)


def example_of(pattern: str) -> str | None:
    """Return a text that a pattern takes, the one in its words; ``None`` for a pattern that has none."""
    listed = _LISTED.fullmatch(pattern)
    if listed is not None:
        return listed[2].split("|")[0]
    return _in_words().get(pattern, "").rpartition(" as ")[2] or None


@cache
def _in_words() -> Mapping[str, str]:
    lines = files(__package__).joinpath("patterns.csv").read_text(encoding="utf-8").splitlines()
    return MappingProxyType({row["pattern"]: row["expected"] for row in csv.DictReader(lines, delimiter=";")})
