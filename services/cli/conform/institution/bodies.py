"""The form of a delivery: its bounds, its members, its media type."""

from typing import Any

from services.cli.conform.cases import Suite
from services.cli.conform.institution.expecting import expect_problem, expect_success
from services.cli.conform.institution.player import Player
from services.cli.conform.institution.stream import OwnStream, size_of
from services.cli.conform.institution.streams import refused_whole

SUITE: Suite[Player] = Suite("6. Streams (form of a delivery)")
MAX_SETS, MAX_BODY = 500, 1 << 20


@SUITE.case(
    "stream-batch-too-large",
    sent=f"a delivery of {MAX_SETS + 1} SETs; {MAX_SETS} are the most",
    expected="4xx batch-too-large; nothing stored",
)
async def _batch(at: Player) -> str:
    stream = await OwnStream.of(at)
    return await refused_whole(stream, stream.delivery(["x.y.z"] * (MAX_SETS + 1)), "batch-too-large")


@SUITE.case(
    "stream-body-too-large",
    sent="a delivery of more than 1 MiB",
    expected="4xx body-too-large; nothing stored",
)
async def _body(at: Player) -> str:
    stream = await OwnStream.of(at)
    delivery = stream.delivery([f"{number}." + 60_000 * "x" for number in range(18)])
    if size_of(delivery) <= MAX_BODY:
        raise ValueError("the kit made a delivery that is too small")
    return await refused_whole(stream, delivery, "body-too-large")


@SUITE.case(
    "stream-member-ignored",
    sent="a delivery with a member that this version of the standard does not know",
    expected="200: unknown members are ignored on the wire",
)
async def _ignored(at: Player) -> str:
    stream = await OwnStream.of(at)
    answer = await stream.send(stream.delivery([]) | {"of_a_later_version": True})
    expect_success(answer)
    return str(answer)


@SUITE.case("stream-member-missing", sent="a delivery without its checkpoint", expected="4xx request-invalid")
async def _lacking(at: Player) -> str:
    stream = await OwnStream.of(at)
    delivery = stream.delivery([])
    del delivery["checkpoint"]
    return await refused_whole(stream, delivery, "request-invalid")


@SUITE.case("stream-not-json", sent="a body that is no JSON, under a proof that holds", expected="4xx json-malformed")
async def _not_json(at: Player) -> str:
    return await _raw(at, b"{not json", "json-malformed")


@SUITE.case("stream-media-type", sent="a delivery as text/plain", expected="4xx media-type")
async def _media(at: Player) -> str:
    return await _raw(at, b"{}", "media-type", media="text/plain")


async def _raw(at: Player, body: bytes, problem: str, **changes: Any) -> str:
    path = f"/v1/streams/{at.id}/sets"
    proof = at.proof(at.proof_claims("POST", path, body))
    return expect_problem(await at.send("POST", path, body, proof, **changes), problem)
