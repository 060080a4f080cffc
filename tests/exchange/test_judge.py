"""Judging: every text gets a verdict and none an exception, in threads as one by one."""

import copy
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import DomainError
from shared.domain.events.types import event_types
from shared.exchange import jose
from shared.exchange.judge import Verdict, judge, judge_all
from shared.exchange.sets import set_hash
from shared.runtime.problems.render import problem

from .builders import (
    BROKER,
    FEDERATION,
    KEYS,
    NOW,
    OPS,
    PESEL,
    PROPERTY,
    PUP,
    STRANGER,
    directory,
    forge,
    header,
    make_set,
    set_claims,
    spelled,
)
from .test_jose import HEADS, PAYLOADS
from .test_jose_against_pyjwt import text_mutations
from .test_sets import OTHERS, SCHEMA

KNOWN = directory()
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**53, 10**12, "", "x", "\0", "ż", PESEL, "a" * 300, "1." + "A" * 43, "2026-03-01"),
    *([], {}, [[]], [{}], [None], {"": None}, {"a": {"b": []}}, ["x"] * 101, [PUP] * 3, {"format": "opaque"}),
]
PROBLEMS = {"set-type", "set-signature", "set-schema", "set-too-large", "set-not-permitted", "code-unknown"}


def verdict_on(text: str) -> Verdict:
    """Judge, and check what must hold of every verdict."""
    verdict = judge(text, FEDERATION, KNOWN)
    assert (verdict.text, verdict.hash) == (text, set_hash(text))
    assert (verdict.event is None) != (verdict.failure is None)
    if verdict.event is not None:
        assert (verdict.event.iss, verdict.event.n, verdict.event.token) == (verdict.iss, verdict.n, verdict.token)
    else:
        assert isinstance(verdict.failure, DomainError)
        assert verdict.failure.problem in PROBLEMS
        json.dumps(problem(verdict.failure), ensure_ascii=False).encode()
    assert len(verdict.iss) <= 32
    assert verdict.n is None or 1 <= verdict.n <= 2**53
    return verdict


def comparable(verdict: Verdict) -> tuple[Any, ...]:
    failure = verdict.failure
    said = None if failure is None else (type(failure), failure.detail, failure.field, str(failure.received))
    return (verdict.hash, verdict.event, said, verdict.iss, verdict.n, verdict.token, verdict.unknown_key)


def bases() -> list[dict[str, Any]]:
    claims = []
    for name, type_ in event_types().items():
        iss = BROKER if BROKER in type_.issuers else PUP if "pup" in type_.issuers else OPS
        claims.append(set_claims(name, iss))
    return claims


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from paths_of(item, (*path, key))


def spoilt(rng: random.Random, claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims with one member or element replaced, renamed, left out, or one more put in."""
    claims = copy.deepcopy(claims)
    path = rng.choice(list(paths_of(claims)))
    holder: Any = claims
    for key in path[:-1]:
        holder = holder[key]
    change = rng.randrange(4)
    if change == 0 or isinstance(holder, list):
        holder[path[-1]] = rng.choice(ODD)
    elif change == 1:
        del holder[path[-1]]
    elif change == 2:
        holder[rng.choice(["", "x", "iss", "payload", "\0"])] = holder.pop(path[-1])
    else:
        holder[rng.choice(["", "note", "from", "prev", "n"])] = rng.choice(ODD)
    return claims


def signed_by_its_issuer(claims: dict[str, Any]) -> str:
    iss = claims.get("iss")
    key = KEYS.get(iss if isinstance(iss, str) else "", STRANGER)
    return forge(header(kid=key.kid), claims, key)


def test_three_thousand_spoilt_but_signed_sets_each_get_a_verdict() -> None:
    rng = random.Random(3)
    seen: Counter[str] = Counter()
    templates = bases()
    for _ in range(3_000):
        claims = rng.choice(templates)
        for _ in range(rng.choice((1, 1, 2, 4))):
            claims = spoilt(rng, claims)
        verdict = verdict_on(signed_by_its_issuer(claims))
        seen[verdict.failure.problem if verdict.failure else "taken"] += 1
    assert seen["taken"] > 200
    assert seen["set-schema"] > 500
    assert seen["set-signature"] > 50


def test_two_thousand_broken_texts_each_get_a_verdict() -> None:
    for text in text_mutations(random.Random(4), 2_000):
        verdict_on(text)


def test_every_mistake_by_hand_gets_a_verdict() -> None:
    for head, _ in HEADS.values():
        verdict_on(forge(head, set_claims()))
    for payload in PAYLOADS.values():
        assert verdict_on(forge(header(kid=KEYS[OPS].kid), payload, KEYS[OPS])).failure is not None


def test_deep_claims_that_are_signed_get_a_verdict() -> None:
    for depth in (20, 30, 31, 32, 33, 300, 900, 950, 1000, 5_000, 20_000):
        for left, right in ((b"[", b"]"), (b'{"a":', b"}")):
            value = left * depth + b"1" + right * depth
            for name in ("x", "sub_id", "events", "n", "iss", "jti", "toe"):
                base = {key: item for key, item in set_claims().items() if key != name} | {"z": PESEL[:-1] + "8"}
                payload = spelled(base)[:-1] + f',"{name}":'.encode() + value + b"}"
                text = forge(header(kid=KEYS[OPS].kid), payload, KEYS[OPS])
                verdict_on(text)


@PROPERTY
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: raw.decode("latin-1")))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert verdict_on(text).failure is not None


@PROPERTY
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_signed_json_gets_a_verdict(claims: Any) -> None:
    assert verdict_on(forge(header(), json.dumps(claims).encode())).failure is not None


@pytest.mark.parametrize("text", ["", "\ud800", "\0", "é.é.é", ".".join(["\udfff"] * 3), "a" * 70_000, "." * 70_000])
def test_odd_texts_get_a_verdict(text: str) -> None:
    assert verdict_on(text).failure is not None


def batch() -> list[str]:
    good = [signed_by_its_issuer(claims) for claims in bases()]
    bad = [text for _, text in OTHERS.values()] + [make_set(change(set_claims())) for change in SCHEMA.values()]
    texts = (good + bad) * 3
    random.Random(5).shuffle(texts)
    return texts


@pytest.mark.parametrize("size", [0, 1, 2, 15, 16, 17, 33, 250])
async def test_a_batch_is_judged_in_threads_as_one_by_one(size: int) -> None:
    texts = batch()[:size]
    one_by_one = [comparable(judge(text, FEDERATION, KNOWN)) for text in texts]
    for threads in (True, False):
        verdicts = await judge_all(texts, FEDERATION, KNOWN, threads=threads)
        assert [comparable(verdict) for verdict in verdicts] == one_by_one


async def test_a_bad_set_spoils_no_other_of_its_batch() -> None:
    texts = [make_set(set_claims(toe=NOW + at)) for at in range(40)]
    texts[7], texts[33] = "x", jose.encode(b"{}")
    verdicts = await judge_all(texts, FEDERATION, KNOWN, threads=True)
    assert [at for at, verdict in enumerate(verdicts) if verdict.event is None] == [7, 33]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_more_spoilt_sets_each_get_a_verdict(seed: int) -> None:
    rng = random.Random(seed)
    templates = bases()
    for _ in range(10_000):
        claims = rng.choice(templates)
        for _ in range(rng.choice((1, 2, 4, 8))):
            claims = spoilt(rng, claims)
        verdict_on(signed_by_its_issuer(claims))
    for text in text_mutations(rng, 10_000):
        verdict_on(text)
