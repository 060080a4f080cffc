"""A dead letter is off the broker's list once its author has said the same anew, all of it."""

from typing import Any

from tests.broker.builders import ON_SQLITE, Peer, relay, shared_person
from tests.builders import Federation

pytestmark = ON_SQLITE


def part(peer: Peer, number: int, of: int, *, whole: str, **changes: Any) -> str:
    """Sign one part of a restatement of nothing, with changes that spoil it."""
    payload = {"generation": 1, "restatement_id": whole, "part": number, "parts": of, "complete": True, "records": []}
    return peer.event("record.restated.v1", payload | changes)


async def waiting(federation: Federation) -> list[str]:
    """Return the problems of what waits for an answer of its author, in order."""
    return [letter["problem"] for letter in (await federation.operator.get("/v1/dead-letters")).json()]


async def refused_first(federation: Federation, *, spoilt_part: bool) -> Peer:
    """Let an office say a form that is refused, and then all it has in two parts, the first of them spoilt or not."""
    pup, _ = await shared_person(federation)
    whole, changes = pup.ids.uuid7(), {"complete": "perhaps"} if spoilt_part else {}
    await pup.push(pup.form(1, code="NOT-A-CODE"))
    assert await waiting(federation) == ["code-unknown"]
    await pup.push(part(pup, 1, 2, whole=whole, **changes), errors_seen=2)
    await pup.push(part(pup, 2, 2, whole=whole), errors_seen=3)
    await relay(federation)
    return pup


async def test_the_last_part_of_a_restatement_answers_what_was_said_before_its_first(federation: Federation) -> None:
    await refused_first(federation, spoilt_part=False)
    assert await waiting(federation) == []


async def test_a_restatement_of_which_a_part_was_refused_answers_nothing(federation: Federation) -> None:
    pup = await refused_first(federation, spoilt_part=True)
    assert len(await waiting(federation)) == 2
    await pup.push(pup.restated())
    await relay(federation)
    assert await waiting(federation) == []
