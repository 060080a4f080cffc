"""The degressive benefit of a client over the local API: assessment, decision, appeal, books, eligibility."""

from typing import Annotated, Literal

from fastapi import Path, Query
from fastapi.responses import PlainTextResponse

from shared.institution.models.benefit import Decision, DegressiveBenefit, NewDecision
from shared.institution.models.case import AppealOutcome, CaseBooks, DecisionDocument, Eligibility, NewAppeal
from shared.institution.operations.benefit import appeals, books, decisions, degressive, document, eligibility, ledger
from shared.institution.operations.benefit.decisions import Verdict
from shared.institution.routes.clients import ClientId
from shared.institution.routes.deps import Decider, DoWork, MergedReader, OnlyOnce, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router("/v1/clients/{client_id}/degressive-benefit", tags=["degressive benefit"])
Language = Annotated[Literal["pl", "en"], Query(description="Language of the explanation.")]
DecisionId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.get("")
async def read_degressive_benefit(
    client_id: ClientId, db: ReadDb, node: ThisNode, who: MergedReader, language: Language = "pl"
) -> DegressiveBenefit:
    """Return the newest assessment of the degressive benefit (*wsparcie degresywne*), explained month by month."""
    return await degressive.degressive_benefit(db, node, client_id, language)


@router.get("/eligibility")
async def read_eligibility(
    client_id: ClientId, db: ReadDb, node: ThisNode, who: MergedReader, language: Language = "pl"
) -> Eligibility:
    """Return whether the client may have the benefit, condition by condition, and why not."""
    return await eligibility.eligibility(db, node, client_id, language)


@router.get("/ledger")
async def read_ledger(client_id: ClientId, db: ReadDb, who: MergedReader) -> CaseBooks:
    """Return the books of the newest case: every entry and correction, and what this office paid."""
    return await ledger.books_of(db, client_id)


@router.post("/decision", status_code=201)
async def decide_degressive_benefit(
    client_id: ClientId, new: NewDecision, work: DoWork, who: Decider, once: OnlyOnce
) -> Decision:
    """Decide on the newest assessment, by the hash of the result that was on the screen."""
    verdict = Verdict(kind=new.decision, reason_code=new.reason_code, result_hash=new.result_hash)
    answer: Decision = await once(_decided(work, client_id, verdict, who.subject))
    return answer


@router.post("/appeal", status_code=201)
async def lodge_appeal(client_id: ClientId, new: NewAppeal, work: DoWork, who: Decider, once: OnlyOnce) -> Decision:
    """Note an appeal (*odwołanie*) against the last decision; until its outcome nothing else is decided."""
    verdict = Verdict(kind="appealed", reason_code=new.reason_code, happened_on=new.lodged_on)
    answer: Decision = await once(_decided(work, client_id, verdict, who.subject))
    return answer


@router.post("/appeal/outcome", status_code=201)
async def conclude_appeal(
    client_id: ClientId, new: AppealOutcome, work: DoWork, who: Decider, once: OnlyOnce
) -> Decision:
    """Note what became of an appeal; nobody is made worse off by one."""
    verdict = Verdict(
        kind=new.outcome, reason_code=new.reason_code, result_hash=new.result_hash, happened_on=new.decided_on
    )
    answer: Decision = await once(_decided(work, client_id, verdict, who.subject))
    return answer


@router.get(
    "/decisions/{decision_id}",
    response_model=DecisionDocument,
    responses={200: {"content": {"text/plain": {}}}},
)
async def read_decision(
    client_id: ClientId,
    decision_id: DecisionId,
    db: ReadDb,
    node: ThisNode,
    who: MergedReader,
    form: Annotated[Literal["json", "text"], Query(alias="format")] = "json",
    language: Annotated[Literal["pl", "en"], Query(description="pl is the decision; en a translation.")] = "pl",
) -> DecisionDocument | PlainTextResponse:
    """Return a decision as it is printed (*decyzja*), in Polish: authority, basis, amounts, reasons, appeal.

    In English it is a translation and says so; it is a conflict once the facts of the decision have changed.
    """
    found = await document.decision_document(db, node, client_id, decision_id, language)
    return found if form == "json" else PlainTextResponse(found.text)


async def _decided(work: DoWork, client_id: str, verdict: Verdict, by: str) -> Decision:
    row = await decisions.decide(work, client_id, verdict, by)
    listed = await books.decisions_of(work.session, client_id)
    return next(one for one in appeals.shown(listed) if one.id == row.id)
