"""An answer that is not the broker's, or not to this call, is no answer: nothing of it is believed or stored."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.client.broker import MAX_ANSWER_BYTES, Refused, Unreachable
from shared.exchange.keys import SigningKey
from shared.exchange.proofs.request import HEADER
from shared.exchange.proofs.response import RESPONSE_TYPE, sign_response
from shared.exchange.stream.tables import EntryRow, ForkRow, ReceiptRow
from shared.institution.operations.exchange.polling import poll_once
from shared.institution.operations.exchange.pushing import push_once
from shared.runtime.clock import unix
from tests.builders import Federation, Office
from tests.exchange.builders import forge, header
from tests.federation.saying import joint
from tests.federation.wires import answered, hold

STRANGER = SigningKey.from_seed(b"stranger")
Falsify = Callable[[Federation, httpx2.Response], httpx2.Response]


def proof(
    federation: Federation, response: httpx2.Response, key: SigningKey | None = None, kid: str = "", **changes: Any
) -> str:
    """Return a proof of the answer that claims something else."""
    claims = jose.parse(response.headers[HEADER], RESPONSE_TYPE).claims | changes
    key = key or federation.broker.key
    return forge(header(RESPONSE_TYPE, kid or key.kid), claims, key)


def claiming(**changes: Any) -> Falsify:
    return lambda federation, response: answered(response, proof=proof(federation, response, **changes))


def with_body(federation: Federation, response: httpx2.Response) -> httpx2.Response:
    return httpx2.Response(200, headers=response.headers, content=b"{}")


FALSE: dict[str, Falsify] = {
    "no proof": lambda federation, response: answered(response, proof=None),
    "an empty proof": lambda federation, response: answered(response, proof=""),
    "no token": lambda federation, response: answered(response, proof="x.y.z"),
    "a stranger's proof": lambda federation, response: answered(response, proof=proof(federation, response, STRANGER)),
    "a stranger's proof under the broker's key": lambda federation, response: answered(
        response, proof=proof(federation, response, STRANGER, federation.broker.key.kid)
    ),
    "another call's proof": claiming(req_jti="0192f0c1-7c00-7abc-8def-0123456789ab"),
    "an answer to somebody else": claiming(aud="ops-2478011"),
    "an answer of somebody else": claiming(iss="ops-2478011"),
    "the proof of another status": claiming(status=409),
    "the proof of another body": claiming(content_digest="sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"),
    "another body": with_body,
    "a proof from before the broker's key": claiming(iat=1),
    "another status": lambda federation, response: answered(response, proof=response.headers[HEADER], status=201),
}


async def held(office: Office) -> tuple[int, int, int]:
    async with office.node.db.read() as session:
        return tuple(  # type: ignore[return-value]
            [len(list(await session.scalars(select(row)))) for row in (EntryRow, ReceiptRow, ForkRow)]
        )


@pytest.mark.parametrize("what", FALSE)
async def test_an_answer_that_does_not_prove_itself_is_no_answer(federation: Federation, what: str) -> None:
    pup, ops, at_pup, _ = await joint(federation)
    await ops.enrol(2)
    await pup.enrol(2)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-STA", "from": "2026-03-02"})
    wire = hold(pup)
    wire.falsify = lambda response: FALSE[what](federation, response)
    before = await held(pup)
    with pytest.raises(Unreachable):
        await push_once(pup.node)
    await federation.push(ops)
    with pytest.raises(Unreachable):
        await poll_once(pup.node, wait_s=0)
    assert await held(pup) == before
    wire.mend()
    pup.node.peer_position = None
    await federation.settle()
    assert (await pup.get("/v1/exchange"))["lag"] == 0


async def test_a_receipt_that_does_not_hold_is_no_receipt(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    await pup.enrol(2)
    wire = hold(pup)

    def forged(response: httpx2.Response) -> httpx2.Response:
        body = json.dumps({"position": 2, "receipt": "x.y.z", "set_errors": []}).encode()
        jti = jose.parse(response.headers[HEADER], RESPONSE_TYPE).claims["req_jti"]
        told = sign_response(
            federation.broker.key,
            iss=BROKER,
            aud=pup.id,
            now=unix(federation.clock.now()),
            req_jti=jti,
            status=200,
            body=body,
        )
        return httpx2.Response(200, headers={HEADER: told}, content=body)

    wire.falsify = forged
    before = await held(pup)
    with pytest.raises(Unreachable, match="receipt"):
        await push_once(pup.node)
    assert await held(pup) == before


async def test_an_answer_without_end_is_not_read_to_its_end(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    wire, read = hold(pup), [0]

    async def endless() -> Any:
        for _ in range(256):  # 16 MiB stand for an answer without end
            read[0] += 65_536
            yield b" " * 65_536

    wire.falsify = lambda response: httpx2.Response(200, headers=response.headers, content=endless())
    with pytest.raises(Unreachable, match="larger"):
        await poll_once(pup.node, wait_s=0)
    assert read[0] <= MAX_ANSWER_BYTES + 2 * 65_536


async def test_a_redirection_is_not_followed(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    wire = hold(pup)
    wire.falsify = lambda response: httpx2.Response(307, headers={"Location": "http://127.0.0.1:2/"})
    with pytest.raises(Unreachable):
        await poll_once(pup.node, wait_s=0)
    assert len(wire.calls) == 1


async def test_a_true_refusal_is_believed(federation: Federation) -> None:
    pup, _, _, _ = await joint(federation)
    answer = await federation.operator.post(f"/v1/institutions/{pup.id}/suspend", json={})
    assert answer.status_code == 200
    with pytest.raises(Refused) as refused:
        await poll_once(pup.node, wait_s=0)
    assert (refused.value.problem, refused.value.retryable) == ("issuer-suspended", True)


async def test_a_refusal_that_nobody_signed_stops_no_lane_and_is_told_as_unproven(federation: Federation) -> None:
    pup = await federation.join("pup-2478")
    await pup.enrol(1)
    wire = hold(pup)
    body = json.dumps({"type": "urn:zwornik:problem:proof-target", "retryable": False, "detail": "<b>x</b>"}).encode()
    wire.falsify = lambda response: httpx2.Response(401, content=body)
    with pytest.raises(Unreachable, match="Unproven, it says proof-target"):
        await push_once(pup.node)
    for said in (b'{"type": "urn:zwornik:problem:no such"}', b"[1]", b"<html>", b"{"):
        wire.falsify = lambda response, said=said: httpx2.Response(502, content=said)
        with pytest.raises(Unreachable) as unreachable:
            await push_once(pup.node)
        assert "Unproven" not in str(unreachable.value)
