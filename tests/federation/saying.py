"""People whom two offices share, and an office that says what its own API would never let it say."""

import json
from typing import Any

from sqlalchemy import select

from shared.domain.institutions import BROKER
from shared.domain.pesel import Pesel
from shared.exchange import jose
from shared.exchange.sets import SignedSet
from shared.exchange.stream.tables import DeadLetterRow, SetRow
from shared.institution.operations.work import Work
from tests.builders import MATCH_KEY, Federation, Office, pesel


def token(number: int) -> str:
    """Return the token of the person of a number."""
    return MATCH_KEY.token(Pesel(pesel(number)))


async def say(office: Office, name: str, about: str, *payloads: Any) -> list[SignedSet]:
    """Sign events and put them into the office's stream, past all that its API checks."""
    async with office.node.db.write() as session:
        work = Work(office.node, session, office.node.ids.uuid7(), office.node.now)
        for payload in payloads:
            work.tell(name, about, payload)
        await work.finish()
    return work.signed


async def joint(federation: Federation, number: int = 1) -> tuple[Office, Office, str, str]:
    """Return a labour office and a welfare centre, and the ids of the client they share."""
    pup = federation.offices.get("pup-2478") or await federation.join("pup-2478")
    ops = federation.offices.get("ops-2478011") or await federation.join("ops-2478011")
    at_pup, at_ops = await pup.enrol(number), await ops.enrol(number)
    await federation.settle()
    return pup, ops, at_pup, at_ops


async def named_to(office: Office) -> set[str]:
    """Return every institution that the broker ever named to an office."""
    named: set[str] = set()
    async with office.node.db.read() as session:
        for text in await session.scalars(select(SetRow.text).where(SetRow.iss == BROKER)):
            [payload] = json.loads(jose.decode(text.split(".")[1]))["events"].values()
            named.update(payload.get("members", ()))
    return named


async def recipient(federation: Federation, number: int = 1) -> tuple[Office, Office, str, str]:
    """Return two offices that share a long-term unemployed recipient who gets a benefit."""
    pup, ops, at_pup, at_ops = await joint(federation, number)
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2024-06-01"})
    membership = {"arm": "recipient", "county": "2478", "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    benefit = {"code": "PUP-ZAS", "monthly_net_gr": 130520, "from": "2025-09-01"}
    await pup.post(f"/v1/clients/{at_pup}/benefits", benefit)
    await federation.settle()
    return pup, ops, at_pup, at_ops


async def takes_a_job(office: Office, client: str, **changes: Any) -> str:
    """Record a job of a client and return its id."""
    job = {"effective": "2026-03-01", "net_gr": 360000} | changes
    return str((await office.post(f"/v1/clients/{client}/employments", job))["id"])


async def benefit_of(office: Office, client: str, status: int = 200) -> Any:
    """Return the degressive benefit of a client as the office shows it."""
    return await office.get(f"/v1/clients/{client}/degressive-benefit", status)


async def approve(office: Office, client: str, result_hash: str, status: int = 201) -> Any:
    """Approve the assessment whose result was on the screen."""
    body = {"result_hash": result_hash, "decision": "approved"}
    return await office.post(f"/v1/clients/{client}/degressive-benefit/decision", body, status)


async def problems_at_broker(federation: Federation) -> list[str]:
    """Return the problems of all SETs that the broker did not take, oldest first."""
    async with federation.broker.db.read() as session:
        rows = select(DeadLetterRow).where(DeadLetterRow.found_by == "self").order_by(DeadLetterRow.id)
        return [row.problem for row in await session.scalars(rows)]
