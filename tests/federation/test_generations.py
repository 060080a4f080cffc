"""Who shares a client is told by generation: an older one is ignored, who comes back is told all anew."""

from collections.abc import Sequence
from datetime import date

import pytest
from sqlalchemy import select

from services.broker.operations.relay.batch import Batch
from shared.domain.events.payloads.broker import Members
from shared.domain.events.payloads.support import SupportForm
from shared.exchange.history.tables import AuthorRow
from shared.exchange.sets import SignedSet
from shared.exchange.stream.append import Entry, append_entries, store_sets
from shared.exchange.stream.heads import lock_head
from shared.exchange.stream.tables import EntryRow, SetRow
from shared.institution.operations.exchange.polling import poll_once
from tests.builders import Federation, Office, new_client
from tests.federation.saying import joint, say, token


async def broker_says(federation: Federation, name: str, generation: int, members: Sequence[str], to: str) -> None:
    """Put an event of the broker's own into a mailbox, as a broker that lags behind itself would."""
    async with federation.broker.db.write() as session:
        batch = Batch(federation.broker, session, federation.broker.now)
        batch.say(name, token(1), Members(generation=generation, members=tuple(members)), [to])
        await batch.flush()


async def codes(office: Office, client: str) -> list[str]:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    return sorted(entry["code"] for entry in view["entries"])


async def form(office: Office, client: str, code: str) -> None:
    await office.post(f"/v1/clients/{client}/support-forms", {"code": code, "from": "2026-03-02"})


@pytest.mark.parametrize("generation", [1, 2])
async def test_an_older_generation_or_the_same_again_is_ignored(federation: Federation, generation: int) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    assert (await pup.get(f"/v1/clients/{at_pup}"))["generation"] == 2
    position = (await pup.get("/v1/exchange"))["position"]
    await broker_says(federation, "joint_client.matched.v1", generation, [ops.id, pup.id], pup.id)
    assert await poll_once(pup.node, wait_s=0) == 1
    client = await pup.get(f"/v1/clients/{at_pup}")
    assert (client["joint"], client["members"], client["generation"]) == (False, [], 2)
    assert (await pup.get("/v1/exchange"))["position"] == position, "nothing is told to anybody"
    assert await pup.get("/v1/dead-letters") == []


