"""What the broker does not take: the chain goes on, the author is told, the members' counts have no hole."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from services.broker.tables import EnrolmentRow
from shared.exchange import jose
from shared.exchange.history.tables import AuthorRow, HoleRow, SharedRecordRow
from shared.exchange.keys import SigningKey
from shared.exchange.sets import set_hash
from shared.exchange.stream.tables import DeadLetterRow, EntryRow, SetRow
from tests.broker.builders import ON_SQLITE, Peer, check_of, relay, shared_person, token_of
from tests.builders import MATCH_KEY, Federation

STRANGER = SigningKey.from_seed(b"stranger")
FORM = {"form_id": "0192f0c1-7c00-7abc-8def-0123456789ab", "code": "PUP-STA", "from": "2026-03-02", "status": "active"}


@pytest.fixture
async def pair(federation: Federation) -> tuple[Peer, Peer]:
    return await shared_person(federation)


def spoilt(text: str) -> str:
    """Return a SET one bit of whose signature is another."""
    head, payload, signature = text.split(".")
    raw = bytearray(jose.decode(signature))
    raw[40] ^= 1
    return f"{head}.{payload}.{jose.encode(bytes(raw))}"


def retyped(pup: Peer) -> str:
    """Return a token of another type than a SET."""
    return pup.proof({"iss": pup.id, "iat": pup.now, "jti": pup.ids.uuid7()})


def shared(name: str, payload: Any, **changes: Any) -> Callable[[Peer], str]:
    return lambda pup: pup.event(name, payload, **changes)


REFUSED: dict[str, tuple[str, Callable[[Peer], str]]] = {
    "a signature that does not hold": ("set-signature", lambda pup: spoilt(pup.form(n=1))),
    "a stranger's key": ("set-signature", shared("support_form.opened.v1", FORM, key=STRANGER, n=1)),
    "a key that is valid no more": ("set-signature", shared("support_form.opened.v1", FORM, iat=3_000_000_000, n=1)),
    "no token at all": ("set-signature", lambda pup: "x.y.z"),
    "another kind of token": ("set-type", retyped),
    "more than 64 KiB": ("set-too-large", lambda pup: "x" * 65_537),
    "a code that the catalogue has not": (
        "code-unknown",
        shared("support_form.opened.v1", FORM | {"code": "PUP-NIC"}, n=1),
    ),
    "a member that does not fit": ("set-schema", shared("support_form.opened.v1", FORM | {"from": "yesterday"}, n=1)),
    "free text": ("set-schema", shared("support_form.opened.v1", FORM | {"x": "Jan Kowalski"}, n=1)),
    "a PESEL": ("set-schema", shared("support_form.opened.v1", FORM | {"x": "44651401357"}, n=1)),
    "a type that nobody knows": (
        "set-schema",
        lambda pup: pup.event("support_form.opened.v1", n=1, events={"urn:zwornik:event:support_form.dreamt.v1": FORM}),
    ),
    "another federation": ("set-schema", shared("support_form.opened.v1", FORM, n=1, aud="zwornik:pl-other")),
    "a first count with a hash before": (
        "set-schema",
        shared("support_form.opened.v1", FORM, n=1, prev="n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"),
    ),
    "what only a welfare centre may say": ("set-not-permitted", shared("contract.signed.v1", None, n=1)),
    "a welfare centre's form": ("set-not-permitted", shared("support_form.opened.v1", FORM | {"code": "AI-E01"}, n=1)),
    "what only the broker may say": (
        "set-not-permitted",
        shared("joint_client.matched.v1", {"generation": 9, "members": []}),
    ),
    "a person whom it does not share": ("not-shared", shared("support_form.opened.v1", FORM, number=7, n=1)),
}


UNCOUNTED = {
    "no token at all",
    "another kind of token",
    "more than 64 KiB",
    "what only the broker may say",
    "a person whom it does not share",
}
"""What claims no count of the person; what is refused otherwise has used its count up."""


@ON_SQLITE
@pytest.mark.parametrize("what", REFUSED)
async def test_a_set_that_cannot_be_taken_is_set_aside_and_what_follows_goes_on(
    federation: Federation, pair: tuple[Peer, Peer], what: str
) -> None:
    pup, ops = pair
    problem, make = REFUSED[what]
    bad = make(pup)
    good = pup.form(form=2, n=2, prev=jose.encode(set_hash(bad))) if what not in UNCOUNTED else pup.form(form=2)
    answer = await pup.push(bad, good)
    errors = [{"position": 2, "problem": problem}]
    assert (answer.body["position"], answer.body["set_errors"]) == (3, errors)
    await relay(federation)
    mail = await ops.collect()
    assert [name for name, _ in mail if name.startswith("support_form")] == ["support_form.opened.v1"]
    async with federation.broker.db.read() as session:
        entry = await session.scalar(select(EntryRow).where(EntryRow.iss == pup.id, EntryRow.position == 2))
        assert entry is not None
        assert (entry.state, entry.hash) == ("refused", set_hash(bad))
        assert await session.get(SetRow, (pup.id, set_hash(bad))) is None
        assert len(list(await session.scalars(select(SharedRecordRow)))) == 1
    [letter] = (await federation.operator.get("/v1/dead-letters")).json()
    assert (letter["owner"], letter["position"], letter["problem"], letter["found_by"]) == (pup.id, 2, problem, "self")


async def test_errors_are_told_until_they_are_seen(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, _ = pair
    first = (await pup.push(spoilt(pup.form(n=1)), pup.form())).body["set_errors"]
    assert first == [{"position": 2, "problem": "set-signature"}]
    second = (await pup.push(pup.form(form=2))).body["set_errors"]
    assert second == first
    third = await pup.push(pup.event("contract.signed.v1", n=3), errors_seen=2)
    assert third.body["set_errors"] == [{"position": 5, "problem": "set-not-permitted"}]
    heartbeat = pup.delivery(6, []) | {"errors_seen": 5}
    assert (await pup.call("POST", f"/v1/streams/{pup.id}/sets", heartbeat)).body["set_errors"] == []


async def test_a_refused_set_pushed_again_is_refused_once(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, _ = pair
    bad = spoilt(pup.form(n=1))
    await pup.push(bad)
    again = pup.delivery(2, [bad])
    assert (await pup.call("POST", f"/v1/streams/{pup.id}/sets", again)).body["set_errors"] == [
        {"position": 2, "problem": "set-signature"}
    ]
    async with federation.broker.db.read() as session:
        assert len(list(await session.scalars(select(DeadLetterRow)))) == 1


async def test_author_and_members_are_told_by_mail_and_no_hole_stays(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    bad = spoilt(pup.form())
    await pup.push(bad, pup.form(form=2, n=2, prev=jose.encode(set_hash(bad))))
    await relay(federation)
    expected = {"iss": pup.id, "hash": jose.encode(set_hash(bad)), "problem": "set-signature", "n": 1}
    assert await pup.collect() == [("set.refused.v1", expected)]
    at_ops = await ops.collect()
    assert at_ops[0] == ("set.refused.v1", expected)
    assert at_ops[1][0] == "support_form.opened.v1"


async def test_a_set_without_a_count_is_told_to_its_author_alone(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    await pup.push(pup.event("household.declared.v1"))
    await relay(federation)
    [(name, told)] = await pup.collect()
    assert (name, told["problem"], "n" in told) == ("set.refused.v1", "set-not-permitted", False)
    assert await ops.collect() == []


async def test_of_whom_it_cannot_be_read_nobody_is_told(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    await pup.push("x.y.z")
    await relay(federation)
    assert await pup.collect() == await ops.collect() == []


async def test_one_id_for_two_sets_is_an_equivocation(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, ops = pair
    jti = pup.ids.uuid7()
    first = pup.form(jti=jti)
    answer = await pup.push(first, pup.form(form=2, jti=jti))
    assert answer.body["set_errors"] == [{"position": 3, "problem": "set-equivocation"}]
    later = await pup.push(pup.form(form=3, jti=jti), errors_seen=3)
    assert later.body["set_errors"] == [{"position": 4, "problem": "set-equivocation"}]
    await relay(federation)
    forms = [payload for name, payload in await ops.collect() if name.startswith("support_form")]
    assert [form["form_id"][-1] for form in forms] == ["1"]


@pytest.mark.parametrize(("n", "told"), [(2, []), (3, ["set.refused.v1"])])
async def test_a_count_that_contradicts_the_author_is_an_equivocation_and_reaches_nobody(
    federation: Federation, pair: tuple[Peer, Peer], n: int, told: list[str]
) -> None:
    """Of a repeated count the members hear nothing: in their count the first event stands there."""
    pup, ops = pair
    payload = {"generation": 1, "restatement_id": pup.ids.uuid7(), "part": 1, "parts": 1, "complete": True}
    await pup.push(pup.event("record.restated.v1", payload | {"records": []}), pup.form())
    await relay(federation)
    await ops.collect()
    bad = pup.form(form=2, n=n, prev=jose.encode(bytes(32)))
    await pup.push(bad)
    await relay(federation)
    assert [name for name, _ in await ops.collect()] == told
    [letter] = (await federation.operator.get("/v1/dead-letters")).json()
    assert letter["problem"] == "set-equivocation"
    async with federation.broker.db.read() as session:
        entry = await session.scalar(select(EntryRow).where(EntryRow.hash == set_hash(bad)))
        assert entry is not None
        assert entry.state == "refused"
        assert await session.get(SetRow, (pup.id, set_hash(bad))) is None


async def test_what_is_refused_counts_so_that_no_hole_stays_at_the_broker(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, _ = pair
    payload = {"generation": 1, "restatement_id": pup.ids.uuid7(), "part": 1, "parts": 1, "complete": True}
    await pup.push(pup.event("record.restated.v1", payload | {"records": []}), pup.event("contract.signed.v1"))
    await pup.push(pup.form(), errors_seen=3)
    await relay(federation)
    async with federation.broker.db.read() as session:
        assert list(await session.scalars(select(HoleRow))) == []
        author = await session.get(AuthorRow, (token_of(), pup.id))
        assert author is not None
        assert (author.n, author.hash) == (3, set_hash(pup.sets[-1]))


async def withdraw(peer: Peer) -> None:
    await peer.push(peer.event("client.withdrawn.v1", {}))


async def test_what_was_on_its_way_at_a_parting_is_counted_apart(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    await withdraw(ops)
    await relay(federation)
    answer = await pup.push(pup.form())
    assert answer.body["set_errors"] == [{"position": 2, "problem": "not-shared"}]
    assert (await federation.operator.get("/v1/dead-letters")).json() == []
    overview = (await federation.operator.get("/v1/overview")).json()
    assert (overview["dead_letters"], overview["not_shared"]) == (0, 1)


async def test_whoever_has_taken_the_parting_and_tells_on_discloses_too_much(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    await withdraw(ops)
    await relay(federation)
    assert [name for name, _ in await pup.collect()] == ["joint_client.parted.v1"]
    await pup.poll()
    await pup.push(pup.form())
    [letter] = (await federation.operator.get("/v1/dead-letters")).json()
    assert letter["problem"] == "not-shared"


async def test_what_was_signed_before_the_parting_was_known_is_counted_apart_though_mail_was_quicker(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    await withdraw(ops)
    await relay(federation)
    signed = pup.form()
    own = {"incarnation": pup.incarnation, "position": len(pup.sets) + 1}
    await pup.collect()
    await pup.poll(own=own)
    await pup.poll(own=own | {"position": 1 << 53})
    assert (await pup.push(signed)).body["set_errors"] == [{"position": 2, "problem": "not-shared"}]
    overview = (await federation.operator.get("/v1/overview")).json()
    assert (overview["dead_letters"], overview["not_shared"]) == (0, 1)
    await pup.push(pup.form(form=2), errors_seen=2)
    [letter] = (await federation.operator.get("/v1/dead-letters")).json()
    assert (letter["position"], letter["problem"]) == (3, "not-shared"), "signed when it knew"


async def test_what_was_taken_in_and_then_crossed_a_parting_is_counted_apart_too(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, ops = pair
    await withdraw(ops)
    assert (await pup.push(pup.form())).body["set_errors"] == []
    await relay(federation)
    overview = (await federation.operator.get("/v1/overview")).json()
    assert overview["dead_letters"] + overview["not_shared"] <= 1
    assert overview["dead_letters"] == 0
    mail = [name for name, _ in await pup.collect()]
    assert "joint_client.parted.v1" in mail


async def test_whoever_has_no_such_client_ends_no_enrolment_of_others(
    federation: Federation, pair: tuple[Peer, Peer]
) -> None:
    pup, _ = pair
    await pup.push(pup.event("client.withdrawn.v1", {}, 5), pup.event("client.changed.v1", {"check": "a7"}, 5))
    await relay(federation)
    letters = (await federation.operator.get("/v1/dead-letters")).json()
    assert [letter["problem"] for letter in letters] == ["not-shared", "not-shared"]
    async with federation.broker.db.read() as session:
        rows = list(await session.scalars(select(EnrolmentRow)))
        assert [(row.token, row.active) for row in rows] == [(token_of(), True)] * 2


async def test_an_answer_to_a_suspicion_of_others_is_refused(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, _ = pair
    answer = {"suspicion_id": "0192f0c1-7c00-7abc-8def-0123456789ab", "reason_code": "same_person"}
    await pup.push(pup.event("match.confirmed.v1", answer))
    await relay(federation)
    assert [name for name, _ in await pup.collect()] == ["set.refused.v1"]


async def test_a_new_enrolment_after_a_refused_one_holds(federation: Federation, pair: tuple[Peer, Peer]) -> None:
    pup, _ = pair
    wrong = {"check": check_of(3), "key_fingerprint": "0" * 16, "basis": "consent"}
    right = wrong | {"key_fingerprint": MATCH_KEY.fingerprint}
    await pup.push(*(pup.event("client.enrolled.v1", payload, 3) for payload in (wrong, right)))
    await relay(federation)
    async with federation.broker.db.read() as session:
        assert await session.get(EnrolmentRow, (token_of(3), pup.id)) is not None
        letters = list(await session.scalars(select(DeadLetterRow.problem)))
    assert letters == ["match-key-mismatch"]
