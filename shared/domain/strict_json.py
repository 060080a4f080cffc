"""JSON read in one way everywhere: UTF-8, no member named twice, no NaN, at most 32 levels; a refusal says where.

Two readers that disagree about the same bytes are a hole, so what parsers read in different ways is read in none.

>>> strict_json('{"job": {"net_gr": 1, "net_gr": 99999}}')
Traceback (most recent call last):
JsonMalformed: A member is named twice.
>>> strict_json('{"net_gr": 1.5}', any_value=True)
{'net_gr': 1.5}
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from shared.domain.errors import Invalid

MAX_SAFE_INTEGER = 2**53
MAX_DEPTH = 32
"""So many levels of objects and lists; whoever walks through the value later never runs out of stack."""

_DIGITS_ENOUGH = 40
_NAME = re.compile(r"[a-z][A-Za-z_]{0,39}")
"""A name that may be told: another may be a name or a number of somebody."""


class JsonMalformed(Invalid):
    """This is not JSON in UTF-8, each member named once.

    ``field`` names the member; where there is none yet, ``members`` have ``line`` and ``column``, counted from 1.
    """

    problem = "json-malformed"


def strict_json(data: bytes | str, *, any_value: bool = False) -> Any:
    """Return the value of JSON in UTF-8.

    ``any_value`` lets numbers with a point, whole numbers beyond 2**53 and lone surrogates through, for a reader whose
    own bounds name the member.

    :raises JsonMalformed: another encoding, a member named twice, NaN, more than 32 levels; and what ``any_value``
        lets through, unless it is set.
    """
    try:
        text = (data.encode() if isinstance(data, str) else data).decode()
    except UnicodeError:
        raise JsonMalformed("The text is not UTF-8.") from None
    try:
        value = (_ANY_VALUE if any_value else _DECODER).decode(text)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as failure:
        raise _not_json(failure) from None
    except ValueError:
        raise _located(text, any_value=any_value) from None
    if text.count("[") + text.count("{") > MAX_DEPTH:
        _require_shallow([value])
    if "\\u" in text and not any_value:
        _require_unicode(value)
    return value


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Stands where something is wrong, once it is known that something is."""

    detail: str


_TWICE = _Wrong("A member is named twice.")
_NO_NUMBER = _Wrong("NaN and Infinity are no numbers of JSON.")
_POINT = _Wrong("A number has a point; only whole numbers are taken.")
_BEYOND = _Wrong("A number lies beyond 2**53.")


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _safe_int(digits: str) -> int:
    value = _any_int(digits)
    if abs(value) > MAX_SAFE_INTEGER:
        raise ValueError
    return value


def _any_int(digits: str) -> int:
    return int(digits[:_DIGITS_ENOUGH])  # too large for any bound, whatever follows


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _require_shallow(level: list[Any]) -> None:
    for _ in range(MAX_DEPTH):
        items = (node.values() if type(node) is dict else node for node in level)
        level = [item for inside in items for item in inside if type(item) in (dict, list)]
        if not level:
            return
    raise _too_deep()


def _require_unicode(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate would fail far from here
    except UnicodeEncodeError:
        raise JsonMalformed("A text holds half a surrogate pair.") from None


def _too_deep() -> JsonMalformed:
    return JsonMalformed("The text is nested too deep.", expected=f"at most {MAX_DEPTH} levels")


def _not_json(failure: json.JSONDecodeError) -> JsonMalformed:
    detail = f"The text is no longer JSON at column {failure.colno}."
    return JsonMalformed(detail, line=failure.lineno, column=failure.colno)


def _located(text: str, *, any_value: bool) -> JsonMalformed:
    """Return the error of a text that a hook refused: read once more, now marking what is wrong instead."""
    hooks: dict[str, Any] = {"object_pairs_hook": _marked, "parse_constant": lambda _: _NO_NUMBER}
    if any_value:
        hooks |= {"parse_int": _any_int}
    else:
        hooks |= {"parse_int": _marked_int, "parse_float": lambda _: _POINT}
    try:
        found = next(_wrong(json.loads(text, **hooks), "", MAX_DEPTH), None)
    except RecursionError:
        return _too_deep()
    except json.JSONDecodeError as failure:
        return _not_json(failure)
    return JsonMalformed(found[1], field=found[0] or None) if found else _too_deep()


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        members[name] = _TWICE if name in members else value
    return members


def _marked_int(digits: str) -> int | _Wrong:
    value = _any_int(digits)
    return value if abs(value) <= MAX_SAFE_INTEGER else _BEYOND


def _wrong(value: Any, path: str, levels: int) -> Iterator[tuple[str, str]]:
    """Yield the path of each mark, and what is wrong there; a name that may not be told ends its path."""
    if isinstance(value, _Wrong):
        yield path, value.detail
    elif isinstance(value, dict) and levels:
        for name, member in value.items():
            told = _NAME.fullmatch(name) is not None
            inside = f"{path}.{name}" if path else name
            yield from ((at if told else path, why) for at, why in _wrong(member, inside, levels - 1))
    elif isinstance(value, list) and levels:
        for index, item in enumerate(value):
            yield from _wrong(item, f"{path}[{index}]", levels - 1)


_DECODER = json.JSONDecoder(object_pairs_hook=_single, parse_int=_safe_int, parse_float=_refuse, parse_constant=_refuse)
_ANY_VALUE = json.JSONDecoder(object_pairs_hook=_single, parse_int=_any_int, parse_constant=_refuse)
"""Made once: ``json.loads`` makes one for each call that names a hook."""
