"""A dead letter is off the broker's list once its author has said the same anew, all of it."""

from typing import Any

import pytest

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


async def refused_first(federation: Federation, *, spoilt_part: bool, one_push: bool = False) -> Peer:
    """Let an office say a form that is refused, and then all it has in two parts, the first of them spoilt or not."""
    pup, _ = await shared_person(federation)
    whole, changes = pup.ids.uuid7(), {"complete": "perhaps"} if spoilt_part else {}
    await pup.push(pup.form(1, code="NOT-A-CODE"))
    assert await waiting(federation) == ["code-unknown"]
    parts = [part(pup, 1, 2, whole=whole, **changes), part(pup, 2, 2, whole=whole)]
    for entries in [parts] if one_push else [parts[:1], parts[1:]]:
        await pup.push(*entries, errors_seen=len(pup.sets))
    await relay(federation)
    return pup


@pytest.mark.parametrize("one_push", [False, True])
async def test_the_last_part_of_a_restatement_answers_what_was_said_before_its_first(
    federation: Federation, *, one_push: bool
) -> None:
    await refused_first(federation, spoilt_part=False, one_push=one_push)
    assert await waiting(federation) == []


async def test_what_is_refused_behind_a_restatement_in_one_push_waits(federation: Federation) -> None:
    pup, _ = await shared_person(federation)
    mismatch = {"check": "3f", "key_fingerprint": "0" * 16, "basis": "consent"}
    await pup.push(pup.restated(), pup.event("client.enrolled.v1", mismatch), pup.form(1, code="NOT-A-CODE"))
    await relay(federation)
    assert await waiting(federation) == ["match-key-mismatch", "code-unknown"]


async def test_an_enrolment_answers_what_was_refused_of_an_enrolment_alone(federation: Federation) -> None:
    pup, _ = await shared_person(federation)
    mismatch = {"check": "3f", "key_fingerprint": "0" * 16, "basis": "consent"}
    await pup.push(pup.event("household.declared.v1", {"size": 0}), pup.event("client.enrolled.v1", mismatch))
    assert len(await waiting(federation)) == 2
    await pup.push(pup.enrolled(), errors_seen=3)
    await relay(federation)
    [problem] = await waiting(federation)
    assert problem != "match-key-mismatch"


@pytest.mark.parametrize("one_push", [False, True])
async def test_a_restatement_of_which_a_part_was_refused_answers_nothing(
    federation: Federation, *, one_push: bool
) -> None:
    pup = await refused_first(federation, spoilt_part=True, one_push=one_push)
    assert len(await waiting(federation)) == 2
    await pup.push(pup.restated())
    await relay(federation)
    assert await waiting(federation) == []
