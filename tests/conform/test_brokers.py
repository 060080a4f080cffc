"""The kit, as an institution, passes our broker and finds what is broken at another: that, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.broker.operations import intake, mailbox
from services.broker.operations.reconcile import requesting
from services.broker.operations.reconcile import streams as ends
from services.broker.operations.relay import step
from services.broker.routes import proven, streams
from services.broker.routes.proven import ProofGate
from services.cli.conform.institution.cases import CASES
from shared.exchange import judge, sets
from shared.exchange.jose import BadToken, parse
from shared.exchange.match_keys import MatchKeys
from shared.exchange.proofs import request
from shared.exchange.stream import receive
from tests.broker.builders import ON_SQLITE
from tests.builders import Federation
from tests.conform.playing import failed, institution, outcomes

Break = Callable[[pytest.MonkeyPatch], Any]


def nothing(*_: Any, **__: Any) -> None:
    """Stand where a check was."""


def without(name: str) -> Break:
    """Leave one check of a proof out."""
    checks = tuple(check for check in request.CHECKS if check[0] != name)
    assert len(checks) == len(request.CHECKS) - 1
    return lambda patch: patch.setattr(request, "CHECKS", checks)


def in_place_of(owner: Any, name: str, stand_in: Any = nothing) -> Break:
    return lambda patch: patch.setattr(owner, name, stand_in)


async def nothing_awaited(*_: Any, **__: Any) -> None:
    """Stand where a check was that is awaited."""


async def nothing_held(*_: Any) -> dict[str, bytes]:
    return {}


async def as_told(*asked: Any) -> dict[str, Any]:
    """Stand where two ends of a stream are compared: believe that they are the same."""
    return await COMPARE(*asked) | {"in_step": True}


async def all_errors(session: Any, head: Any, seen: int) -> Any:
    return await ALL_ERRORS(session, head, 0)


async def all_shared(session: Any, owner: str, tokens: Any) -> set[str]:
    return set(tokens)


def signs_for_whoever_is_named(token: str, call: Any, directory: Any) -> Any:
    """Stand where it is asked whether a proof was made for the call: sign whatever is readable."""
    proof = request.Proof(token, call, directory)
    try:
        proof.parsed = parse(token, request.REQUEST_TYPE)
    except BadToken:
        return None
    return proof


ALL_ERRORS = intake.errors_after
COMPARE = ends.compare
CHECKPOINTS = {f"stream-checkpoint-{name}" for name in ("chain", "position", "signer", "receiver")}
BROKEN: dict[str, tuple[Break, set[str]]] = {
    "audience": (without("audience"), {"proof-audience"}),
    "time": (without("time"), {"proof-expired", "proof-not-yet-valid", "proof-clock-skew"}),
    "method": (without("method"), {"proof-method", "diagnosis-agrees"}),
    "target": (without("target"), {"proof-target", "proof-target-query"}),
    "digest": (without("digest"), {"proof-digest", "proof-digest-hex"}),
    "signature": (without("signature"), {"proof-signature"}),
    "replay": (in_place_of(ProofGate, "use_once"), {"proof-replayed"}),
    "purpose": (in_place_of(proven, "require_reading"), {"proof-read-without-purpose"}),
    "leeway": (in_place_of(request, "LEEWAY_S", 0), {"proof-leeway"}),
    "past": (
        in_place_of(receive, "_require_same", nothing_awaited),
        {"stream-past-rewritten", "stream-reordered"},
    ),
    "checkpoint": (in_place_of(receive, "check_checkpoint"), CHECKPOINTS),
    "batch": (in_place_of(streams, "MAX_SETS", 10_000), {"stream-batch-too-large"}),
    "free text": (in_place_of(sets, "_require_no_free_text"), {"set-free-text", "set-pesel", "set-pesel-hidden"}),
    "pesel": (in_place_of(sets, "_passes_as_pesel", lambda text: False), {"set-pesel", "set-pesel-hidden"}),
    "size": (in_place_of(sets, "MAX_SET_BYTES", 1 << 20), {"set-too-large"}),
    "permission": (in_place_of(judge, "require_permitted"), {"set-not-permitted"}),
    "sharing": (in_place_of(intake, "_shared_tokens", all_shared), {"set-not-shared"}),
    "equivocation": (in_place_of(intake, "_held", nothing_held), {"set-equivocation"}),
    "match key": (in_place_of(MatchKeys, "require"), {"set-match-key"}),
    "match key at registration": (
        in_place_of(MatchKeys, "require_known"),
        {"registration-match-key", "set-match-key"},
    ),
    "errors seen": (in_place_of(intake, "errors_after", all_errors), {"set-errors-until-seen"}),
    "answers elsewhere": (
        in_place_of(proven, "is_of_this_call", signs_for_whoever_is_named),
        {"answer-proof-elsewhere"},
    ),
    "comparison": (in_place_of(ends, "compare", as_told), {"reconcile-chain-wrong"}),
    "whose run": (in_place_of(requesting, "marks_in", nothing_held), {"reconcile-run-unknown"}),
    "what was asked": (
        lambda patch: patch.setitem(step._OF_RUN, "reconciliation.answered.v1", nothing_awaited),
        {"reconcile-answer-unasked"},
    ),
    "acknowledgement": (in_place_of(mailbox, "_acknowledge", nothing_awaited), {"poll-chain"}),
}


class Wrapped:
    """A broker that does one thing wrong at its door."""

    def __init__(self, app: ASGIApp, asked: set[bytes], answered: set[str]) -> None:
        self.app, self.asked, self.answered = app, asked, answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in self.answered & set(headers):
                    del headers[name]
            await send(message)

        kept = [(name, value) for name, value in scope["headers"] if name not in self.asked]
        await self.app({**scope, "headers": kept}, receive, told)


WRAPPED: dict[str, tuple[set[bytes], set[str], set[str]]] = {
    "answers without proofs": (set(), {"zwornik-proof"}, {"answer-proof-success", "answer-proof-problem"}),
    "no conditional answers": ({b"if-none-match"}, set(), {"directory-etag"}),
}


def test_each_case_has_a_name_of_its_own_and_is_told_in_words() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 97
    assert all(case.sent and case.expected and case.section[0].isdigit() for case in CASES)


async def test_our_broker_passes_every_case_and_a_second_run(federation: Federation) -> None:
    async with institution(federation) as player:
        found = await outcomes(player)
        assert failed(found) == {}
        assert len(found) == len(CASES)
        assert failed(await outcomes(player, "stream-*", "poll-max", "key-*")) == {}, "it goes on where it stood"


@pytest.mark.long
async def test_our_broker_passes_whoever_the_kit_plays(federation: Federation) -> None:
    async with institution(federation, name="ops-2478011") as player:
        assert failed(await outcomes(player)) == {}


@ON_SQLITE
@pytest.mark.parametrize("what", [pytest.param(one, marks=pytest.mark.long) for one in BROKEN])
async def test_a_broken_broker_fails_the_cases_of_what_is_broken(
    federation: Federation, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    broken, cases = BROKEN[what]
    async with institution(federation) as player:
        broken(monkeypatch)
        assert failed(await outcomes(player)).keys() == cases


@ON_SQLITE
@pytest.mark.parametrize("what", WRAPPED)
async def test_a_broker_that_is_wrong_at_its_door_fails_the_cases_of_that(federation: Federation, what: str) -> None:
    asked, answered, cases = WRAPPED[what]
    app = Wrapped(federation.broker_app, asked, answered)
    async with institution(federation, app) as player:
        found = await outcomes(player, "answer-*", "directory-*", "proof-good", "proof-method")
        assert failed(found).keys() == cases
