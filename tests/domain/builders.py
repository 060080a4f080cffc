"""Test data of the vocabulary: PESELs, and for every payload the JSON members that make it."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from typing import Any, get_type_hints

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shared.domain.access import words
from shared.domain.events import fields as parsers
from shared.domain.events.payloads import people
from shared.domain.events.types import EventType, event_types
from shared.domain.pesel import check_digit, holds_a_pesel
from shared.domain.token import as_token

PROPERTY = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""100 examples, and 500 in the long tier; the same ones on every run and every worker."""

QUARTER = settings(PROPERTY, max_examples=PROPERTY.max_examples // 4)
"""For properties that run once a shape or parser."""

UUID = "0192f0c1-7c00-7abc-8def-0123456789ab"
HASH = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
TOKEN = "1." + HASH
PESEL = "44651401357"

FREE_TEXTS = (
    "Jan Kowalski",
    "ul. Długa 5",
    "Przykładowska",
    PESEL,
    "2026-03-01 ",
    "2026-03-01\n",
    " PUP-STA",
    "PUP-STA\n",
    "tel.: 600 100 200",
    "a@example.invalid",
    "<b>",
    "",
    "\u0000",
    "٢٠٢٦-٠٣-٠١",
    "x" * 65,
)
"""Strings that no member of any payload takes."""


@st.composite
def pesels(draw: st.DrawFn) -> str:
    """Return eleven digits that pass: a day of one of five centuries, any serial, the check digit that fits."""
    day = draw(st.dates(date(1800, 1, 1), date(2299, 12, 31)))
    month = day.month + {18: 80, 19: 0, 20: 20, 21: 40, 22: 60}[day.year // 100]
    digits = f"{day.year % 100:02d}{month:02d}{day.day:02d}{draw(st.integers(0, 9999)):04d}"
    return digits + check_digit(digits)


def members_of(shape: type) -> st.SearchStrategy[dict[str, Any]]:
    """Return JSON members that a payload of ``shape`` admits; optional ones may be missing."""
    required, optional = {}, {}
    for wire, parser, default in parsers_of(shape):
        (required if default is MISSING else optional)[wire] = _values(parser)
    return st.fixed_dictionaries(required, optional=optional).map(_settled)


def example(shape: type) -> dict[str, Any]:
    """Return the JSON members of one payload of ``shape``, all that there are, the same on every run."""
    return _settled({wire: _value(parser) for wire, parser, _ in parsers_of(shape)})


def parsers_of(shape: type) -> list[tuple[str, Any, Any]]:
    """Return name on the wire, parser and default of each member of a payload."""
    hints = get_type_hints(shape, include_extras=True)
    return [(one.name.rstrip("_"), hints[one.name].__metadata__[0], one.default) for one in fields(shape)]


def shapes() -> dict[str, EventType]:
    """Return one event type for each shape of payload."""
    return {type_.shape.__name__: type_ for type_ in event_types().values()}


def strings_in(value: Any) -> list[str]:
    """Return every string of a JSON value, the names of members too."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for pair in value.items() for item in pair for text in strings_in(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in strings_in(item)]
    return []


def _settled(members: dict[str, Any]) -> dict[str, Any]:
    """Make members that would contradict each other agree."""
    if members.get("until") is not None and "from" in members:
        members["from"], members["until"] = sorted((members["from"], members["until"]))
    if members.get("remaining_net") is not None:
        members["remaining_net"] = min(members["remaining_net"], members["monthly_net"])
    if members.get("unit") == "basis_points":
        members["own"] %= 10_001
        members["other_share"] = 10_000 - members["own"]
    if "gained" in members and members.get("code") == "PUP-STA":
        members["gained"] = False
    if "parts" in members:
        members["part"], members["parts"] = sorted((members["part"], members["parts"]))
        members |= {"complete": True} if "complete" in members else {}
    return members


def _values(parser: Any) -> st.SearchStrategy[Any]:
    names = _enumerated(parser)
    return st.sampled_from(names) if names else VALUES[parser]


def _value(parser: Any) -> Any:
    names = _enumerated(parser)
    return names[0] if names else ONE_VALUE[parser]


def _enumerated(parser: Any) -> list[str]:
    said = (parser.__doc__ or "").partition("\n")[0]
    return said.removeprefix("One of ").removesuffix(".").split(", ") if said.startswith("One of ") else []


@st.composite
def _months(draw: st.DrawFn) -> dict[str, Any]:
    shares = draw(st.dictionaries(_ids, st.integers(0, 1_000_000), max_size=3))
    return {
        "month": f"{draw(st.integers(2023, 2040))}-{draw(st.integers(1, 12)):02d}",
        "amount_gr": sum(shares.values()),
        "codes": draw(st.sampled_from(["G", "K", "GKP", "KLPZ", "Z"])),
        "shares_gr": shares,
    }


@st.composite
def _reads(draw: st.DrawFn) -> dict[str, Any]:
    said = {kind: draw(st.sampled_from(words(kind))) for kind in ("role", "purpose", "legal_basis")}
    return {"day": draw(st.dates()).isoformat(), **said, "count": draw(st.integers(1, 100))}


@st.composite
def _records(draw: st.DrawFn) -> dict[str, Any]:
    types = [type_ for type_ in event_types().values() if type_.change == "put"]
    type_ = draw(st.sampled_from(types))
    return {"type": type_.name, "payload": draw(members_of(type_.shape))}


_ids = st.sampled_from(["pup-2478", "ops-2478011", "pcpr-1611", "ngo-0000123456"])
_hashes = st.binary(min_size=32, max_size=32).map(lambda raw: urlsafe_b64encode(raw).rstrip(b"=").decode())
_names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,63}", fullmatch=True).filter(lambda text: not holds_a_pesel(text))
_counts = st.integers(0, 1_000_000)
_tokens = st.tuples(st.integers(1, 999_999), _hashes).map(lambda pair: f"{pair[0]}.{pair[1]}")

VALUES: dict[Any, st.SearchStrategy[Any]] = {
    parsers.day: st.dates().map(date.isoformat),
    parsers.record_id: st.uuids().map(str),
    parsers.hash_: _hashes,
    parsers.name: _names,
    parsers.grosze: st.integers(0, 9_999_999_999),
    parsers.count: _counts,
    parsers.positive: st.integers(1, 1_000_000),
    parsers.sequence: st.integers(1, 9_999_999_999),
    parsers.kept: st.none() | st.integers(0, 12),
    parsers.truth: st.booleans(),
    parsers.check: st.integers(0, 255).map(lambda byte: f"{byte:02x}"),
    parsers.fingerprint: st.binary(min_size=8, max_size=8).map(bytes.hex),
    parsers.county: st.integers(0, 9999).map(lambda number: f"{number:04d}"),
    parsers.issuer: _ids,
    parsers.members: st.lists(_ids, max_size=4),
    parsers.hashes: st.lists(_hashes, max_size=4),
    parsers.bucket_digests: _hashes.map(lambda one: [one] * 256),
    parsers.bucket_numbers: st.lists(st.integers(0, 255), max_size=4),
    parsers.named_sets: st.lists(
        st.tuples(_ids, st.none() | st.integers(1, 9_999_999_999), _hashes).map(list), min_size=1, max_size=4
    ),
    parsers.records: st.lists(_records(), max_size=4),
    parsers.reads: st.lists(_reads(), max_size=3),
    parsers.months: st.lists(_months(), max_size=3),
    parsers.versions: st.dictionaries(_names, st.sampled_from(["1", "2026.1", "3f2a+local"]), max_size=3),
    people._scores: st.dictionaries(st.sampled_from(people.PROGRESS_DOMAINS), st.integers(0, 100), min_size=1),
    people.following: st.fixed_dictionaries(
        {"token": _tokens, "check": st.just("a7"), "key_fingerprint": st.binary(min_size=8, max_size=8).map(bytes.hex)}
    ),
    as_token: _tokens,
}
"""What each parser admits, as JSON has it. A new parser needs a line here and one in ``ONE_VALUE``."""

ONE_VALUE: dict[Any, Any] = {
    parsers.day: "2026-03-01",
    parsers.record_id: UUID,
    parsers.hash_: HASH,
    parsers.name: "PUP-STA",
    parsers.grosze: 165_000,
    parsers.count: 7,
    parsers.positive: 3,
    parsers.sequence: 4,
    parsers.kept: 2,
    parsers.truth: True,
    parsers.check: "a7",
    parsers.fingerprint: "0123456789abcdef",
    parsers.county: "2478",
    parsers.issuer: "ops-2478011",
    parsers.members: ["ops-2478011", "pup-2478"],
    parsers.hashes: [HASH],
    parsers.bucket_digests: [HASH] * 256,
    parsers.bucket_numbers: [0, 255],
    parsers.named_sets: [["pup-2478", 3, HASH], ["pup-2478", None, HASH]],
    parsers.records: [
        {"type": "contract.signed.v1", "payload": {"contract_id": UUID, "form": "A", "from": "2026-03-01"}}
    ],
    parsers.reads: [{"day": "2026-03-01", "role": "auditor", "purpose": "audit", "legal_basis": "consent", "count": 2}],
    parsers.months: [{"month": "2026-03", "amount_gr": 209_020, "codes": "K", "shares_gr": {"pup-2478": 209_020}}],
    parsers.versions: {"rule": "1", "parameters": "2026.1"},
    people._scores: {"work": 40, "health": 70},
    people.following: {"token": TOKEN, "check": "a7", "key_fingerprint": "0123456789abcdef"},
    as_token: TOKEN,
}
