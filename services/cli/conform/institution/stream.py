"""The kit's own stream: goes on from wherever the broker says it stands, so that a second run needs no memory."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.cli.conform.institution.expecting import expect_success
from services.cli.conform.institution.player import Answer, Player, forged
from services.cli.conform.institution.proofs import unknown_token
from shared.domain.events.types import URN
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.keys import SigningKey
from shared.exchange.sets import SET_TYPE, set_hash
from shared.exchange.stream.chain import chain_start, chains
from shared.exchange.stream.checkpoint import RECEIPT_TYPE, Mark, check_checkpoint, sign_checkpoint


@dataclass
class OwnStream:
    """The stream of the institution to the broker: ``position`` and ``chain`` are those of its head."""

    at: Player
    incarnation: str
    position: int
    chain: bytes
    errors_seen: int = 0
    sent: list[str] = field(default_factory=list)

    @classmethod
    async def of(cls, at: Player) -> "OwnStream":
        """Return the stream as it stands at the broker; a new one where there is none."""
        head = await at.head(at.id, BROKER)
        if head["incarnation"] is None:
            incarnation = at.client.ids.secret()
            return cls(at, incarnation, 0, chain_start(at.id, BROKER, incarnation))
        position = int(head["position"])
        return cls(at, head["incarnation"], position, jose.decode(head["chain"]), errors_seen=position)

    def mark(self, sets: Sequence[Any], *, first: int, before: bytes, **changes: Any) -> Mark:
        """Return the mark after some entries."""
        *_, chain = before, *chains(before, [entry_hash(one) for one in sets])
        facts: dict[str, Any] = {"owner": self.at.id, "peer": BROKER, "incarnation": self.incarnation}
        return Mark(**facts | {"position": first + len(sets) - 1, "chain": chain, "at": self.at.now} | changes)

    def delivery(
        self,
        sets: Sequence[Any],
        *,
        first: int | None = None,
        before: bytes | None = None,
        key: SigningKey | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        """Return a delivery from the head on, or from elsewhere; ``changes`` spoil its checkpoint."""
        first = self.position + 1 if first is None else first
        mark = self.mark(sets, first=first, before=self.chain if before is None else before, **changes)
        return {
            "incarnation": self.incarnation,
            "from": first,
            "sets": list(sets),
            "checkpoint": sign_checkpoint(key or self.at.key, mark),
            "errors_seen": self.errors_seen,
        }

    async def send(self, delivery: Any) -> Answer:
        """Push a delivery, whatever it is worth."""
        return await self.at.call("POST", f"/v1/streams/{self.at.id}/sets", delivery)

    async def push(self, *sets: Any) -> dict[str, Any]:
        """Push entries that are to be taken; go on behind them, and return the answer."""
        delivery = self.delivery(sets)
        answer: dict[str, Any] = expect_success(await self.send(delivery))
        mark = self.mark(sets, first=self.position + 1, before=self.chain)
        self.position, self.chain = mark.position, mark.chain
        return answer

    def check_receipt(self, answer: dict[str, Any]) -> None:
        """Check that the answer's receipt is of the head.

        :raises StreamCheckpoint: it is not.
        """
        mark = self.mark([], first=self.position + 1, before=self.chain)
        check_checkpoint(str(answer["receipt"]), mark, self.at.directory, typ=RECEIPT_TYPE)

    async def is_where_it_was(self) -> bool:
        """Tell whether the broker still holds what it held: nothing of a refused delivery is stored."""
        head = await self.at.head(self.at.id, BROKER)
        chain = None if head["chain"] is None else jose.decode(head["chain"])
        return int(head["position"]) == self.position and (chain == self.chain or not self.position)


def entry_hash(entry: Any) -> bytes:
    """Return the hash of an entry, whole or erased."""
    return set_hash(entry) if isinstance(entry, str) else jose.decode(entry["erased"])


def event(at: Player, name: str, payload: Any, *, key: SigningKey | None = None, **changes: Any) -> str:
    """Return a SET about nobody; ``changes`` replace claims, ``header`` members of the header."""
    header = changes.pop("header", {})
    key = key or at.key
    claims = {
        "iss": at.id,
        "aud": f"zwornik:{at.identity.federation}",
        "iat": at.now,
        "jti": at.client.ids.uuid7(),
        "toe": at.now,
        "txn": at.client.ids.uuid7(),
        "sub_id": {"format": "opaque", "id": unknown_token(at)},
        "events": {URN + name: payload},
    }
    return forged({"alg": "ES256", "kid": key.kid, "typ": SET_TYPE} | header, claims | changes, key)


def enrolment(at: Player, **changes: Any) -> str:
    """Return a SET that enrols nobody: a token that no PESEL makes, under the federation's match key."""
    payload = {"check": "00", "key_fingerprint": at.directory.match_keys.fingerprint, "basis": "consent"}
    return event(at, "client.enrolled.v1", payload | changes.pop("payload", {}), **changes)


def size_of(delivery: Any) -> int:
    """Return how many bytes a delivery has."""
    return len(json.dumps(delivery, separators=(",", ":")))
