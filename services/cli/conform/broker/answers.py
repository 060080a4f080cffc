"""False answers to a poll: nothing of them is believed, nothing acknowledged; the true one is then taken."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from services.cli.conform.broker.bench import LATER_S, SOON_S, Bench
from services.cli.conform.broker.wire import Heard, Reply
from services.cli.conform.cases import Case, Deviation, Suite
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.proofs.request import HEADER
from shared.exchange.proofs.response import RESPONSE_TYPE, sign_response
from shared.exchange.stream.checkpoint import CHECKPOINT_TYPE

PROOFS: Suite[Bench] = Suite("3. Proofs (of answers)")
STREAMS: Suite[Bench] = Suite("6. Streams (mailbox)")
Falsify = Callable[[Bench, Heard, Reply], Reply]
_PROOF = HEADER.lower()


def _proof(bench: Bench, heard: Heard, reply: Reply, **changes: Any) -> Reply:
    claims = jose.parse(reply.headers[_PROOF], RESPONSE_TYPE).claims | changes
    return replace(reply, headers=reply.headers | {_PROOF: bench.wire.key.sign(RESPONSE_TYPE, claims)})


def _unproven(bench: Bench, heard: Heard, reply: Reply) -> Reply:
    return replace(reply, headers={name: value for name, value in reply.headers.items() if name != _PROOF})


def _strangers(bench: Bench, heard: Heard, reply: Reply) -> Reply:
    facts: dict[str, Any] = {"iss": BROKER, "aud": heard.iss, "now": bench.neighbour.now}
    facts |= {"req_jti": heard.claims["jti"], "status": reply.status, "body": reply.body}
    return replace(reply, headers=reply.headers | {_PROOF: sign_response(bench.neighbour.stranger, **facts)})


def _changed_body(bench: Bench, heard: Heard, reply: Reply) -> Reply:
    return replace(reply, body=json.dumps(reply.json | {"more": True, "later": 1}).encode())


def _resigned(bench: Bench, heard: Heard, reply: Reply, **changes: Any) -> Reply:
    return bench.wire.signed(heard, replace(reply, body=json.dumps(reply.json | changes).encode()))


def _checkpoint(bench: Bench, reply: Reply, **changes: Any) -> str:
    claims = jose.parse(reply.json["checkpoint"], CHECKPOINT_TYPE).claims | changes
    return bench.wire.key.sign(CHECKPOINT_TYPE, claims)


def _altered(bench: Bench, heard: Heard, reply: Reply) -> Reply:
    first, *rest = reply.json["sets"]
    text = first["set"]
    other = "Q" if text.endswith("A") else "A"
    return _resigned(bench, heard, reply, sets=[first | {"set": text[:-1] + other}, *rest])


_ANSWERS: tuple[tuple[str, str, Falsify], ...] = (
    ("answer-unproven", "mail in an answer without a proof", _unproven),
    ("answer-stranger", "mail in an answer that a stranger signed", _strangers),
    (
        "answer-other-call",
        "mail in an answer whose proof is for another call",
        lambda b, h, r: _proof(b, h, r, req_jti=b.broker.ids.uuid7()),
    ),
    (
        "answer-other-receiver",
        "mail in an answer whose proof is for another institution",
        lambda b, h, r: _proof(b, h, r, aud=b.neighbour.id),
    ),
    (
        "answer-other-status",
        "mail in an answer whose proof is for another status",
        lambda b, h, r: _proof(b, h, r, status=201),
    ),
    ("answer-other-body", "mail in an answer whose body was changed on the way", _changed_body),
)
_DELIVERIES: tuple[tuple[str, str, Falsify], ...] = (
    (
        "mail-checkpoint-chain",
        "mail under a checkpoint of another chain",
        lambda b, h, r: _resigned(b, h, r, checkpoint=_checkpoint(b, r, chain=jose.encode(bytes(32)))),
    ),
    (
        "mail-checkpoint-signer",
        "mail under a checkpoint that a stranger signed",
        lambda b, h, r: _resigned(
            b,
            h,
            r,
            checkpoint=b.neighbour.stranger.sign(
                CHECKPOINT_TYPE, jose.parse(r.json["checkpoint"], CHECKPOINT_TYPE).claims
            ),
        ),
    ),
    (
        "mail-gap",
        "mail that leaves a position out",
        lambda b, h, r: _resigned(b, h, r, **{"from": r.json["from"] + 1}),
    ),
    (
        "mail-incarnation",
        "mail of another incarnation",
        lambda b, h, r: _resigned(b, h, r, incarnation=b.broker.ids.secret()),
    ),
    ("mail-altered", "mail with a SET that the checkpoint does not cover", _altered),
)


def _refused(section: str, name: str, sent: str, falsify: Falsify) -> Case[Bench]:
    async def run(bench: Bench) -> str:
        return await _not_believed(bench, falsify)

    expected = "not acknowledged; the node asks again, and takes the true answer"
    return Case(name, section, sent, expected, run)


async def _not_believed(bench: Bench, falsify: Falsify) -> str:
    """Answer a poll falsely once, and look what the node acknowledges next."""
    await bench.person()
    told: list[int] = []

    def after(heard: Heard, reply: Reply) -> Reply:
        if heard.iss != bench.node or not heard.is_poll() or reply.status != 200 or not reply.json["sets"] or told:
            return reply
        told.append(bench.now)
        return falsify(bench, heard, reply)

    bench.wire.after = after
    position = await bench.mail()
    since = await bench.until(lambda: told[0] if told else None, "the node polls its mailbox", SOON_S)

    def asked() -> int | None:
        polls = bench.polls(since)
        return polls[0].json.get("after") if polls else None

    after_it = await bench.until(asked, "the node asks again", LATER_S)
    if after_it >= position:
        raise Deviation(f"acknowledged position {position} at once")
    await bench.acknowledged(position, since)
    return "asked again, then took the true answer"


PROOFS.cases += [_refused(PROOFS.section, *row) for row in _ANSWERS]
STREAMS.cases += [_refused(STREAMS.section, *row) for row in _DELIVERIES]
