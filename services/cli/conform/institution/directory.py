"""The directory, registration and change of key, and the diagnosis of a proof."""

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

from services.cli.conform.cases import Suite, expect
from services.cli.conform.institution.expecting import expect_problem, expect_success
from services.cli.conform.institution.player import Answer, Player
from shared.domain.institutions import BROKER
from shared.exchange.directory import VALID_S, open_directory, open_key_statement
from shared.exchange.keys import SigningKey
from shared.exchange.registration import Registration, sign_registration

SUITE: Suite[Player] = Suite("1. Names, keys, directory")
_DIRECTORY = "/v1/directory"


async def _fetched(at: Player, path: str = _DIRECTORY) -> Answer:
    return await at.send("GET", path, b"", None)


@SUITE.case(
    "directory-signed",
    sent="the question for the directory, without a proof",
    expected="200, signed by the pinned key of the broker, of this federation, valid for 24 h",
)
async def _signed(at: Player) -> str:
    answer = await _fetched(at)
    directory = open_directory(
        answer.raw.decode("ascii", "replace"), pinned=at.pinned, federation=at.identity.federation
    )
    valid = directory.valid_until - directory.serial
    return expect(valid == VALID_S, f"200, serial {directory.serial}, valid for {valid // 3600} h")


@SUITE.case("directory-in-date", sent="the question for the directory", expected="one that has not run out")
async def _in_date(at: Player) -> str:
    directory = open_directory((await _fetched(at)).raw.decode(), pinned=at.pinned, federation=at.identity.federation)
    left = directory.valid_until - at.now
    return expect(left > 0 and directory.serial <= at.now + 60, f"200, runs out in {left // 3600} h")


@SUITE.case("directory-etag", sent="the question for the directory with its ETag", expected="304 without a body")
async def _etag(at: Player) -> str:
    etag = (await _fetched(at)).headers.get("etag")
    if etag is None:
        return expect(False, "200 without an ETag")
    status, body, _ = await at.client.send("GET", _DIRECTORY, b"", {"If-None-Match": etag})
    return expect(status == 304 and not body, f"{status}, {len(body)} bytes")


@SUITE.case(
    "directory-key",
    sent="the question for one key by its kid",
    expected="200, the broker's signed word on that key of that institution",
)
async def _key(at: Player) -> str:
    answer = await _fetched(at, f"{_DIRECTORY}/keys/{at.key.kid}")
    open_key_statement(answer.raw.decode("ascii", "replace"), iss=at.id, kid=at.key.kid, directory=at.directory)
    return str(answer)


@SUITE.case("directory-key-unknown", sent="the question for a key that nobody has", expected="4xx not-found")
async def _unknown(at: Player) -> str:
    return expect_problem(await _fetched(at, f"{_DIRECTORY}/keys/{at.stranger.kid}"), "not-found")


async def _register(at: Player, key: SigningKey, *, statement: str = "", **changes: Any) -> Answer:
    own = at.directory.members[at.id]
    registration = Registration(
        id=at.id,
        federation=at.identity.federation,
        name=own.name,
        area=own.area,
        contact=own.contact,
        key_fingerprint=at.directory.match_keys.fingerprint or "0" * 16,
        key=key.public,
        jti=at.client.ids.uuid7(),
    )
    now = changes.pop("now", at.now)
    body = {"statement": statement or sign_registration(key, replace(registration, **changes), now)}
    return await at.send("POST", "/v1/institutions", json.dumps(body).encode(), None)


@SUITE.case(
    "key-change-waits",
    sent="a registration statement of a second key, then a call under that key",
    expected="202, and the call is 4xx proof-unknown-key until the operator approves the key",
)
async def _waits(at: Player) -> str:
    offered = await _register(at, at.next_key)
    expect_success(offered, 202)
    path = f"/v1/streams/{at.id}/{BROKER}/head"
    proof = at.proof(at.proof_claims("GET", path, b""), key=at.next_key)
    return f"202, then {expect_problem(await at.send('GET', path, b'', proof), 'proof-unknown-key')}"


@SUITE.case(
    "registration-federation",
    sent="a registration statement for another federation",
    expected="4xx proof-audience",
)
async def _federation(at: Player) -> str:
    return expect_problem(await _register(at, at.next_key, federation="somewhere-else"), "proof-audience")


@SUITE.case("registration-old", sent="a registration statement of last week", expected="4xx proof-expired")
async def _old(at: Player) -> str:
    return expect_problem(await _register(at, at.next_key, now=at.now - 7 * 24 * 3600), "proof-expired")


@SUITE.case(
    "registration-match-key",
    sent="a registration statement with the fingerprint of another match key",
    expected="4xx match-key-mismatch",
)
async def _match_key(at: Player) -> str:
    return expect_problem(await _register(at, at.next_key, key_fingerprint="0" * 16), "match-key-mismatch")


@SUITE.case(
    "registration-forged",
    sent="a registration statement that one key signed and that introduces another",
    expected="4xx proof-malformed or proof-signature",
)
async def _forged(at: Player) -> str:
    own = at.directory.members[at.id]
    claims = {"iss": at.id, "aud": BROKER, "iat": at.now, "jti": at.client.ids.uuid7()}
    claims |= {"federation": at.identity.federation, "name": own.name, "area": list(own.area), "contact": ""}
    claims |= {"match_key_fingerprint": at.directory.match_keys.fingerprint, "jwk": at.next_key.public.jwk()}
    statement = at.stranger.sign("zwornik-registration+jwt", claims)
    answer = await _register(at, at.stranger, statement=statement)
    return expect_problem(answer, "proof-malformed", "proof-signature")


@SUITE.case(
    "diagnosis-agrees",
    sent="a proof for another method, to be diagnosed",
    expected="the diagnosis names the same problem as the call: proof-method",
)
async def _diagnosis(at: Player) -> str:
    path = f"/v1/streams/{at.id}/{BROKER}/head"
    proof = at.proof(at.proof_claims("GET", path, b"") | {"htm": "POST"})
    question = {"proof": proof, "method": "GET", "target": at.client.base_path + path}
    question["body_base64"] = b64encode(b"").decode()
    body = json.dumps(question).encode()
    answer = expect_success(await at.send("POST", "/v1/diagnostics/verify", body, None))
    found = [finding["problem"]["type"].rpartition(":")[2] for finding in answer["findings"] if not finding["passed"]]
    return expect(found == ["proof-method"], f"200, {' '.join(found) or 'nothing found'}")
