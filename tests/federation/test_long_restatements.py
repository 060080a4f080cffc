"""A restatement of hundreds of records travels in parts, arrives whole, and counts only when all parts are there."""

from typing import Any

import pytest
from sqlalchemy import select

from services.broker.operations.relay.step import relay_once
from shared.exchange.history.tables import AuthorRow, RestatedPartRow, SharedRecordRow
from shared.exchange.sets import parse_set
from shared.exchange.stream.tables import SetRow
from shared.institution.operations.exchange import polling
from tests.builders import Federation, Office
from tests.federation.saying import token
from tests.federation.wires import hold

RECORDS = 450


async def open_many(office: Office, client: str, count: int = RECORDS) -> None:
    forms = [
        {"client_id": client, "code": "PUP-STA", "from": f"2026-0{number % 9 + 1}-0{number // 9 % 9 + 1}"}
        for number in range(count)
    ]
    answer = await office.post("/v1/support-forms/bulk", {"items": forms}, 200)
    assert answer["taken"] == count


async def parts_of(federation: Federation, author: str) -> list[dict[str, Any]]:
    """Return the restatements of an author that the broker holds, as they were signed."""
    async with federation.broker.db.read() as session:
        rows = await session.scalars(select(SetRow).where(SetRow.iss == author).order_by(SetRow.n))
        events = [parse_set(row.text).claims["events"] for row in rows]
    return [
        event["urn:zwornik:event:record.restated.v1"]
        for event in events
        if "urn:zwornik:event:record.restated.v1" in event
    ]


async def held(database: Any, author: str) -> int:
    async with database.read() as session:
        rows = await session.scalars(select(SharedRecordRow).where(SharedRecordRow.iss == author))
        return len([row for row in rows if not row.dropped])


async def test_hundreds_of_records_arrive_whole(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    await open_many(pup, at_pup)
    at_ops = await ops.enrol(1)
    await federation.settle()
    parts = await parts_of(federation, pup.id)
    assert len(parts) > 1
    assert [part["part"] for part in parts] == list(range(1, len(parts) + 1))
    assert {(part["parts"], part["restatement_id"]) for part in parts} == {(len(parts), parts[0]["restatement_id"])}
    assert sum(len(part["records"]) for part in parts) == RECORDS
    for database in (federation.broker.db, ops.node.db, pup.node.db):
        assert await held(database, pup.id) == RECORDS
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert len(view["entries"]) == RECORDS
    member = next(one for one in view["members"] if one["id"] == pup.id)
    assert (member["complete"], member["missing"]) == (True, 0)


async def test_until_the_last_part_nothing_of_it_counts(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    await open_many(pup, at_pup)
    at_ops = await ops.enrol(1)
    for office in (pup, ops):
        await federation.push(office)
    await relay_once(federation.broker)
    wire = hold(ops)
    await _take_one_by_one(federation, pup, ops)
    assert wire.calls
    async with ops.node.db.read() as session:
        waiting = list(await session.scalars(select(RestatedPartRow).order_by(RestatedPartRow.part)))
        author = await session.get(AuthorRow, (token(1), pup.id))
    assert [row.part for row in waiting] == [1]
    assert author is not None
    assert author.baseline_n is None
    view = await ops.get(f"/v1/clients/{at_ops}/merged-view")
    assert [entry for entry in view["entries"] if entry["iss"] == pup.id] == []
    member = next(one for one in view["members"] if one["id"] == pup.id)
    assert not member["complete"]
    await federation.settle()
    assert await held(ops.node.db, pup.id) == RECORDS
    async with ops.node.db.read() as session:
        assert list(await session.scalars(select(RestatedPartRow))) == []


async def _take_one_by_one(federation: Federation, pup: Office, ops: Office) -> None:
    """Let the welfare centre take its match, then the first part alone of what it is told."""
    await polling.poll_once(pup.node, wait_s=0)
    await federation.push(pup)
    await relay_once(federation.broker)
    call = ops.node.client.call

    async def one_at_a_time(method: str, path: str, body: Any = None, **options: Any) -> Any:
        return await call(method, path, body | {"max": 1} if path.endswith("/poll") else body, **options)

    ops.node.client.call = one_at_a_time  # type: ignore[method-assign]
    await polling.poll_once(ops.node, wait_s=0)
    await polling.poll_once(ops.node, wait_s=0)
    ops.node.client.call = call  # type: ignore[method-assign]


async def test_what_changes_while_parts_are_on_their_way_is_not_lost(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    await open_many(pup, at_pup)
    at_ops = await ops.enrol(1)
    for office in (pup, ops):
        await federation.push(office)
    await relay_once(federation.broker)
    await _take_one_by_one(federation, pup, ops)
    first = (await pup.listed(f"/v1/clients/{at_pup}/support-forms"))[0]
    await pup.post(f"/v1/support-forms/{first['id']}/void", status=200)
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-03-02"})
    await federation.settle()
    for database in (federation.broker.db, ops.node.db, pup.node.db):
        assert await held(database, pup.id) == RECORDS
    codes = [entry["code"] for entry in (await ops.get(f"/v1/clients/{at_ops}/merged-view"))["entries"]]
    assert (codes.count("PUP-SZK"), codes.count("PUP-STA")) == (1, RECORDS - 1)


@pytest.mark.parametrize("count", [0, 1])
async def test_of_a_client_with_little_or_nothing_one_part_is_told(federation: Federation, count: int) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup = await pup.enrol(1)
    if count:
        await open_many(pup, at_pup, count)
    await ops.enrol(1)
    await federation.settle()
    [part] = await parts_of(federation, pup.id)
    assert (part["part"], part["parts"], len(part["records"])) == (1, 1, count)
