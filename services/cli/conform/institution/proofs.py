"""Proofs of calls, one check at a time, on a call that changes nothing: the question how far the own stream goes."""

from collections.abc import Callable
from typing import Any

from services.cli.conform.cases import Case, Deviation, Suite, expect
from services.cli.conform.institution.expecting import expect_problem, expect_success
from services.cli.conform.institution.player import READING, Answer, Player
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.proofs.response import check_response

SUITE: Suite[Player] = Suite("3. Proofs")
_Change = Callable[[Player], dict[str, Any]]
_CLAIMS: tuple[tuple[str, str, str, _Change], ...] = (
    ("proof-audience", "a proof meant for another receiver", "proof-audience", lambda at: {"aud": at.id}),
    ("proof-method", "a GET under the proof of a POST", "proof-method", lambda at: {"htm": "POST"}),
    ("proof-target", "a call under the proof of another path", "proof-target", lambda at: {"target": "/v1/limits"}),
    (
        "proof-target-query",
        "a call without a query under a proof that names one",
        "proof-target",
        lambda at: {"target": f"{at.client.base_path}{_path(at)}?at=0"},
    ),
    (
        "proof-digest",
        "a body under the digest of another body",
        "proof-digest",
        lambda at: {"content_digest": f"sha-256=:{'A' * 43}=:"},
    ),
    (
        "proof-digest-hex",
        "the right algorithm, but the digest in hex",
        "proof-digest-encoding",
        lambda at: {"content_digest": "sha-256=" + "0" * 64},
    ),
    (
        "proof-expired",
        "a proof that ran out ten minutes ago",
        "proof-expired",
        lambda at: {"iat": at.now - 660, "exp": at.now - 600},
    ),
    (
        "proof-not-yet-valid",
        "a proof issued in ten minutes",
        "proof-not-yet-valid",
        lambda at: {"iat": at.now + 600, "exp": at.now + 660},
    ),
    (
        "proof-too-long",
        "a proof that holds for an hour; 60 s are the most",
        "proof-malformed",
        lambda at: {"exp": at.now + 3600},
    ),
    ("proof-without-id", "a proof whose jti is empty", "proof-malformed", lambda at: {"jti": ""}),
    (
        "proof-unknown-issuer",
        "a proof of an institution that nobody registered",
        "issuer-unknown",
        lambda at: {"iss": "ngo-9999999999"},
    ),
)


def _path(at: Player) -> str:
    return f"/v1/streams/{at.id}/{BROKER}/head"


async def _ask(at: Player, *, key: Any = None, proof: str | None = None, **header: Any) -> Answer:
    claims = at.proof_claims("GET", _path(at), b"")
    made = at.proof(claims, key=key, **header) if proof is None else proof
    return await at.send("GET", _path(at), b"", made, jti=claims["jti"])


def _changed(name: str, sent: str, problem: str, change: _Change) -> Case[Player]:
    async def run(at: Player) -> str:
        return expect_problem(await at.call("GET", _path(at), **change(at)), problem)

    return Case(name, SUITE.section, sent, f"4xx {problem}", run)


@SUITE.case("proof-good", sent="a call under a proof that holds", expected="200")
async def _good(at: Player) -> str:
    return f"200, position {expect_success(await _ask(at))['position']}"


SUITE.cases += [_changed(*row) for row in _CLAIMS]


@SUITE.case("proof-missing", sent="a call without a proof", expected="4xx proof-missing")
async def _missing(at: Player) -> str:
    return expect_problem(await at.send("GET", _path(at), b"", None), "proof-missing")


@SUITE.case("proof-malformed", sent="a proof that is no token", expected="4xx proof-malformed")
async def _malformed(at: Player) -> str:
    return expect_problem(await _ask(at, proof="x.y.z"), "proof-malformed")


@SUITE.case("proof-type", sent="a proof of typ JWT", expected="4xx proof-type")
async def _type(at: Player) -> str:
    return expect_problem(await _ask(at, typ="JWT"), "proof-type")


@SUITE.case("proof-algorithm-none", sent="a proof of alg none", expected="4xx proof-algorithm")
async def _none(at: Player) -> str:
    return expect_problem(await _ask(at, alg="none"), "proof-algorithm")


@SUITE.case("proof-algorithm-hmac", sent="a proof of alg HS256", expected="4xx proof-algorithm")
async def _hmac(at: Player) -> str:
    return expect_problem(await _ask(at, alg="HS256"), "proof-algorithm")


