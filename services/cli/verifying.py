"""Checking a file of evidence offline: with the directory and the broker's thumbprint, and nothing else.

An event that fails is named by its position. The chain proves that nothing was left out, moved or slipped in; the
checkpoint is the owner's word on it, the receipt the other end's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import DomainError
from shared.domain.events.payloads.reconciliation import ReconciliationAnswered, ReconciliationClosed
from shared.domain.institutions import BROKER
from shared.domain.strict_json import strict_json
from shared.exchange import jose
from shared.exchange.directory import Directory, open_directory, open_key_statement
from shared.exchange.judge import judge
from shared.exchange.member_keys import MemberKey
from shared.exchange.proofs.response import check_response
from shared.exchange.sets import SecurityEvent
from shared.exchange.stream.chain import chain_next, chain_start
from shared.exchange.stream.checkpoint import CHECKPOINT_TYPE, RECEIPT_TYPE, Mark, check_checkpoint
from shared.exchange.stream.receive import Item


class EvidenceWrong(Exception):
    """Something in the file does not hold; the text says what and where."""


@dataclass(slots=True)
class Verified:
    """What was checked and holds."""

    events: int = 0
    erased: int = 0
    checkpoints: int = 0
    receipts: int = 0
    statement: bool = False


def verify_evidence(evidence: Any, thumbprint: str) -> Verified:
    """Check a file of evidence.

    :raises EvidenceWrong: a signature, hash, chain, checkpoint, receipt or the statement does not hold.
    """
    try:
        directory = _directory(evidence, thumbprint)
        verified = Verified()
        for stream in evidence["streams"]:
            _stream(stream, directory, verified)
        if evidence.get("statement"):
            _statement(evidence, directory)
            verified.statement = True
    except DomainError as failure:
        raise EvidenceWrong(failure.detail) from None
    except (KeyError, TypeError, ValueError, AttributeError) as failure:
        raise EvidenceWrong(f"the file is not of its form ({type(failure).__name__})") from None
    return verified


def _directory(evidence: Mapping[str, Any], thumbprint: str) -> Directory:
    directory = open_directory(evidence["directory"], pinned=thumbprint, federation=evidence["federation"])
    keys: list[tuple[str, MemberKey]] = [
        (one["iss"], open_key_statement(one["statement"], iss=one["iss"], kid=one["kid"], directory=directory))
        for one in evidence.get("retired_keys", ())
    ]
    return directory.with_retired(keys)


def _stream(stream: Mapping[str, Any], directory: Directory, verified: Verified) -> None:
    owner, peer, incarnation = stream["owner"], stream["peer"], stream["incarnation"]
    signed = {one["position"]: one["receipt"] for one in stream.get("receipts", ())}
    chain = chain_start(owner, peer, incarnation)
    position = 0

    received = _received(signed, len(stream["entries"])) | _told(stream, directory)
    for position, entry in enumerate(stream["entries"], 1):  # the last one is the end of the stream
        item = Item.of(entry)
        chain = chain_next(chain, item.hash)
        if item.text is None:
            verified.erased += 1
        else:
            _event(item.text, owner, directory, f"position {position} of {owner}", received.get(position))
            verified.events += 1
        if position in signed:
            mark = Mark(owner=owner, peer=peer, incarnation=incarnation, position=position, chain=chain, at=0)
            _holds(f"the receipt at position {position}", signed[position], mark, directory, RECEIPT_TYPE)
            verified.receipts += 1
    if position != stream["position"]:
        raise EvidenceWrong(f"the stream of {owner} ends at position {position}, not at {stream['position']}")
    if stream.get("checkpoint"):
        mark = Mark(owner=owner, peer=peer, incarnation=incarnation, position=position, chain=chain, at=0)
        _holds(f"the checkpoint of {owner}", stream["checkpoint"], mark, directory, CHECKPOINT_TYPE)
        verified.checkpoints += 1


def _received(signed: Mapping[int, str], last: int) -> dict[int, int]:
    """Return by when the broker had each position, as the next receipt says; whether that holds is checked there."""
    times: dict[int, int] = {}
    at: int | None = None
    for position in range(last, 0, -1):
        if position in signed:
            claimed = jose.parse(signed[position], RECEIPT_TYPE, max_bytes=4096).claims.get("received_at")
            at = claimed if type(claimed) is int else None
        if at is not None:
            times[position] = at
    return times


def _told(stream: Mapping[str, Any], directory: Directory) -> dict[int, int]:
    """Return by the broker's word when it received entries of the peer's mailbox: answers that it proved to the peer.

    :raises EvidenceWrong: an answer is not the broker's, or about other entries.
    """
    times: dict[int, int] = {}
    for word in stream.get("words", ()):
        body = word["body"].encode()
        try:
            check_response(
                word["proof"], aud=stream["peer"], req_jti=word["jti"], status=200, body=body, directory=directory
            )
        except DomainError as failure:
            raise EvidenceWrong(f"the broker's word on when it received events: {failure.detail}") from None
        for told in strict_json(body)["entries"]:
            if told["set"] != stream["entries"][told["position"] - 1]:
                raise EvidenceWrong(f"the broker's word is on another event at position {told['position']}")
            received_at = Item.of(told["set"], told.get("received_at")).received_at
            if received_at is not None:
                times[told["position"]] = received_at
    return times


def _event(text: str, owner: str, directory: Directory, where: str, received_at: int | None = None) -> SecurityEvent:
    verdict = judge(text, directory.federation, directory, received_at)
    if verdict.event is None:
        raise EvidenceWrong(f"{where}: {verdict.failure.detail if verdict.failure else 'no event'}")
    if owner not in (verdict.event.iss, BROKER):
        raise EvidenceWrong(f"{where} is signed by another institution")
    return verdict.event


def _statement(evidence: Mapping[str, Any], directory: Directory) -> None:
    """Check that the broker signed the statement, and that it is about the answer that stands beside it."""
    statement = _event(evidence["statement"], BROKER, directory, "the statement")
    if statement.iss != BROKER or not isinstance(statement.payload, ReconciliationClosed):
        raise EvidenceWrong("the statement is not the broker's")
    if statement.payload.answer is None:
        return
    answer = judge(evidence["answer"], directory.federation, directory, statement.toe)
    is_answer = answer.event is not None and isinstance(answer.event.payload, ReconciliationAnswered)
    if not is_answer or jose.encode(answer.hash) != statement.payload.answer:
        raise EvidenceWrong("the statement is about another answer")


def _holds(what: str, token: str, mark: Mark, directory: Directory, typ: str) -> None:
    try:
        check_checkpoint(token, mark, directory, typ=typ)
    except DomainError as failure:
        raise EvidenceWrong(f"{what}: {failure.detail}") from None
