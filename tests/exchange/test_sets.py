"""SETs: each mistake has its own problem, and counts run as the wire document says."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.errors import DomainError
from shared.domain.events import schema
from shared.domain.events.types import URN, event_type, event_types
from shared.exchange import jose
from shared.exchange.judge import judge
from shared.exchange.sets import (
    MAX_SET_BYTES,
    SET_TYPE,
    Draft,
    SecurityEvent,
    SetSignatureWrong,
    SetTooLarge,
    SetTypeWrong,
    parse_set,
    read_event,
    set_hash,
    sign_set,
)
from shared.runtime.problems.catalogue import problem_types

from .builders import (
    BROKER,
    FEDERATION,
    HASH,
    JTI,
    KEYS,
    NOW,
    OPS,
    PUP,
    STRANGER,
    TOKEN,
    directory,
    example,
    forge,
    header,
    make_set,
    set_claims,
    without,
)

Change = Callable[[dict[str, Any]], dict[str, Any]]


def draft(name: str = "contract.signed.v1", **changes: Any) -> Draft:
    type_ = event_type(name)
    facts: dict[str, Any] = {
        "type": type_,
        "token": JTI if type_.is_of_run else TOKEN,
        "payload": schema.read(type_.shape, example(type_.shape)),
        "jti": JTI,
        "txn": JTI,
        "at": NOW,
        "n": 1 if type_.is_shared else None,
    }
    return Draft(**facts | changes)


def event_of(text: str) -> SecurityEvent:
    verdict = judge(text, FEDERATION, directory())
    assert verdict.failure is None
    assert verdict.event is not None
    return verdict.event


def problem_of(text: str) -> str:
    failure = judge(text, FEDERATION, directory()).failure
    assert failure is not None
    return failure.problem


@pytest.mark.parametrize("name", [name for name, type_ in event_types().items() if type_.shape.__name__ != "Restated"])
def test_every_event_that_is_signed_is_read_as_it_was_meant(name: str) -> None:
    iss = BROKER if BROKER in event_type(name).issuers else PUP if "pup" in event_type(name).issuers else OPS
    one = draft(name)
    signed = sign_set(KEYS[iss], iss, FEDERATION, one)
    assert signed == sign_set(KEYS[iss], iss, FEDERATION, one)
    event = event_of(signed.text)
    assert (event.iss, event.iat, event.toe, event.jti, event.txn) == (iss, NOW, NOW, JTI, JTI)
    assert (event.token, event.type, event.payload) == (one.token, one.type, one.payload)
    assert (event.n, event.prev, event.hash) == (one.n, None, signed.hash)
    assert (signed.iss, signed.jti, signed.token, signed.n) == (iss, JTI, one.token, one.n)
    assert signed.hash == set_hash(signed.text)


def test_the_signer_of_the_product_writes_exactly_these_claims() -> None:
    claims = set_claims("client.enrolled.v1")
    assert sign_set(KEYS[OPS], OPS, FEDERATION, draft("client.enrolled.v1")).text == make_set(claims)
    later = sign_set(KEYS[OPS], OPS, FEDERATION, draft(n=2, prev=bytes(32)))
    assert jose.parse(later.text, SET_TYPE).claims["prev"] == jose.encode(bytes(32))


def drop(name: str) -> Change:
    return lambda claims: without(claims, name)


def put(**changes: Any) -> Change:
    return lambda claims: claims | changes


def payload(**changes: Any) -> Change:
    def change(claims: dict[str, Any]) -> dict[str, Any]:
        [(urn, members)] = claims["events"].items()
        return claims | {"events": {urn: members | changes}}

    return change


def subject(**changes: Any) -> Change:
    return lambda claims: claims | {"sub_id": claims["sub_id"] | changes}


SCHEMA: dict[str, Change] = {
    **{f"no {name}": drop(name) for name in ("aud", "jti", "toe", "txn", "sub_id", "events", "n")},
    "aud of another federation": put(aud="zwornik:other"),
    "aud as a list": put(aud=[f"zwornik:{FEDERATION}"]),
    "toe as text": put(toe=str(NOW)),
    "toe zero": put(toe=0),
    "toe negative": put(toe=-1),
    "toe as truth": put(toe=True),
    "toe in milliseconds": put(toe=NOW * 1000),
    "jti of version free text": put(jti="T.1/2026"),
    "jti in capitals": put(jti=JTI.upper()),
    "jti in braces": put(jti=f"{{{JTI}}}"),
    "jti as a number": put(jti=1),
    "txn null": put(txn=None),
    "n zero": put(n=0),
    "n negative": put(n=-1),
    "n as text": put(n="1"),
    "n as truth": put(n=True),
    "n without prev": put(n=2),
    "prev at n 1": put(n=1, prev=HASH),
    "prev as no hash": put(n=2, prev="x"),
    "prev with padding": put(n=2, prev=HASH + "="),
    "prev with bits left over": put(n=2, prev=HASH[:-1] + "h"),
    "prev as a list": put(n=2, prev=[HASH]),
    "no subject": put(sub_id=None),
    "the subject as text": put(sub_id=TOKEN),
    "a subject of another format": subject(format="email"),
    "a subject without format": put(sub_id={"id": TOKEN}),
    "a subject without id": put(sub_id={"format": "opaque"}),
    "a subject that is no token": subject(id="nowak"),
    "a subject of epoch 0": subject(id="0." + HASH),
    "no event": put(events={}),
    "two events": put(events={URN + "client.withdrawn.v1": {}, URN + "contract.signed.v1": {}}),
    "events as a list": put(events=[URN + "client.withdrawn.v1"]),
    "an event of another protocol": put(events={"https://schemas.example.invalid/x": {}}),
    "an event of an unknown type": put(events={URN + "client.praised.v1": {}}),
    "an event of a later version": put(events={URN + "contract.signed.v2": {}}),
    "an event without type": put(events={URN: {}}),
    "a payload that is null": put(events={URN + "client.withdrawn.v1": None}),
    "a payload that is a list": put(events={URN + "contract.signed.v1": []}),
    "a payload without members": put(events={URN + "contract.signed.v1": {}}),
    "a form beyond A and B": payload(form="C"),
    "a period reversed": payload(until="2020-01-01"),
    "a negative number": payload(goals=-1),
}


@pytest.mark.parametrize("name", SCHEMA)
def test_a_claim_of_another_form_is_a_question_of_schema(name: str) -> None:
    claims = SCHEMA[name](set_claims())
    verdict = judge(make_set(claims), FEDERATION, directory())
    assert verdict.failure is not None
    assert (verdict.failure.problem, verdict.event) == ("set-schema", None)
    assert isinstance(verdict.failure, schema.SetSchema)
    assert verdict.failure.field
    assert verdict.iss == OPS


@pytest.mark.parametrize("iat", [NOW - 1000, NOW + 1_000_000])
def test_an_iat_within_the_validity_of_the_key_is_taken_to_the_second(iat: int) -> None:
    assert event_of(make_set(set_claims(iat=iat, toe=iat))).iat == iat
    beyond = iat + (1 if iat > NOW else -1)
    assert problem_of(make_set(set_claims(iat=beyond))) == "set-signature"


OTHERS: dict[str, tuple[str, str]] = {
    "another type": ("set-type", forge(header("JWT"), set_claims())),
    "a proof": ("set-type", forge(header("zwornik-request+jwt"), set_claims())),
    "no type": ("set-type", forge({"alg": "ES256", "kid": KEYS[OPS].kid}, set_claims())),
    "alg none": ("set-signature", forge(header(alg="none"), set_claims())),
    "alg HS256": ("set-signature", forge(header(alg="HS256"), set_claims())),
    "no token at all": ("set-signature", "x"),
    "nothing": ("set-signature", ""),
    "four parts": ("set-signature", make_set() + ".x"),
    "padding": ("set-signature", make_set() + "="),
    "an embedded key": ("set-signature", forge(header(jwk=STRANGER.public.jwk()), set_claims())),
    "signed by a stranger": ("set-signature", forge(header(kid=KEYS[OPS].kid), set_claims(), STRANGER)),
    "a stranger's key": ("set-signature", forge(header(kid=STRANGER.kid), set_claims(), STRANGER)),
    "the key of another office": ("set-signature", forge(header(kid=KEYS[PUP].kid), set_claims(), KEYS[PUP])),
    "no iss": ("set-signature", make_set(without(set_claims(), "iss"))),
    "iss as a list": ("set-signature", make_set(set_claims(iss=[OPS]))),
    "iss unknown": ("set-signature", make_set(set_claims(iss="ops-0000000"))),
    "iss with a blank": ("set-signature", make_set(set_claims(iss=OPS + " "))),
    "no iat": ("set-signature", make_set(without(set_claims(), "iat"))),
    "iat as text": ("set-signature", make_set(set_claims(iat=str(NOW)))),
    "iat as truth": ("set-signature", make_set(set_claims(iat=True))),
    "too large": ("set-too-large", make_set(set_claims(x="a" * 50_000))),
    "a type of another kind": ("set-not-permitted", make_set(set_claims("registration.opened.v1"))),
    "a type of the broker": ("set-not-permitted", make_set(set_claims("joint_client.matched.v1"))),
    "a code of another kind": (
        "set-not-permitted",
        make_set(set_claims("support_form.opened.v1", payload=example(event_type("support_form.opened.v1").shape))),
    ),
    "an unknown code": (
        "code-unknown",
        make_set(
            set_claims(
                "support_form.opened.v1",
                payload=example(event_type("support_form.opened.v1").shape) | {"code": "OPS-XXX"},
            )
        ),
    ),
    "a hidden code": (
        "code-unknown",
        make_set(
            set_claims(
                "support_form.opened.v1",
                payload=example(event_type("support_form.opened.v1").shape) | {"code": "OPS-KRY"},
            )
        ),
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_every_other_mistake_has_its_own_problem(name: str) -> None:
    problem, text = OTHERS[name]
    assert problem_of(text) == problem
    assert problem in problem_types()


def test_of_two_mistakes_the_earlier_step_speaks() -> None:
    spoilt = set_claims("registration.opened.v1", n="x", aud="zwornik:other")
    assert problem_of(forge(header("JWT"), spoilt, STRANGER)) == "set-type"
    assert problem_of(forge(header(kid=KEYS[OPS].kid), spoilt, STRANGER)) == "set-signature"
    assert problem_of(make_set(spoilt)) == "set-schema"
    assert problem_of(make_set(set_claims("registration.opened.v1"))) == "set-not-permitted"
    assert problem_of(forge(header("JWT"), {"x": "a" * 60_000})) == "set-too-large"


def test_an_unknown_key_is_named_so_that_the_directory_can_be_asked() -> None:
    verdict = judge(OTHERS["a stranger's key"][1], FEDERATION, directory())
    assert verdict.unknown_key == (OPS, STRANGER.kid)
    assert judge(make_set(), FEDERATION, directory()).unknown_key is None
    assert judge(OTHERS["signed by a stranger"][1], FEDERATION, directory()).unknown_key is None


def test_counts_run_from_one_and_each_but_the_first_names_the_one_before() -> None:
    for n, prev in ((1, None), (2, HASH), (2**53, HASH)):
        claims = set_claims(n=n) | ({"prev": prev} if prev else {})
        event = event_of(make_set(claims))
        assert (event.n, event.prev) == (n, prev)
    assert event_of(make_set(set_claims(n=1, prev=None))).prev is None
    assert problem_of(make_set(set_claims(n=2**53 + 1, prev=HASH))) == "set-signature"


def test_an_event_for_the_broker_alone_has_no_count_even_if_it_states_one() -> None:
    event = event_of(make_set(set_claims("client.enrolled.v1", n=7, prev="zzz")))
    assert (event.n, event.prev) == (None, None)


def test_a_set_that_is_refused_still_tells_whom_and_what_it_is_about_where_that_can_be_read() -> None:
    verdict = judge(make_set(set_claims(n=7, jti="x")), FEDERATION, directory())
    assert (verdict.iss, verdict.n, verdict.token) == (OPS, 7, TOKEN)
    for n in (0, -1, "7", True, None, [7]):
        assert judge(make_set(set_claims(n=n)), FEDERATION, directory()).n is None
    for sub_id in ({"id": "nowak"}, [], None, TOKEN, {"id": [TOKEN]}):
        assert judge(make_set(set_claims(sub_id=sub_id)), FEDERATION, directory()).token is None


def test_unknown_claims_and_members_are_ignored() -> None:
    plain = event_of(make_set(set_claims()))
    more = set_claims(
        exp=1, sub="x", unknown={"deep": [None, 1, "a"]}, sub_id={"format": "opaque", "id": TOKEN, "x": 1}
    )
    richer = event_of(make_set(payload(extra="x", other=[1])(more)))
    assert (richer.payload, richer.token, richer.n) == (plain.payload, plain.token, plain.n)


def test_a_set_has_at_most_64_kib_when_it_is_signed_and_when_it_is_read() -> None:
    assert MAX_SET_BYTES == 65_536
    fill = 48_000
    while len(make_set(set_claims(x="a" * fill))) < MAX_SET_BYTES - 1:
        fill += 1
    largest = make_set(set_claims(x="a" * fill))
    assert len(largest) <= MAX_SET_BYTES
    event_of(largest)
    assert problem_of(make_set(set_claims(x="a" * (fill + 2)))) == "set-too-large"
    members = example(event_type("contract.signed.v1").shape)
    records = [{"type": "contract.signed.v1", "payload": members}] * 400
    restated = schema.read(
        event_type("record.restated.v1").shape, example(event_type("record.restated.v1").shape) | {"records": records}
    )
    with pytest.raises(SetTooLarge) as refused:
        sign_set(KEYS[OPS], OPS, FEDERATION, draft("record.restated.v1", payload=restated))
    assert refused.value.problem == "set-too-large"
    assert refused.value.expected == MAX_SET_BYTES


def test_a_restatement_is_judged_record_by_record() -> None:
    def restated(*records: dict[str, Any]) -> str:
        members = example(event_type("record.restated.v1").shape) | {"records": list(records)}
        return make_set(set_claims("record.restated.v1", payload=members))

    contract = {"type": "contract.signed.v1", "payload": example(event_type("contract.signed.v1").shape)}
    event_of(restated())
    event_of(restated(contract, contract))
    foreign = {"type": "registration.opened.v1", "payload": example(event_type("registration.opened.v1").shape)}
    assert problem_of(restated(contract, foreign)) == "set-not-permitted"
    assert problem_of(restated(contract, {"type": "record.restated.v1", "payload": {}})) == "set-schema"
    assert problem_of(restated(contract, {"type": "contract.signed.v9", "payload": {}})) == "set-schema"
    assert problem_of(restated(contract, {"payload": {}})) == "set-schema"
    assert problem_of(restated(contract | {"payload": {}})) == "set-schema"


def test_a_refusal_repeats_nothing_of_what_the_set_said() -> None:
    secret = "Przykładowska"
    for change in (payload(form=secret), payload(goals=secret), put(jti=secret), put(aud=secret), subject(id=secret)):
        failure = judge(make_set(change(set_claims())), FEDERATION, directory()).failure
        assert failure is not None
        assert secret not in f"{failure.detail} {failure.expected} {failure.received} {failure.members}"


def test_two_texts_that_differ_never_share_a_hash() -> None:
    texts = ["", "?", "é", "ü", "??", "\ud800", "\udfff", "a", "a ", make_set(), make_set() + "?", make_set() + "é"]
    assert len({set_hash(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a" * (MAX_SET_BYTES + 1), SetTooLarge),
        (forge(header("JWT"), {}), SetTypeWrong),
        ("a.b.c", SetSignatureWrong),
        ("ż" * 9, SetSignatureWrong),
    ],
)
def test_the_form_of_a_set_is_checked_before_anything_else(text: str, wrong: type[DomainError]) -> None:
    with pytest.raises(wrong):
        parse_set(text)


def test_an_event_is_read_for_its_own_federation_alone() -> None:
    parsed = parse_set(make_set())
    assert read_event(parsed, b"h", FEDERATION).hash == b"h"
    with pytest.raises(schema.SetSchema):
        read_event(parsed, b"h", "another")
