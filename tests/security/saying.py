"""Who says what about whom: an event of every type, and a person for each, in every relation to its author."""

from collections.abc import Iterator
from typing import Any

from shared.domain.events.types import EventType, event_types
from tests.broker.builders import Peer, check_of, relay
from tests.builders import MATCH_KEY, Federation
from tests.domain.builders import example

TYPES = tuple(name for name, type_ in event_types().items() if not type_.is_of_run)
"""Types that are about a person; what a reconciliation says has its own stories."""

CODES = {"pup": "PUP-STA", "ops": "OPS-ZOK"}


def persons(relation: int) -> Iterator[tuple[str, int]]:
    """Return each type with the number of a person of its own."""
    for number, name in enumerate(TYPES, 1):
        yield name, relation * 100 + number


def payload_of(author: str, type_: EventType, number: int) -> dict[str, Any]:
    """Return a payload that fits its type, its author's catalogue and its person."""
    payload = dict(example(type_.shape))
    if "code" in payload:
        payload["code"] = CODES[author.partition("-")[0]]
    if type_.name == "record.restated.v1":
        payload |= {"part": 1, "parts": 1, "generation": 1, "records": []}
    if type_.name == "set.erased.v1":
        payload["sets"] = [[author, *rest] for _, *rest in payload["sets"]]
    if "check" in payload:
        payload["check"] = check_of(number)
    if "key_fingerprint" in payload:
        payload["key_fingerprint"] = MATCH_KEY.fingerprint
        payload.pop("next", None)  # no match key follows this one
    return payload


def said_of_all(author: Peer, relation: int) -> list[str]:
    """Return an event of every type, each about a person of its own."""
    return [
        author.event(name, payload_of(author.id, event_types()[name], number), number)
        for name, number in persons(relation)
    ]


async def mail(federation: Federation, peer: Peer, sets: list[str]) -> None:
    """Push SETs of a member and let the broker relay them."""
    await peer.push(*sets)
    await relay(federation)
