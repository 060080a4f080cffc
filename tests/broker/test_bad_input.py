"""Bad input to the broker is refused by a problem, and never is a failure of ours, on either database."""

import json

import pytest

from tests.broker.builders import enter
from tests.builders import Federation


@pytest.mark.parametrize("chain", ["x" * 43, "-" * 43, "_" * 42 + "9"])
async def test_a_chain_in_another_spelling_is_refused(federation: Federation, chain: str) -> None:
    pup = await enter(federation, "pup-2478")
    head = (await pup.call("GET", f"/v1/streams/broker/{pup.id}/head")).body
    body = {"incarnation": head["incarnation"], "after": 0, "chain": chain}
    refused = await pup.call("POST", f"/v1/streams/{pup.id}/poll", body, status=422)
    assert (refused.problem, refused.body["field"]) == ("request-invalid", "chain")


async def test_a_zero_byte_in_a_query_is_refused(federation: Federation) -> None:
    answer = await federation.operator.get("/v1/dead-letters?after=%00")
    assert (answer.status_code, answer.json()["field"]) == (422, "after")


async def test_a_body_of_the_wire_has_one_meaning(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    asked = {"incarnation": pup.incarnation, "positions": [1]}
    wrong: list[tuple[str, bytes, str | None]] = [
        ("sets", json.dumps(pup.delivery(1, [])).encode()[:-1] + b', "from": 1}', "from"),
        ("poll", b'{"after": 0, "after": 1}', "after"),
        ("poll", b'{"after": 1.5}', "after"),
        ("broker/entries", b'{"positions": [1], "positions": [2]}', "positions"),
        ("broker/entries", json.dumps(asked).encode("utf-16"), None),
    ]
    for path, raw, field in wrong:
        target = f"/v1/streams/{pup.id}/{path}"
        answer = await pup.send("POST", target, raw, pup.proof(pup.claims("POST", target, raw)))
        assert (answer.status, answer.problem, answer.body.get("field")) == (400, "json-malformed", field)


async def test_a_number_of_the_wire_is_no_text(federation: Federation) -> None:
    pup = await enter(federation, "pup-2478")
    push = pup.delivery(1, [])
    for number in ("1", True, None):
        refused = await pup.call("POST", f"/v1/streams/{pup.id}/sets", push | {"from": number}, status=422)
        assert (refused.problem, refused.body["field"]) == ("request-invalid", "from")
        path = f"/v1/streams/{pup.id}/broker/entries"
        refused = await pup.call("POST", path, {"positions": [number]}, status=422)
        assert (refused.problem, refused.body["field"]) == ("request-invalid", "positions[0]")
