"""Bad input to the broker is refused by a problem, and never is a failure of ours, on either database."""

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
