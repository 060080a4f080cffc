"""SETs that fail by themselves: the chain goes on, the SET is quarantined and named in ``set_errors``."""

from collections.abc import Callable
from typing import Any

from services.cli.conform.cases import Case, Deviation, Suite, expect
from services.cli.conform.institution.player import Player
from services.cli.conform.institution.stream import OwnStream, enrolment, event
from shared.domain.events.types import URN

SUITE: Suite[Player] = Suite("4. Events are SETs")
PESEL_LIKE = "85650112347"
"""Synthetic: it passes the check digit, and nobody of that number lives."""

_FORM = {"form_id": "0192f0c1-7c00-7abc-8def-abcdefabcdef", "from": "2026-03-02", "status": "active"}


def _shared(at: Player, **changes: Any) -> str:
    code = "PUP-STA" if at.id.startswith("pup") else "AI-E01"
    return event(at, "support_form.opened.v1", _FORM | {"code": code}, **{"n": 1} | changes)


def _not_ours(at: Player) -> str:
    """Return an event that an institution of another kind alone may send."""
    record = {"from": "2026-03-02"}
    if at.id.startswith("pup"):
        contract = {"contract_id": _FORM["form_id"], "form": "A", "goals": 1}
        return event(at, "contract.signed.v1", record | contract, n=1)
    return event(at, "registration.opened.v1", record | {"registration_id": _FORM["form_id"]}, n=1)


_Make = Callable[[Player], str]
_SPOILT: tuple[tuple[str, str, str, _Make], ...] = (
    (
        "set-signature",
        "a SET under the approved kid, signed by a stranger",
        "set-signature",
        lambda at: enrolment(at, key=at.stranger, header={"kid": at.key.kid}),
    ),
    (
        "set-unknown-key",
        "a SET under a key that nobody approved",
        "set-signature",
        lambda at: enrolment(at, key=at.stranger),
    ),
    ("set-type", "a SET of typ JWT", "set-type", lambda at: enrolment(at, header={"typ": "JWT"})),
    ("set-algorithm", "a SET of alg none", "set-signature", lambda at: enrolment(at, header={"alg": "none"})),
    ("set-no-token", "an entry that is no token", "set-signature", lambda at: f"x.y.{at.client.ids.secret()}"),
    (
        "set-event-unknown",
        "a SET of an event type that this version does not know",
        "set-schema",
        lambda at: event(at, "client.beamed_up.v1", {}),
    ),
    (
        "set-two-events",
        "a SET of two events",
        "set-schema",
        lambda at: enrolment(at, events={URN + "client.withdrawn.v1": {}, URN + "client.enrolled.v1": {}}),
    ),
    (
        "set-payload",
        "an enrolment whose payload lacks its check",
        "set-schema",
        lambda at: event(at, "client.enrolled.v1", {"basis": "consent"}),
    ),
    (
        "set-federation",
        "a SET of another federation",
        "set-schema",
        lambda at: enrolment(at, aud="zwornik:somewhere-else"),
    ),
    (
        "set-subject",
        "a SET whose sub_id is no person token",
        "set-schema",
        lambda at: enrolment(at, sub_id={"format": "opaque", "id": "anna"}),
    ),
    ("set-uncounted", "a shared event without its count n", "set-schema", lambda at: _shared(at, n=None)),
    (
        "set-too-large",
        "a SET of more than 64 KiB",
        "set-too-large",
        lambda at: enrolment(at, of_a_later_version=["x" * 64] * 1000),
    ),
    (
        "set-free-text",
        "a SET with words in a member of a later version",
        "set-schema",
        lambda at: enrolment(at, remark="asks for help"),
    ),
    (
        "set-pesel",
        "a SET with eleven digits that pass as a PESEL",
        "set-schema",
        lambda at: enrolment(at, case=PESEL_LIKE),
    ),
    (
        "set-pesel-hidden",
        "a SET with a PESEL as a number, deep within a member of a later version",
        "set-schema",
        lambda at: enrolment(at, later={"of": [int(PESEL_LIKE)]}),
    ),
    (
        "set-not-permitted",
        "an event that an institution of another kind alone may send",
        "set-not-permitted",
        _not_ours,
    ),
    (
        "set-not-shared",
        "an event about a person whom the sender does not share",
        "not-shared",
        _shared,
    ),
    (
        "set-match-key",
        "an enrolment under another match key",
        "match-key-mismatch",
        lambda at: enrolment(at, payload={"key_fingerprint": "0" * 16}),
    ),
)


def _quarantined(name: str, sent: str, problem: str, make: _Make) -> Case[Player]:
    async def run(at: Player) -> str:
        stream = await OwnStream.of(at)
        return await _found(stream, make(at), problem)

    expected = f"200, the chain goes on; set_errors names the position and {problem}"
    return Case(name, SUITE.section, sent, expected, run)


async def _found(stream: OwnStream, text: str, problem: str) -> str:
    answer = await stream.push(text)
    errors = {error["position"]: error["problem"] for error in answer["set_errors"]}
    if answer["position"] != stream.position:
        raise Deviation(f"200, position {answer['position']} of {stream.position}")
    came = errors.get(stream.position)
    return expect(came == problem, f"200, set_errors {came or 'does not name it'}")


SUITE.cases += [_quarantined(*row) for row in _SPOILT]


@SUITE.case(
    "set-equivocation",
    sent="two different SETs under one jti",
    expected="200; the second is quarantined as set-equivocation",
)
async def _equivocation(at: Player) -> str:
    stream, jti = await OwnStream.of(at), at.client.ids.uuid7()
    await stream.push(enrolment(at, jti=jti))
    return await _found(stream, enrolment(at, jti=jti), "set-equivocation")


@SUITE.case(
    "set-good-after-bad",
    sent="a delivery of a SET that fails and of one that holds",
    expected="200; set_errors names the first alone: nothing blocks what follows",
)
async def _after(at: Player) -> str:
    stream = await OwnStream.of(at)
    answer = await stream.push(enrolment(at, header={"typ": "JWT"}), enrolment(at))
    last = stream.position
    named = [error["position"] for error in answer["set_errors"] if error["position"] in (last - 1, last)]
    return expect(named == [last - 1], f"200, set_errors names {len(named)} of 2")


@SUITE.case(
    "set-errors-until-seen",
    sent="a SET that fails, then a heartbeat that has not seen the error, then one that has",
    expected="the error is told until errors_seen covers it, and then no more",
)
async def _seen(at: Player) -> str:
    stream = await OwnStream.of(at)
    await stream.push(enrolment(at, header={"typ": "JWT"}))
    told = [len((await stream.push())["set_errors"])]
    stream.errors_seen = stream.position
    told.append(len((await stream.push())["set_errors"]))
    return expect(told == [1, 0], f"told {told[0]} and {told[1]} times")
