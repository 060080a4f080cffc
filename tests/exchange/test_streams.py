"""Chain and checkpoint: whoever changes, leaves out, adds or moves one entry is found out."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.exchange import jose
from shared.exchange.keys import SigningKey
from shared.exchange.stream.chain import chain_next, chain_start, chains
from shared.exchange.stream.checkpoint import (
    CHECKPOINT_TYPE,
    RECEIPT_TYPE,
    Mark,
    StreamCheckpoint,
    check_checkpoint,
    sign_checkpoint,
    sign_receipt,
)

from .builders import BROKER, KEYS, NOW, OPS, PROPERTY, PUP, STRANGER, VALID, directory, forge, header, without

INCARNATION = "5f" * 16
START = chain_start(PUP, BROKER, INCARNATION)
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=8, unique=True)


def head(entries: list[bytes], start: bytes = START) -> bytes:
    return [start, *chains(start, entries)][-1]


@PROPERTY
@given(hashes)
def test_the_chain_is_the_hash_over_the_chain_before_and_the_entry(entries: list[bytes]) -> None:
    expected = hashlib.sha256(f"zwornik/v1|stream|{PUP}|{BROKER}|{INCARNATION}".encode()).digest()
    assert expected == START
    steps = []
    for entry in entries:
        expected = hashlib.sha256(expected + entry).digest()
        steps.append(expected)
    assert list(chains(START, entries)) == steps


@PROPERTY
@given(hashes, st.data())
def test_the_chain_goes_on_from_any_position(entries: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entries)))
    assert head(entries[at:], head(entries[:at])) == head(entries)


@PROPERTY
@given(hashes.filter(bool), st.data())
def test_any_change_of_any_entry_changes_the_chain(entries: list[bytes], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(entries) - 1))
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda entry: entry not in entries))
    changed = [
        [*entries[:at], other, *entries[at + 1 :]],
        [*entries[:at], *entries[at + 1 :]],
        [*entries[:at], other, *entries[at:]],
        [*entries[:at], entries[at], *entries[at:]],
        [*entries, other],
        entries[:at],
    ]
    if len(entries) > 1:
        changed.append([*entries[1:], entries[0]])
        changed.append(entries[::-1])
    assert all(head(one) != head(entries) for one in changed if one != entries)


def test_owner_peer_and_incarnation_each_make_another_stream() -> None:
    starts = [
        START,
        chain_start(BROKER, PUP, INCARNATION),
        chain_start(OPS, BROKER, INCARNATION),
        chain_start(PUP, OPS, INCARNATION),
        chain_start(PUP, BROKER, "60" * 16),
        chain_start(PUP, BROKER, ""),
    ]
    assert len(set(starts)) == len(starts)
    assert chain_next(START, bytes(32)) != START


MARK = Mark(owner=PUP, peer=BROKER, incarnation=INCARNATION, position=3, chain=head([bytes(32)] * 3), at=NOW)
CLAIMS = {
    "iss": PUP,
    "aud": BROKER,
    "incarnation": INCARNATION,
    "position": 3,
    "chain": jose.encode(MARK.chain),
    "iat": NOW,
}
RECEIVED = CLAIMS | {"iss": BROKER, "aud": PUP, "received_at": NOW}


def checkpoint(claims: Any = CLAIMS, key: SigningKey = KEYS[PUP], **changes: Any) -> str:
    return forge(header(CHECKPOINT_TYPE, key.kid) | changes, claims, key)


def receipt(claims: Any = RECEIVED, key: SigningKey = KEYS[BROKER], **changes: Any) -> str:
    return forge(header(RECEIPT_TYPE, key.kid) | changes, claims, key)


def refusal(token: str, mark: Mark = MARK, typ: str = CHECKPOINT_TYPE) -> StreamCheckpoint:
    with pytest.raises(StreamCheckpoint) as refused:
        check_checkpoint(token, mark, directory(), typ=typ)
    assert refused.value.problem == "stream-checkpoint"
    return refused.value


def test_a_checkpoint_holds_for_its_mark_and_there_is_one_a_position() -> None:
    assert sign_checkpoint(KEYS[PUP], MARK) == sign_checkpoint(KEYS[PUP], MARK) == checkpoint()
    check_checkpoint(checkpoint(), MARK, directory())


def test_a_receipt_is_the_other_ends_word_with_the_time_of_arrival() -> None:
    assert sign_receipt(KEYS[BROKER], MARK) == receipt()
    check_checkpoint(receipt(), MARK, directory(), typ=RECEIPT_TYPE)
    refusal(receipt())
    refusal(checkpoint(), typ=RECEIPT_TYPE)
    refusal(checkpoint(RECEIVED, KEYS[BROKER]))
    refusal(receipt(CLAIMS, KEYS[PUP]), typ=RECEIPT_TYPE)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("iss", {"owner": OPS}),
        ("aud", {"peer": OPS}),
        ("incarnation", {"incarnation": "60" * 16}),
        ("position", {"position": 2}),
        ("position", {"position": 4}),
        ("chain", {"chain": bytes(32)}),
    ],
)
def test_a_checkpoint_serves_no_other_mark(name: str, changes: dict[str, Any]) -> None:
    refused = refusal(checkpoint(), replace(MARK, **changes))
    if name != "iss":
        assert name in refused.detail
        assert refused.expected != refused.received


@pytest.mark.parametrize("name", ["iss", "aud", "incarnation", "position", "chain"])
@pytest.mark.parametrize("value", [None, "x", 4, [], {"a": 1}, ""])
def test_a_checkpoint_that_claims_something_else_is_refused(name: str, value: Any) -> None:
    refusal(checkpoint(CLAIMS | {name: value}))
    refusal(checkpoint(without(CLAIMS, name)))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x.y.z",
        checkpoint() + ".x",
        checkpoint(typ="JWT"),
        checkpoint(typ="secevent+jwt"),
        checkpoint(alg="none"),
        checkpoint(jku="https://example.invalid"),
        checkpoint(kid=STRANGER.kid),
        checkpoint(kid=KEYS[BROKER].kid),
        checkpoint(key=STRANGER),
        checkpoint(key=STRANGER, kid=KEYS[PUP].kid),
        checkpoint(key=KEYS[BROKER]),
        checkpoint(CLAIMS | {"iat": str(NOW)}),
        checkpoint(CLAIMS | {"iat": None}),
        checkpoint(CLAIMS | {"iat": True}),
        checkpoint(CLAIMS | {"iat": VALID[1] + 1}),
        checkpoint(CLAIMS | {"x": "a" * 5_000}),
        checkpoint([]),
    ],
)
def test_a_checkpoint_that_is_not_the_owners_is_refused(token: str) -> None:
    refusal(token)


def test_the_time_of_a_mark_is_the_owners_own_and_any_before_the_keys_end() -> None:
    for iat in (VALID[0] - 1, VALID[0], NOW + 1, VALID[1]):
        check_checkpoint(checkpoint(CLAIMS | {"iat": iat}), MARK, directory())
    check_checkpoint(checkpoint(), replace(MARK, at=0), directory())


def test_what_else_a_checkpoint_claims_is_ignored() -> None:
    check_checkpoint(checkpoint(CLAIMS | {"note": ["x", {"y": None}]}), MARK, directory())
