"""Mail that fails by itself: acknowledged, quarantined, and named in the ``set_errors`` of a later poll."""

from collections.abc import Callable
from typing import Any

from services.cli.conform.broker.bench import LATER_S, Bench, Person
from services.cli.conform.cases import Case, Deviation, Suite, expect
from services.cli.conform.institution.events import PESEL_LIKE
from services.cli.conform.institution.proofs import unknown_token
from services.cli.conform.institution.stream import event

SUITE: Suite[Bench] = Suite("4. Events are SETs (mailbox)")
_Make = Callable[[Bench, Person], str]


def _form(bench: Bench, person: Person, name: str = "support_form.opened.v1", **changes: Any) -> str:
    facts: dict[str, Any] = {"sub_id": {"format": "opaque", "id": person.token}}
    facts |= {"n": person.n + 1000, "prev": "A" * 43}
    return event(bench.neighbour, name, bench.form(), **facts | changes)


def _not_theirs(bench: Bench, person: Person) -> str:
    """Return an event that an institution of another kind alone may send."""
    record, subject = {"from": "2026-03-02"}, {"format": "opaque", "id": person.token}
    if bench.neighbour.id.startswith("pup"):
        contract = {"contract_id": bench.broker.ids.uuid7(), "form": "A", "goals": 1}
        return event(bench.neighbour, "contract.signed.v1", record | contract, n=1, sub_id=subject)
    opened = {"registration_id": bench.broker.ids.uuid7()}
    return event(bench.neighbour, "registration.opened.v1", record | opened, n=1, sub_id=subject)


_SPOILT: tuple[tuple[str, str, str, _Make], ...] = (
    (
        "mail-set-signature",
        "a SET under an approved kid, signed by a stranger",
        "set-signature",
        lambda b, p: _form(b, p, key=b.neighbour.stranger, header={"kid": b.neighbour.key.kid}),
    ),
    (
        "mail-set-unknown-key",
        "a SET under a key that nobody approved",
        "set-signature",
        lambda b, p: _form(b, p, key=b.neighbour.stranger),
    ),
    ("mail-set-type", "a SET of typ JWT", "set-type", lambda b, p: _form(b, p, header={"typ": "JWT"})),
    ("mail-set-algorithm", "a SET of alg none", "set-signature", lambda b, p: _form(b, p, header={"alg": "none"})),
    (
        "mail-set-event-unknown",
        "a SET of an event type that this version does not know",
        "set-schema",
        lambda b, p: _form(b, p, "client.beamed_up.v1"),
    ),
    ("mail-set-federation", "a SET of another federation", "set-schema", lambda b, p: _form(b, p, aud="zwornik:x")),
    ("mail-set-uncounted", "a shared event without its count n", "set-schema", lambda b, p: _form(b, p, n=None)),
    ("mail-set-free-text", "a SET with words in it", "set-schema", lambda b, p: _form(b, p, remark="asks for help")),
    (
        "mail-set-pesel",
        "a SET with eleven digits that pass as a PESEL",
        "set-schema",
        lambda b, p: _form(b, p, later=[PESEL_LIKE]),
    ),
    ("mail-set-not-permitted", "an event that its issuer may not send", "set-not-permitted", _not_theirs),
    (
        "mail-set-not-shared",
        "an event about a person whom the node does not have",
        "not-shared",
        lambda b, p: _form(b, p, sub_id={"format": "opaque", "id": unknown_token(b.neighbour)}),
    ),
)


def _quarantined(name: str, sent: str, problem: str, make: _Make) -> Case[Bench]:
    async def run(bench: Bench) -> str:
        return await found(bench, make(bench, await bench.person()), problem)

    expected = f"acknowledged, and a later poll names the position and {problem}"
    return Case(name, SUITE.section, sent, expected, run)


async def found(bench: Bench, text: str, problem: str) -> str:
    """Put a SET into the mailbox; return what the node says of it, which is to be the problem."""
    since = bench.now
    position = await bench.inject(text)
    await bench.acknowledged(position, since)

    def told() -> str | None:
        errors = [error for poll in bench.polls(since) for error in poll.json.get("set_errors", [])]
        return next((error["problem"] for error in errors if error["position"] == position), None)

    came = await bench.until(told, f"acknowledged; set_errors names position {position}", LATER_S)
    return expect(came == problem, f"acknowledged, {came}")


SUITE.cases += [_quarantined(*row) for row in _SPOILT]


@SUITE.case(
    "mail-good",
    sent="an event of an institution that shares the person",
    expected="acknowledged by the next poll, at the chain that fits, without an error",
)
async def _good(bench: Bench) -> str:
    since = bench.now
    position = await bench.mail()
    poll = (await bench.acknowledged(position, since)).json
    named = [error for error in poll.get("set_errors", []) if error["position"] == position]
    return expect(not named, f"acknowledged, {named[0]['problem'] if named else 'no error'}")


@SUITE.case(
    "mail-equivocation",
    sent="another event of the same author about the same person under a count that was used",
    expected="acknowledged, and a later poll names the position and set-equivocation",
)
async def _equivocation(bench: Bench) -> str:
    since = bench.now
    position = await bench.mail()
    await bench.acknowledged(position, since)
    person = await bench.person()
    if not person.n:
        raise Deviation("nothing was told of the person")
    return await found(bench, _form(bench, person, n=person.n), "set-equivocation")