@SUITE.case(
    "proof-embedded-key",
    sent="a proof whose header brings its own key (jwk), signed with that key",
    expected="4xx proof-malformed: keys never come from the token",
)
async def _embedded(at: Player) -> str:
    answer = await _ask(at, key=at.stranger, jwk=at.stranger.public.jwk())
    return expect_problem(answer, "proof-malformed", "proof-unknown-key")


@SUITE.case("proof-unknown-key", sent="a proof under a key that nobody approved", expected="4xx proof-unknown-key")
async def _unknown(at: Player) -> str:
    return expect_problem(await _ask(at, key=at.stranger), "proof-unknown-key")


@SUITE.case(
    "proof-signature", sent="a proof under the approved kid, signed by a stranger", expected="4xx proof-signature"
)
async def _signature(at: Player) -> str:
    return expect_problem(await _ask(at, key=at.stranger, kid=at.key.kid), "proof-signature")


@SUITE.case(
    "proof-clock-skew",
    sent="a proof issued in ten minutes",
    expected="the problem states clock_skew_s of about 600, so that a client can correct its clock",
)
async def _skew(at: Player) -> str:
    answer = await at.call("GET", _path(at), iat=at.now + 600, exp=at.now + 660)
    body = answer.json if isinstance(answer.json, dict) else {}
    skew = body.get("clock_skew_s")
    return expect(type(skew) is int and abs(skew - 600) <= 30, f"{answer.status}, clock_skew_s {skew}")


@SUITE.case(
    "proof-leeway",
    sent="a proof issued in 30 s, within the leeway of 60 s",
    expected="200: clocks are never quite equal",
)
async def _leeway(at: Player) -> str:
    answer = await at.call("GET", _path(at), iat=at.now + 30, exp=at.now + 90)
    expect_success(answer)
    return str(answer)


@SUITE.case(
    "proof-replayed", sent="a read of a person, twice under one proof", expected="the second is 4xx proof-replayed"
)
async def _replayed(at: Player) -> str:
    body = f'{{"token":"{unknown_token(at)}"}}'.encode()
    claims = at.proof_claims("POST", "/v1/merged-views", body) | READING
    proof = at.proof(claims)
    first, second = [await at.send("POST", "/v1/merged-views", body, proof) for _ in range(2)]
    if first.problem == "proof-replayed":
        raise Deviation("proof-replayed at its first use")
    return expect_problem(second, "proof-replayed")


@SUITE.case(
    "proof-read-without-purpose",
    sent="a read of a person whose proof does not say why",
    expected="4xx proof-malformed",
)
async def _purpose(at: Player) -> str:
    claims = {name: value for name, value in READING.items() if name != "purpose"}
    answer = await at.call("POST", "/v1/merged-views", {"token": unknown_token(at)}, **claims)
    return expect_problem(answer, "proof-malformed")


@SUITE.case(
    "read-not-shared",
    sent="a read of a person whom the caller does not share",
    expected="4xx not-found, as of a person who is nowhere",
)
async def _not_shared(at: Player) -> str:
    answer = await at.call("POST", "/v1/merged-views", {"token": unknown_token(at)}, **READING)
    return expect_problem(answer, "not-found")


@SUITE.case(
    "answer-proof-success",
    sent="a call under a proof that holds",
    expected="the answer's proof holds: signed by the broker, for this caller, call, status and body",
)
async def _answer(at: Player) -> str:
    return _proven(at, await _ask(at))


@SUITE.case(
    "answer-proof-problem",
    sent="a call whose proof ran out ten minutes ago",
    expected="the refusal has a proof that holds, too: a forged refusal must not stop anybody",
)
async def _refusal(at: Player) -> str:
    return _proven(at, await at.call("GET", _path(at), iat=at.now - 660, exp=at.now - 600))


@SUITE.case(
    "answer-proof-elsewhere",
    sent="a proof of one call at another address, which asks for no proof",
    expected="an answer without a proof: else it could pass for the answer to the call that was proven",
)
async def _elsewhere(at: Player) -> str:
    proof = at.proof(at.proof_claims("GET", _path(at), b""))
    answer = await at.send("GET", "/v1/directory", b"", proof)
    return expect(
        "zwornik-proof" not in answer.headers,
        f"{answer}, {len(answer.headers.get('zwornik-proof', ''))} bytes of proof",
    )


def _proven(at: Player, answer: Answer) -> str:
    proof = answer.headers.get("zwornik-proof")
    facts: dict[str, Any] = {"aud": at.id, "req_jti": answer.jti, "status": answer.status, "body": answer.raw}
    check_response(proof, **facts, directory=at.directory)
    return f"{answer}, proven"


def unknown_token(at: Player) -> str:
    """Return a token of nobody."""
    return "1." + jose.encode(bytes.fromhex(at.client.ids.secret() + at.client.ids.secret()))
