"""A recipient whom a labour office and a welfare centre share, with benefits at both, and what becomes of the case."""

from typing import Any

from sqlalchemy import select

from shared.exchange.ledger.tables import LedgerRow
from tests.builders import Federation, Office

BUDGET = {"from_month": "2026-01", "until_month": "2027-12", "amount_gr": 10_000_000}


async def books(node: Any) -> dict[tuple[str, str], int]:
    """Return what stands in the books of a node for each month and institution."""
    async with node.db.read() as session:
        sums: dict[tuple[str, str], int] = {}
        for row in await session.scalars(select(LedgerRow)):
            sums[row.month, row.institution] = sums.get((row.month, row.institution), 0) + row.amount_gr
        return {each: gr for each, gr in sums.items() if gr}


class Recipient:
    """A joint recipient with benefits at both offices and, perhaps, a job."""

    def __init__(self, federation: Federation, pup: Office, ops: Office, at_pup: str, at_ops: str) -> None:
        self.federation, self.pup, self.ops, self.at_pup, self.at_ops = federation, pup, ops, at_pup, at_ops

    async def takes_a_job(self, effective: str = "2026-03-01", net_gr: int = 360000) -> str:
        path = f"/v1/clients/{self.at_pup}/employments"
        job = await self.pup.post(path, {"effective": effective, "net_gr": net_gr})
        await self.federation.settle()
        return str(job["id"])

    async def benefit(self, status: int = 200) -> Any:
        return await self.pup.get(f"/v1/clients/{self.at_pup}/degressive-benefit", status)

    async def preview(self, start: str) -> tuple[bool | None, str | None, list[str]]:
        """Ask of a job what it would mean after the last case: eligible, locked until, and remarks on that case."""
        path = f"/v1/clients/{self.at_pup}/degressive-benefit/preview?language=en"
        [found] = (await self.pup.post(path, {"start": start, "net_gr": 300000}, 200))["variants"]
        assert len(found["months"]) in (12, 13)
        codes = [one["code"] for one in found["remarks"]]
        of_last_case = [code for code in codes if code in ("locked", "end_by_month", "case_goes_on")]
        return found["eligible"], found["locked_until"], of_last_case

    async def decide(self, result_hash: str, status: int = 201, decision: str = "approved", **more: Any) -> Any:
        body = {"result_hash": result_hash, "decision": decision} | more
        path = f"/v1/clients/{self.at_pup}/degressive-benefit/decision"
        answer = await self.pup.post(path, body, status)
        await self.federation.settle()
        return answer

    async def letter(self, language: str = "pl") -> str:
        """What the last decision says as it is printed."""
        return str((await self.printed(language))["text"])

    async def printed(self, language: str = "pl") -> Any:
        """The last decision as it is printed, with what stands beside its text."""
        newest = (await self.benefit())["decisions"][-1]["id"]
        path = f"/v1/clients/{self.at_pup}/degressive-benefit/decisions/{newest}?language={language}"
        return await self.pup.get(path)

    async def booked(self) -> int:
        """What stands in the broker's books, and just so in both offices' books."""
        nodes = (self.federation.broker, self.pup.node, self.ops.node)
        sums = [await books(node) for node in nodes]
        assert sums[0] == sums[1] == sums[2]
        return sum(sums[0].values())

    async def appeal(self, path: str, status: int = 201, **body: Any) -> Any:
        answer = await self.pup.post(f"/v1/clients/{self.at_pup}/degressive-benefit/{path}", body, status)
        await self.federation.settle()
        return answer

    async def news(self, job: str, status: int = 201, **change: Any) -> Any:
        """Record another wage of the job, and return what became of the benefit."""
        await self.pup.post(f"/v1/employments/{job}/wage-changes", change, status)
        await self.federation.settle()
        return await self.benefit()


async def make_recipient(
    federation: Federation, *, budget: bool = True, pup_id: str = "pup-2478", ops_id: str = "ops-2478011"
) -> Recipient:
    """Return a recipient with 1 305.20 zł of the labour office and 785.00 zł of the welfare centre a month."""
    pup, ops = await federation.join(pup_id), await federation.join(ops_id)
    at_pup, at_ops = await pup.enrol(1), await ops.enrol(1)
    await federation.settle()
    await pup.post(f"/v1/clients/{at_pup}/registrations", {"from": "2024-06-01"})
    membership = {"arm": "recipient", "county": pup_id[-4:], "from": "2026-01-01"}
    await pup.post(f"/v1/clients/{at_pup}/programme-memberships", membership)
    await pup.post(
        f"/v1/clients/{at_pup}/benefits", {"code": "PUP-ZAS", "monthly_net_gr": 130520, "from": "2025-09-01"}
    )
    await ops.post(f"/v1/clients/{at_ops}/benefits", {"code": "OPS-ZOK", "monthly_net_gr": 50500, "from": "2025-09-01"})
    housing = {"code": "OPS-DMI", "monthly_net_gr": 28000, "remaining_net_gr": 0, "from": "2025-09-01"}
    await ops.post(f"/v1/clients/{at_ops}/benefits", housing)
    if budget:
        await pup.post("/v1/budgets", BUDGET)
    await federation.settle()
    return Recipient(federation, pup, ops, at_pup, at_ops)
