"""Parsers of single members: each admits an enumeration, date, UUID, hash, token, code or number, never free text.

The first line of a parser's docstring is what an error says was expected.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from shared.domain.access import Kind, words
from shared.domain.benefit.result import month_json, parse_month
from shared.domain.institutions import is_institution_id
from shared.domain.money import amount
from shared.domain.pesel import holds_a_pesel
from shared.domain.reconciliation import BUCKETS
from shared.domain.token import is_check

Parser = Callable[[Any], Any]

MAX_COUNT = 1_000_000
MAX_READS = 300
"""How many counts of reads one answer of a member holds; more go into further parts."""
MAX_NAMED = 300
"""How many SETs one erasure names; more go into further ones, for a SET holds 64 KiB."""
MAX_SEQUENCE = 1 << 53
"""The highest count of an author's events about a person: what JSON holds."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HASH = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}")
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_COUNTY = re.compile(r"[0-9]{4}")


def day(value: Any) -> date:
    """A date, YYYY-MM-DD."""
    if not _DATE.fullmatch(value):
        raise ValueError
    return date.fromisoformat(value)


def record_id(value: Any) -> str:
    """A UUID in its canonical form."""
    if not _UUID.fullmatch(value):
        raise ValueError
    return str(value)


def hash_(value: Any) -> str:
    """A SHA-256 in base64url without padding: 43 characters."""
    if not _HASH.fullmatch(value):
        raise ValueError
    return str(value)


def name(value: Any) -> str:
    """A code: letters, digits, hyphen and underscore, at most 64."""
    if not _NAME.fullmatch(value) or holds_a_pesel(value):
        raise ValueError
    return str(value)


def grosze(value: Any) -> int:
    """An amount in grosze, 0 to 9 999 999 999."""
    return amount(value)


def count(value: Any) -> int:
    """A whole number from 0 to 1 000 000."""
    if type(value) is not int or not 0 <= value <= MAX_COUNT:
        raise ValueError
    return value


def positive(value: Any) -> int:
    """A whole number from 1 to 1 000 000."""
    if count(value) == 0:
        raise ValueError
    return int(value)


def sequence(value: Any) -> int:
    """A whole number from 1 to 2**53."""
    if type(value) is not int or not 1 <= value <= MAX_SEQUENCE:
        raise ValueError
    return value


def kept(value: Any) -> int | None:
    """Whole clock months from 0 to 12, or null for good."""
    if value is not None and (type(value) is not int or not 0 <= value <= 12):
        raise ValueError
    return value


def truth(value: Any) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise ValueError
    return value


def one_of(*names: str) -> Parser:
    """Return a parser of an enumeration."""

    def parse(value: Any) -> str:
        if value not in names:
            raise ValueError
        return str(value)

    parse.__doc__ = "One of " + ", ".join(names) + "."
    return parse


def check(value: Any) -> str:
    """Two hexadecimal digits."""
    if not is_check(value):
        raise ValueError
    return str(value)


def fingerprint(value: Any) -> str:
    """Sixteen hexadecimal digits."""
    if not _FINGERPRINT.fullmatch(value):
        raise ValueError
    return str(value)


def county(value: Any) -> str:
    """A TERC code of a county: four digits."""
    if not _COUNTY.fullmatch(value):
        raise ValueError
    return str(value)


def issuer(value: Any) -> str:
    """The id of an institution."""
    if not is_institution_id(value):
        raise ValueError
    return str(value)


def members(value: Any) -> tuple[str, ...]:
    """A list of at most 100 ids of institutions."""
    if not isinstance(value, list | tuple) or len(value) > 100:
        raise ValueError
    return tuple(issuer(member) for member in value)


def hashes(value: Any) -> tuple[str, ...]:
    """A list of at most 2000 hashes."""
    if not isinstance(value, list | tuple) or len(value) > 2000:
        raise ValueError
    return tuple(hash_(item) for item in value)


def bucket_digests(value: Any) -> tuple[str, ...]:
    """A list of 256 hashes, one a bucket."""
    if not isinstance(value, list | tuple) or len(value) != BUCKETS:
        raise ValueError
    return tuple(hash_(item) for item in value)


def bucket_numbers(value: Any) -> tuple[int, ...]:
    """A list of at most 256 buckets, 0 to 255."""
    if not isinstance(value, list | tuple) or len(value) > BUCKETS:
        raise ValueError
    if not all(type(item) is int and 0 <= item < BUCKETS for item in value):
        raise ValueError
    return tuple(value)


def named_sets(value: Any) -> tuple[tuple[str, int | None, str], ...]:
    """A list of 1 to 300 SETs, each as its issuer, its count (or null) and its hash."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MAX_NAMED:
        raise ValueError
    return tuple((issuer(iss), None if n is None else sequence(n), hash_(digest)) for iss, n, digest in value)


def records(value: Any) -> tuple[Mapping[str, Any], ...]:
    """A list of records, each with its type and its payload."""
    if not isinstance(value, list | tuple) or len(value) > 2000:
        raise ValueError
    if not all(isinstance(item, Mapping) and isinstance(item.get("payload"), Mapping) for item in value):
        raise ValueError
    return tuple(value)


def reads(value: Any) -> tuple[Mapping[str, Any], ...]:
    """A list of at most 300 counts of reads, each with its day, role, purpose and legal basis."""
    if not isinstance(value, list | tuple) or len(value) > MAX_READS:
        raise ValueError
    return tuple(_read(item) for item in value)


def _read(item: Any) -> dict[str, Any]:
    kinds: tuple[Kind, ...] = ("role", "purpose", "legal_basis")
    said: dict[str, Any] = {kind: one_of(*words(kind))(item[kind]) for kind in kinds}
    return {"day": day(item["day"]).isoformat(), **said, "count": positive(item["count"])}


def months(value: Any) -> tuple[dict[str, object], ...]:
    """A list of at most 120 months of a schedule, whose shares belong to institutions."""
    if not isinstance(value, list | tuple) or len(value) > 120:
        raise ValueError
    schedule = [parse_month(month, field="months") for month in value]
    if not all(is_institution_id(owner) for month in schedule for owner, _ in month.shares_gr):
        raise ValueError
    return tuple(month_json(month) for month in schedule)


def versions(value: Any) -> dict[str, str]:
    """The versions of rule and parameters by name."""
    if not all(_VERSION.fullmatch(version) and not holds_a_pesel(version) for version in value.values()):
        raise ValueError
    return {name(key): str(version) for key, version in value.items()}
