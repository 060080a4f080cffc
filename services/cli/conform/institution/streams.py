"""Pushing the own stream: a delivery is taken or refused as a whole, and nothing of a refused one is stored."""

from typing import Any

from services.cli.conform.cases import Deviation, Suite, expect
from services.cli.conform.institution.expecting import expect_problem, expect_success
from services.cli.conform.institution.player import Player
from services.cli.conform.institution.stream import OwnStream, enrolment
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.sets import set_hash

SUITE: Suite[Player] = Suite("6. Streams")


async def refused_whole(stream: OwnStream, delivery: Any, *problems: str) -> str:
    """Push what is to be refused; return what came, once nothing of it is found to be stored.

    :raises Deviation: it was not refused so, or the stream moved.
    """
    came = expect_problem(await stream.send(delivery), *problems)
    if not await stream.is_where_it_was():
        raise Deviation(f"{came}, but the stream moved")
    return came


@SUITE.case("stream-heartbeat", sent="an empty delivery from the next position on", expected="200, the position stays")
async def _heartbeat(at: Player) -> str:
    stream = await OwnStream.of(at)
    answer = await stream.push()
    return expect(answer["position"] == stream.position, f"200, position {answer['position']} of {stream.position}")


@SUITE.case(
    "stream-receipt",
    sent="a delivery of one SET",
    expected="200 with a receipt: the broker's signed word on position and chain, with received_at",
)
async def _receipt(at: Player) -> str:
    stream = await OwnStream.of(at)
    answer = await stream.push(enrolment(at))
    stream.check_receipt(answer)
    received = jose.parse(str(answer["receipt"]), "zwornik-receipt+jwt").claims.get("received_at")
    return expect(type(received) is int, f"200, received_at {received}")


@SUITE.case("stream-two", sent="a delivery of two SETs", expected="200, two positions further, at the same chain")
async def _two(at: Player) -> str:
    stream = await OwnStream.of(at)
    answer = await stream.push(enrolment(at), enrolment(at))
    came = f"200, position {answer['position']} of {stream.position}"
    return expect(answer["position"] == stream.position and await stream.is_where_it_was(), came)


@SUITE.case("stream-duplicate", sent="the same delivery twice", expected="200 twice, the position stays")
async def _duplicate(at: Player) -> str:
    stream = await OwnStream.of(at)
    delivery = stream.delivery([enrolment(at)])
    first, second = [expect_success(await stream.send(delivery)) for _ in range(2)]
    came = f"200, positions {first['position']} and {second['position']}"
    return expect(first["position"] == second["position"] == stream.position + 1, came)


@SUITE.case(
    "stream-overlap",
    sent="a delivery of a SET that is held already, byte for byte, and of a new one",
    expected="200, one position further",
)
async def _overlap(at: Player) -> str:
    stream = await OwnStream.of(at)
    before, first, held = stream.chain, stream.position + 1, enrolment(at)
    await stream.push(held)
    answer = expect_success(await stream.send(stream.delivery([held, enrolment(at)], first=first, before=before)))
    return expect(answer["position"] == first + 1, f"200, position {answer['position']} of {first + 1}")


@SUITE.case(
    "stream-gap",
    sent="a delivery that leaves a position out",
    expected="409 stream-gap that names the expected position; nothing stored",
)
async def _gap(at: Player) -> str:
    stream = await OwnStream.of(at)
    answer = await stream.send(stream.delivery([enrolment(at)], first=stream.position + 2))
    came = expect_problem(answer, "stream-gap")
    expected = answer.json.get("expected")
    holds = (answer.status, expected) == (409, stream.position + 1) and await stream.is_where_it_was()
    return expect(holds, f"{came} expects {expected}, next is {stream.position + 1}")


@SUITE.case(
    "stream-past-rewritten",
    sent="another SET at a position that is held, under a checkpoint that fits it",
    expected="4xx stream-fork; nothing stored",
)
async def _rewritten(at: Player) -> str:
    stream = await OwnStream.of(at)
    before, first = stream.chain, stream.position + 1
    await stream.push(enrolment(at))
    return await refused_whole(stream, stream.delivery([enrolment(at)], first=first, before=before), "stream-fork")


