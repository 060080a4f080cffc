"""An author that counts, restates or repeats what it must not is found out, and misleads nobody (WIRE.md, 4 to 6)."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from services.broker.operations.merged import merged_view
from services.broker.operations.relay import step
from services.broker.operations.relay.step import relay_once
from shared.domain.events.payloads import people, support
from shared.domain.events.types import URN, event_type
from shared.exchange.history.tables import SharedRecordRow
from shared.exchange.sets import Draft, SignedSet, set_hash, sign_set
from shared.exchange.stream.append import append_sets
from shared.exchange.stream.heads import lock_head
from shared.exchange.stream.tables import SetRow
from shared.institution.operations.work import Work
from shared.runtime.clock import unix
from tests.builders import Federation, Office
from tests.exchange.builders import forge, header
from tests.federation.saying import joint, problems_at_broker, say, token

ID = "0192f0c1-7c00-7abc-8def-abcdefabcdef"


async def _append(office: Office, signed: SignedSet) -> None:
    async with office.node.db.write() as session:
        head = await lock_head(session, office.id, "broker")
        assert head is not None
        await append_sets(session, head, [signed], office.node.now)


async def _another_under_count(office: Office, n: int, payload: Any) -> SignedSet:
    """Sign another event under a count that was used before, chained as the first was."""
    node = office.node
    async with node.db.read() as session:
        before = await session.scalar(select(SetRow.hash).where(SetRow.iss == office.id, SetRow.n == n - 1))
    draft = Draft(
        type=event_type("support_form.opened.v1"),
        token=token(1),
        payload=payload,
        jti=node.ids.uuid7(),
        txn=node.ids.uuid7(),
        at=unix(node.now),
        n=n,
        prev=before,
    )
    return sign_set(node.key, office.id, node.identity.federation, draft)


async def test_a_count_used_twice_is_found_out_while_restatements_are_awaited(federation: Federation) -> None:
    pup = await federation.join("pup-1611")
    first, late = await federation.join("ops-1611012"), await federation.join("ops-1611053")
    at_pup, at_first = await pup.enrol(1), await first.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-02-01"})
    await federation.settle()
    at_late = await late.enrol(1)
    await federation.push(late)
    await relay_once(federation.broker)
    other = support.SupportForm(form_id=ID, code="PUP-POS", from_=date(2020, 1, 1))
    await _append(pup, await _another_under_count(pup, 2, other))
    await federation.settle()
    assert await problems_at_broker(federation) == ["set-equivocation"]
    for office, client in ((first, at_first), (late, at_late)):
        view = await office.get(f"/v1/clients/{client}/merged-view")
        assert [entry["code"] for entry in view["entries"]] == ["PUP-SZK"]


async def test_nobody_has_told_all_to_members_who_are_still_to_come(federation: Federation) -> None:
    pup = await federation.join("pup-1611")
    first, late = await federation.join("ops-1611012"), await federation.join("ops-1611053")
    await pup.enrol(1), await first.enrol(1)
    await federation.settle()
    await late.enrol(1)
    await federation.push(late)
    await relay_once(federation.broker)
    ahead = people.Restated(generation=900, restatement_id=ID, part=1, parts=1, complete=True, records=())
    await say(first, "record.restated.v1", token(1), ahead)
    await federation.push(first)
    await relay_once(federation.broker)
    assert await problems_at_broker(federation) == ["conflict"]
    async with federation.broker.db.read() as session:
        members = (await merged_view(session, federation.broker.directory.match_keys, token(1), pup.id))["members"]
    assert [member["complete"] for member in members] == [False, False, False]


async def test_what_is_said_between_two_parts_is_replaced_at_once_or_one_by_one(
    federation: Federation, monkeypatch: Any
) -> None:
    pup, ops, _, _ = await joint(federation)
    parts = [
        people.Restated(generation=1, restatement_id=ID, part=part, parts=2, complete=True, records=())
        for part in (1, 2)
    ]
    between = support.Benefit(benefit_id=ID, code="OPS-ZOK", monthly_net=5, from_=date(2025, 1, 1))
    async with ops.node.db.write() as session:
        work = Work(ops.node, session, ops.node.ids.uuid7(), ops.node.now)
        work.tell("record.restated.v1", token(1), parts[0])
        work.tell("benefit.granted.v1", token(1), between)
        work.tell("record.restated.v1", token(1), parts[1])
        await work.finish()
    monkeypatch.setattr(step, "STEP", 1)
    await federation.settle()
    held = [await _records(database, ops.id) for database in (federation.broker.db, pup.node.db)]
    assert held[0] == held[1]


@pytest.mark.parametrize("n", [1_000_001, 9_999_999_999, 1 << 53])
async def test_a_refusal_of_any_count_is_read_by_the_members(federation: Federation, n: int) -> None:
    pup, ops, _, _ = await joint(federation)
    key, now = ops.node.identity.keys[0], unix(ops.node.now)
    claims = {
        "iss": ops.id,
        "aud": f"zwornik:{ops.node.identity.federation}",
        "iat": now,
        "jti": ID,
        "toe": now,
        "txn": ID,
        "sub_id": {"format": "opaque", "id": token(1)},
        "events": {URN + "contract.signed.v1": {}},
        "n": n,
    }
    text = forge(header(kid=key.kid), claims, key)
    await _append(ops, SignedSet(ops.id, ID, text, set_hash(text), token(1)))
    await federation.settle()
    assert await problems_at_broker(federation) == ["set-schema"]
    assert await pup.get("/v1/dead-letters") == []


async def _records(database: Any, author: str) -> list[tuple[str, int]]:
    async with database.read() as session:
        rows = await session.scalars(select(SharedRecordRow).where(SharedRecordRow.iss == author))
        return sorted((row.key, row.n) for row in rows)