async def test_an_older_parting_does_not_undo_a_newer_match(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/take-back", status=200)
    await federation.settle()
    await broker_says(federation, "joint_client.parted.v1", 2, [], pup.id)
    await federation.settle()
    client = await pup.get(f"/v1/clients/{at_pup}")
    assert (client["joint"], client["generation"]) == (True, 3)


async def test_who_withdraws_and_comes_back_before_anybody_noticed_is_told_all_anew(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await form(pup, at_pup, "PUP-STA")
    await form(ops, at_ops, "AI-E01")
    await federation.settle()
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await form(pup, at_pup, "PUP-SZK")
    await ops.post(f"/v1/clients/{at_ops}/take-back", status=200)
    await federation.settle()
    for office, client in ((pup, at_pup), (ops, at_ops)):
        assert await codes(office, client) == ["AI-E01", "PUP-STA", "PUP-SZK"]
        view = await office.get(f"/v1/clients/{client}/merged-view")
        assert all(member["complete"] and not member["missing"] for member in view["members"])
        assert await office.get("/v1/dead-letters") == []


async def test_counts_never_begin_again(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    for _ in range(3):
        await form(pup, at_pup, "PUP-STA")
        await federation.settle()
        await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
        await federation.settle()
        await ops.post(f"/v1/clients/{at_ops}/take-back", status=200)
        await federation.settle()
    async with federation.broker.db.read() as session:
        counted = select(SetRow.n).where(SetRow.iss == pup.id, SetRow.n.is_not(None)).order_by(SetRow.n)
        counts = list(await session.scalars(counted))
    assert counts == list(range(1, len(counts) + 1))


async def test_what_was_recorded_while_apart_arrives_with_the_return(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await ops.post(f"/v1/clients/{at_ops}/withdraw", status=200)
    await federation.settle()
    position = (await pup.get("/v1/exchange"))["position"]
    await form(pup, at_pup, "PUP-STA")
    assert (await pup.get("/v1/exchange"))["position"] == position, "apart, nothing leaves"
    await ops.post(f"/v1/clients/{at_ops}/take-back", status=200)
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA"]


async def test_a_corrected_pesel_moves_what_is_told_to_the_right_person(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    right = await ops.enrol(2)
    await form(pup, at_pup, "PUP-STA")
    await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA"]
    await pup.patch(f"/v1/clients/{at_pup}", {"pesel": new_client(2)["pesel"]})
    await federation.settle()
    assert await codes(ops, at_ops) == [], "the wrong person is shared no longer"
    assert await codes(ops, right) == ["PUP-STA"]
    await form(pup, at_pup, "PUP-SZK")
    await federation.settle()
    assert await codes(ops, right) == ["PUP-STA", "PUP-SZK"]
    async with ops.node.db.read() as session:
        author = await session.get(AuthorRow, (token(2), pup.id))
    assert author is not None
    assert author.n == 2, "of another person it counts anew"
    for office in (pup, ops):
        assert await office.get("/v1/dead-letters") == []


async def test_a_pesel_corrected_there_and_back_again_shares_as_before(federation: Federation) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await form(pup, at_pup, "PUP-STA")
    await federation.settle()
    for number in (2, 1):
        await pup.patch(f"/v1/clients/{at_pup}", {"pesel": new_client(number)["pesel"]})
        await federation.settle()
    assert await codes(ops, at_ops) == ["PUP-STA"]
    assert (await pup.get(f"/v1/clients/{at_pup}"))["joint"]
    for office in (pup, ops):
        assert await office.get("/v1/dead-letters") == []


async def relayed_twice(federation: Federation, pup: Office, ops: Office, other: SignedSet) -> None:
    """Put a SET into a mailbox past all that an honest broker checks."""
    async with federation.broker.db.write() as session:
        head = await lock_head(session, "broker", ops.id)
        assert head is not None
        await store_sets(session, [other], federation.broker.now)
        await append_entries(session, head, [Entry(pup.id, other.hash)], federation.broker.now)


async def test_an_author_who_says_two_things_under_one_count_is_set_aside_by_the_receiver_too(
    federation: Federation,
) -> None:
    pup, ops, at_pup, at_ops = await joint(federation)
    await form(pup, at_pup, "PUP-STA")
    await federation.settle()
    payload = {"code": "PUP-SZK", "from": "2026-03-02"}
    await pup.post(f"/v1/clients/{at_pup}/support-forms", payload)
    await federation.settle()
    async with pup.node.db.write() as session:
        author = await session.get_one(AuthorRow, (token(1), pup.id))
        author.n -= 1
        before = await session.scalar(select(SetRow.hash).where(SetRow.iss == pup.id, SetRow.n == author.n))
        assert before is not None
        author.hash = before
    [other] = await say(pup, "support_form.opened.v1", token(1), _form())
    await relayed_twice(federation, pup, ops, other)
    assert await poll_once(ops.node, wait_s=0) == 1
    [letter] = await ops.get("/v1/dead-letters")
    assert (letter["problem"], letter["iss"], letter["found_by"]) == ("set-equivocation", pup.id, "self")
    assert await codes(ops, at_ops) == ["PUP-STA", "PUP-SZK"]
    async with ops.node.db.read() as session:
        entry = await session.scalar(select(EntryRow).where(EntryRow.hash == other.hash))
        assert entry is not None
        assert entry.state == "aside"
        held = await session.get(SetRow, (pup.id, other.hash))
        assert held is not None
        assert held.text == other.text, "both are kept, to be compared with the author"


def _form() -> object:
    return SupportForm(form_id="0192f0c1-7c00-7abc-8def-abcdefabcdef", code="PUP-POS", from_=date(2020, 1, 1))
