"""Why a person's data are read, on which legal basis and by whom: words that stand in the access log and on the wire.

Every read of a person is logged with a purpose, a legal basis and the role of the reader, each a word of
``access.csv`` with its Polish and English name, so that a client can be told who asked without naming an official.

>>> name_of("purpose", "casework", "en")
"work on the client's case"
>>> "auditor" in words("role")
True
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from shared.domain.benefit.explain import Language

Kind = Literal["purpose", "legal_basis", "role"]
UNSTATED = "unstated"
"""The role of a reader whose token names none."""


def words(kind: Kind) -> tuple[str, ...]:
    """Return the words of a kind, in the order of the table."""
    return tuple(code for of_kind, code in _names() if of_kind == kind)


def name_of(kind: Kind, code: str, language: Language) -> str:
    """Return what a word means, in a language; a word that is not in the table means itself."""
    names = _names().get((kind, code))
    return names[language] if names else code


@cache
def _names() -> Mapping[tuple[str, str], Mapping[str, str]]:
    lines = files(__package__).joinpath("access.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter=";")
    return MappingProxyType({(row["kind"], row["code"]): {"pl": row["pl"], "en": row["en"]} for row in rows})
