"""Polling the mailbox: ``after`` acknowledges, the chain proves that both ends hold the same past."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.cli.conform.cases import Deviation, Suite, expect
from services.cli.conform.institution.expecting import expect_problem, expect_success
from services.cli.conform.institution.player import Answer, Player
from services.cli.conform.institution.stream import OwnStream, enrolment, entry_hash
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.sets import SET_TYPE, set_hash
from shared.exchange.stream.chain import chains
from shared.exchange.stream.checkpoint import Mark, check_checkpoint

SUITE: Suite[Player] = Suite("6. Streams (mailbox)")


@dataclass
class Mailbox:
    """The kit's end of its mailbox; what came before the run is passed over."""

    at: Player
    incarnation: str
    position: int
    chain: bytes

    @classmethod
    async def of(cls, at: Player, position: int | None = None) -> "Mailbox":
        """Return the mailbox at its head, or at a position before."""
        head = await at.head(BROKER, at.id, position)
        return cls(at, head["incarnation"], int(head["position"]), jose.decode(head["chain"]))

    async def ask(self, **changes: Any) -> Answer:
        """Poll; ``changes`` spoil the question."""
        body = {"incarnation": self.incarnation, "after": self.position, "chain": jose.encode(self.chain), "wait_s": 0}
        return await self.at.call("POST", f"/v1/streams/{self.at.id}/poll", body | changes)

    async def take(self, **changes: Any) -> list[Any]:
        """Poll, check positions, chain and checkpoint, and go on behind what came."""
        answer = expect_success(await self.ask(**changes))
        if (answer["incarnation"], answer["from"]) != (self.incarnation, self.position + 1):
            raise Deviation(f"200 from {answer['from']}, asked for what follows {self.position}")
        entries = [one["set"] for one in answer["sets"]]
        *_, chain = self.chain, *chains(self.chain, [entry_hash(entry) for entry in entries])
        position = self.position + len(entries)
        facts: dict[str, Any] = {"owner": BROKER, "peer": self.at.id, "incarnation": self.incarnation}
        mark = Mark(**facts, position=position, chain=chain, at=0)
        check_checkpoint(str(answer["checkpoint"]), mark, self.at.directory)
        self.position, self.chain = position, chain
        return entries


def refused_hashes(entries: Sequence[Any], sent: Sequence[str]) -> list[str]:
    """Return which of the SETs sent are named by ``set.refused.v1`` among the entries."""
    named = set()
    for entry in entries:
        events = jose.parse(entry, SET_TYPE).claims["events"] if isinstance(entry, str) else {}
        named |= {payload["hash"] for urn, payload in events.items() if urn.endswith(":set.refused.v1")}
    return [text for text in sent if jose.encode(set_hash(text)) in named]


async def with_mail(at: Player) -> Mailbox:
    """Return the mailbox before at least two new entries; the kit makes the broker write by SETs that it refuses."""
    mailbox = await Mailbox.of(at)
    before = mailbox.position
    stream = await OwnStream.of(at)
    await stream.push(*[enrolment(at, aud="zwornik:somewhere-else") for _ in range(2)])
    for _ in range(3):
        await mailbox.take(wait_s=5)
        if mailbox.position >= before + 2:
            return await Mailbox.of(at, before)
    raise Deviation("two SETs were refused, and no set.refused.v1 of them came within 15 s")


@SUITE.case(
    "poll-delivery",
    sent="a poll where something waits",
    expected="200: gapless from the next position on, under a checkpoint that fits",
)
async def _delivery(at: Player) -> str:
    mailbox = await with_mail(at)
    entries = await mailbox.take()
    return expect(len(entries) >= 2, f"200, {len(entries)} entries")


@SUITE.case("poll-empty", sent="a poll where nothing waits", expected="200, empty, under the checkpoint of the head")
async def _empty(at: Player) -> str:
    mailbox = await Mailbox.of(at)
    while await mailbox.take(wait_s=1):
        pass
    return "200, empty"


@SUITE.case(
    "poll-again",
    sent="the same poll twice: the first answer is taken for lost",
    expected="the same entries, byte for byte",
)
async def _again(at: Player) -> str:
    mailbox = await with_mail(at)
    position, chain = mailbox.position, mailbox.chain
    first = await mailbox.take()
    mailbox.position, mailbox.chain = position, chain
    second = await mailbox.take()
    return expect(first == second[: len(first)], "200, other bytes" if first != second else "200, the same bytes")


@SUITE.case(
    "poll-max", sent="a poll for at most one entry where two wait", expected="200 with one entry and more: true"
)
async def _max(at: Player) -> str:
    answer = expect_success(await (await with_mail(at)).ask(max=1))
    came = f"200, {len(answer['sets'])} entries, more: {answer['more']}"
    return expect(len(answer["sets"]) == 1 and answer["more"] is True, came)


@SUITE.case(
    "poll-received-at",
    sent="a poll where something waits",
    expected="received_at beside each SET: when the broker got it",
)
async def _received(at: Player) -> str:
    sets = expect_success(await (await with_mail(at)).ask())["sets"]
    lacking = sum(not isinstance(one.get("received_at"), str) for one in sets)
    return expect(not lacking, f"200, {lacking} of {len(sets)} entries without received_at")


@SUITE.case("poll-incarnation", sent="a poll under another incarnation", expected="4xx stream-fork")
async def _incarnation(at: Player) -> str:
    mailbox = await Mailbox.of(at)
    return expect_problem(await mailbox.ask(incarnation=at.client.ids.secret()), "stream-fork")


@SUITE.case("poll-chain", sent="a poll that acknowledges another chain", expected="4xx stream-fork")
async def _chain(at: Player) -> str:
    return expect_problem(await (await Mailbox.of(at)).ask(chain=jose.encode(bytes(32))), "stream-fork")


@SUITE.case("poll-beyond", sent="a poll that acknowledges what was never sent", expected="4xx stream-fork")
async def _beyond(at: Player) -> str:
    mailbox = await Mailbox.of(at)
    return expect_problem(await mailbox.ask(after=mailbox.position + 1000), "stream-fork")


@SUITE.case("poll-of-another", sent="a poll of another institution's mailbox", expected="4xx forbidden")
async def _another(at: Player) -> str:
    mailbox = await Mailbox.of(at)
    body = {"incarnation": mailbox.incarnation, "after": 0, "chain": jose.encode(mailbox.chain)}
    return expect_problem(await at.call("POST", "/v1/streams/ngo-9999999999/poll", body), "forbidden")


@SUITE.case(
    "poll-refused-by-mail",
    sent="a SET that the broker refuses",
    expected="set.refused.v1 in the mailbox that names the SET by its hash",
)
async def _mail(at: Player) -> str:
    mailbox, stream = await Mailbox.of(at), await OwnStream.of(at)
    text = enrolment(at, aud="zwornik:somewhere-else")
    await stream.push(text)
    for _ in range(3):
        if refused_hashes(await mailbox.take(wait_s=5), [text]):
            return "set.refused.v1"
    raise Deviation("no set.refused.v1 within 15 s")
