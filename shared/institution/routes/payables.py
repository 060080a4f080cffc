"""What the office pays over the local API: budgets, payable lists, claims."""

import csv
import io
from typing import Annotated, Literal

from fastapi import Path, Query
from fastapi.responses import Response

from shared.institution.models.payables import (
    BookedLines,
    Budget,
    ChangedBudget,
    Claim,
    ClaimSettlement,
    Month,
    NewBudget,
    PayableLine,
    PayableList,
)
from shared.institution.operations.benefit import budgets, claims, payables
from shared.institution.operations.benefit.payables import Line
from shared.institution.routes.deps import DoWork, IfMatch, MergedReader, OnlyOnce, ReadDb, SupportWriter, ThisNode
from shared.runtime.answers import told
from shared.runtime.app import new_router

router = new_router(tags=["payments"])
ThisMonth = Annotated[Month, Path()]
OurId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
_COLUMNS = ("client_id", "case_id", "covers", "held_back_gr", "payable_gr", "overpaid_gr", "state", "booked_at")


@router.get("/budgets")
async def list_budgets(db: ReadDb, node: ThisNode, who: MergedReader) -> list[Budget]:
    """List the budgets for the office's shares of the degressive benefit, and what of each is reserved."""
    return [_budget(one) for one in await budgets.all_budgets(db, node.id)]


@router.post("/budgets", status_code=201)
async def set_budget(new: NewBudget, work: DoWork, who: SupportWriter, once: OnlyOnce) -> Budget:
    """Set a budget for months that have none; a grant is refused where the budget does not hold it."""

    async def doing() -> Budget:
        return _budget(await budgets.set_budget(work, new.from_month, new.until_month, new.amount_gr))

    answer: Budget = await once(doing())
    return answer


@router.patch("/budgets/{budget_id}")
async def change_budget(
    budget_id: OurId, change: ChangedBudget, work: DoWork, who: SupportWriter, version: IfMatch
) -> Budget:
    """Change the amount of a budget; what is granted already stays granted."""
    return _budget(await budgets.change_budget(work, budget_id, change.amount_gr, version))


@router.get("/payables/{month}", response_model=PayableList, responses={200: {"content": {"text/csv": {}}}})
async def list_payables(
    month: ThisMonth,
    db: ReadDb,
    node: ThisNode,
    who: MergedReader,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> PayableList | Response:
    """Return the payable list (*lista wypłat*) of a month: the month itself, arrears, and what is held back."""
    lines = [_line(line) for line in await payables.listed(db, node.id, month)]
    found = _list(node.id, month, lines)
    return found if form == "json" else told(db, found, _as_csv(lines))


@router.post("/payables/{month}/booked")
async def mark_payables_booked(
    month: ThisMonth, body: BookedLines, work: DoWork, who: SupportWriter, once: OnlyOnce
) -> PayableList:
    """Mark lines as paid, by case and amount; marking them twice changes nothing."""

    async def doing() -> PayableList:
        amounts = [(item.case_id, item.payable_gr) for item in body.items]
        lines = await payables.mark_booked(work, month, amounts, who.subject)
        return _list(work.node.id, month, [_line(line) for line in lines])

    answer: PayableList = await once(doing(), 200)
    return answer


@router.get("/claims")
async def list_claims(db: ReadDb, node: ThisNode, who: MergedReader) -> list[Claim]:
    """List what is overpaid: claims (*należność*) on cases that have ended, and what later payments still hold back."""
    return [_claim(one) for one in await claims.open_claims(db, node)]


@router.post("/claims/{case_id}/settlements", status_code=201)
async def settle_claim(
    case_id: OurId, body: ClaimSettlement, work: DoWork, who: SupportWriter, once: OnlyOnce
) -> Claim:
    """Note that a claim, or a part of it, was recovered or remitted; return what is left."""

    async def doing() -> Claim:
        return _claim(
            await claims.settle_claim(work, case_id, body.kind, body.amount_gr, body.reason_code, who.subject)
        )

    answer: Claim = await once(doing())
    return answer


def _budget(standing: budgets.Standing) -> Budget:
    row, reserved = standing
    free = row.amount_gr - reserved
    return Budget(
        id=row.id,
        from_month=row.from_month,
        until_month=row.until_month,
        amount_gr=row.amount_gr,
        reserved_gr=reserved,
        free_gr=max(0, free),
        short_gr=max(0, -free),
        version=row.version,
        updated_at=row.updated_at,
    )


def _line(line: Line) -> PayableLine:
    account, payable, booked_at = line.account, line.payable, line.booked_at
    return PayableLine(
        client_id=account.client_id,
        case_id=account.case_id,
        covers=payable.covers,
        held_back_gr=payable.held_back_gr,
        payable_gr=payable.payable_gr,
        overpaid_gr=payable.overpaid_gr,
        state="booked" if booked_at else "open",
        booked_at=booked_at,
    )


def _list(institution: str, month: str, lines: list[PayableLine]) -> PayableList:
    booked = sum(line.payable_gr for line in lines if line.booked_at)
    total = sum(line.payable_gr for line in lines)
    return PayableList(institution=institution, month=month, lines=lines, payable_gr=total, booked_gr=booked)


def _claim(claim: claims.Claim) -> Claim:
    return Claim(
        client_id=claim.account.client_id,
        case_id=claim.account.case_id,
        overpaid_gr=claim.overpaid_gr,
        state="claim" if claim.is_due else "open",
    )


def _as_csv(lines: list[PayableLine]) -> Response:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_COLUMNS)
    for line in lines:
        values = line.model_dump(mode="json") | {"covers": " ".join(f"{m}:{gr}" for m, gr in line.covers.items())}
        table.writerow([values[name] for name in _COLUMNS])
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8")