@SUITE.case(
    "stream-reordered",
    sent="two SETs that are held, the other way round, under a checkpoint that fits that order",
    expected="4xx stream-fork; nothing stored",
)
async def _reordered(at: Player) -> str:
    stream = await OwnStream.of(at)
    before, first, sets = stream.chain, stream.position + 1, [enrolment(at), enrolment(at)]
    await stream.push(*sets)
    return await refused_whole(stream, stream.delivery(sets[::-1], first=first, before=before), "stream-fork")


@SUITE.case(
    "stream-incarnation",
    sent="a delivery under another incarnation",
    expected="4xx stream-fork; nothing stored",
)
async def _incarnation(at: Player) -> str:
    stream = await OwnStream.of(at)
    if not stream.position:
        await stream.push(enrolment(at))
    other = OwnStream(at, at.client.ids.secret(), stream.position, stream.chain)
    return await refused_whole(stream, other.delivery([enrolment(at)]), "stream-fork")


@SUITE.case(
    "stream-checkpoint-chain",
    sent="a delivery whose checkpoint names another chain",
    expected="4xx stream-checkpoint; nothing stored",
)
async def _chain(at: Player) -> str:
    stream = await OwnStream.of(at)
    return await refused_whole(stream, stream.delivery([enrolment(at)], chain=bytes(32)), "stream-checkpoint")


@SUITE.case(
    "stream-checkpoint-position",
    sent="a delivery whose checkpoint names another position",
    expected="4xx stream-checkpoint; nothing stored",
)
async def _position(at: Player) -> str:
    stream = await OwnStream.of(at)
    delivery = stream.delivery([enrolment(at)], position=stream.position + 7)
    return await refused_whole(stream, delivery, "stream-checkpoint")


@SUITE.case(
    "stream-checkpoint-signer",
    sent="a delivery whose checkpoint a stranger signed",
    expected="4xx stream-checkpoint; nothing stored",
)
async def _signer(at: Player) -> str:
    stream = await OwnStream.of(at)
    return await refused_whole(stream, stream.delivery([enrolment(at)], key=at.stranger), "stream-checkpoint")


@SUITE.case(
    "stream-checkpoint-receiver",
    sent="a delivery whose checkpoint is meant for another receiver",
    expected="4xx stream-checkpoint; nothing stored",
)
async def _receiver(at: Player) -> str:
    stream = await OwnStream.of(at)
    return await refused_whole(stream, stream.delivery([enrolment(at)], peer="ngo-9999999999"), "stream-checkpoint")


@SUITE.case(
    "stream-foreign-issuer",
    sent="a delivery of a SET that names another institution as its issuer",
    expected="4xx set-not-permitted; nothing stored",
)
async def _foreign(at: Player) -> str:
    stream = await OwnStream.of(at)
    delivery = stream.delivery([enrolment(at), enrolment(at, iss="ngo-9999999999")])
    return await refused_whole(stream, delivery, "set-not-permitted")


@SUITE.case("stream-of-another", sent="a delivery to the stream of another institution", expected="4xx forbidden")
async def _another(at: Player) -> str:
    delivery = (await OwnStream.of(at)).delivery([enrolment(at)])
    return expect_problem(await at.call("POST", "/v1/streams/ngo-9999999999/sets", delivery), "forbidden")


@SUITE.case(
    "stream-head-of-another",
    sent="the question how far another institution's stream goes",
    expected="4xx not-found",
)
async def _head(at: Player) -> str:
    return expect_problem(await at.call("GET", f"/v1/streams/ngo-9999999999/{BROKER}/head"), "not-found")


@SUITE.case(
    "stream-erased-entry",
    sent="a delivery of an entry of which only the hash is left",
    expected="200: it has its position and its place in the chain",
)
async def _erased(at: Player) -> str:
    stream = await OwnStream.of(at)
    answer = await stream.push({"erased": jose.encode(set_hash(enrolment(at)))})
    return expect(await stream.is_where_it_was(), f"200, position {answer['position']} of {stream.position}")
