"""What a member misses it may ask for; what it was never told it may not (WIRE.md, sections 4 and 5)."""

from typing import Any

from sqlalchemy import select

from shared.exchange.stream.tables import SetRow
from tests.builders import Federation, Office
from tests.federation.saying import token


async def ask(office: Office, author: str, counts: list[int]) -> Any:
    body = {"token": token(1), "iss": author, "n": counts}
    return await office.node.client.call("POST", "/v1/missing-sets", body)


async def counts_of(office: Office, author: str) -> list[int | None]:
    """Return the counts of an author's shared events that an office holds."""
    async with office.node.db.read() as session:
        rows = select(SetRow.n).where(SetRow.iss == author, SetRow.n.is_not(None)).order_by(SetRow.n)
        return list(await session.scalars(rows))


async def test_who_joins_late_is_not_given_what_was_said_before(federation: Federation) -> None:
    pup = await federation.join("pup-1611")
    first, late = await federation.join("ops-1611012"), await federation.join("ops-1611053")
    at_pup, _ = await pup.enrol(1), await first.enrol(1)
    await federation.settle()
    form = await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-02-01"})
    await pup.post(f"/v1/support-forms/{form['id']}/void", status=200)
    await federation.settle()
    await late.enrol(1)
    await federation.settle()
    assert await counts_of(late, pup.id) == [4], "the restatement"
    answer = await ask(late, pup.id, [1, 2, 3, 4, 5])
    assert (answer["mailed"], answer["unknown"]) == ([4], [1, 2, 3, 5])
    await federation.settle()
    assert await counts_of(late, pup.id) == [4]


async def test_what_was_said_since_the_restatement_is_mailed_again(federation: Federation) -> None:
    pup, ops = await federation.join("pup-2478"), await federation.join("ops-2478011")
    at_pup, _ = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/support-forms", {"code": "PUP-SZK", "from": "2026-02-01"})
    await federation.settle()
    assert (await ask(ops, pup.id, [1, 2]))["mailed"] == [1, 2]
