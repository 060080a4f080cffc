"""Who takes part: ids, kinds and areas of institutions (*instytucja*).

A ``pup`` is a county labour office (*powiatowy urząd pracy*), an ``ops`` a welfare centre (*ośrodek pomocy
społecznej*), a ``pcpr`` a county family support centre (*powiatowe centrum pomocy rodzinie*), an ``ngo`` an
organisation. Ids follow TERC, the register of administrative units: ``pup-<county>``, ``ops-<gmina>``.

>>> kind_of("ops-2478011")
'ops'
>>> kind_of("pup-24")
Traceback (most recent call last):
MalformedInstitutionId: The id of an institution is its kind, a hyphen and its number.
"""

import re
from functools import lru_cache
from typing import Literal

from shared.domain.errors import Invalid

BROKER = "broker"
KINDS = ("pup", "ops", "pcpr", "ngo")
WELFARE_KINDS = frozenset({"ops", "pcpr", "ngo"})
"""Kinds that keep contracts and households and stand on the welfare side of a match."""

OfficeProgram = Literal["pup", "ops"]
"""Which program an office runs: a labour office's, or the one of all others."""

_ID = re.compile(r"(?:(pup|pcpr)-[0-9]{4}|(ops)-[0-9]{7}|(ngo)-[0-9]{10})")
_TERC_GMINA = re.compile(r"[0-9]{7}")


class MalformedInstitutionId(Invalid):
    """The id of an institution is its kind, a hyphen and its number."""


@lru_cache(maxsize=4096)
def kind_of(institution_id: str) -> str:
    """Return the kind in an id; ``broker`` is its own kind.

    :raises MalformedInstitutionId: it is no such id.
    """
    if institution_id == BROKER:
        return BROKER
    match = _ID.fullmatch(institution_id)
    if match is None:
        raise MalformedInstitutionId(expected="pup-2478, ops-2478011, pcpr-2478 or ngo-0000123456")
    return next(kind for kind in match.groups() if kind)


def is_institution_id(text: object) -> bool:
    """Tell whether ``text`` names a member (the broker is none)."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def is_gmina(text: object) -> bool:
    """Tell whether ``text`` is a TERC code of a gmina: seven digits."""
    return isinstance(text, str) and _TERC_GMINA.fullmatch(text) is not None
