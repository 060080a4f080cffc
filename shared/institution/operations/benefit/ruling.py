"""What a decision says: its kind, amounts and reasons, from what the office knows when it is taken."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.explain import Language, explain
from shared.domain.benefit.ledger import Months, proposed
from shared.domain.benefit.prospect.telling import Telling
from shared.domain.decision_text import Ruling
from shared.institution.node import Node
from shared.institution.operations.benefit.appeals import appeal_of
from shared.institution.operations.benefit.beside import Shown, shown_beside
from shared.institution.operations.benefit.books import CaseFile
from shared.institution.operations.benefit.eligibility import eligibility
from shared.institution.operations.benefit.recomputed import recomputed
from shared.institution.tables import AssessmentRow, ClientRow, DecisionRow


def kind_of_ruling(case: CaseFile, decision: str) -> str:
    """Return what a decision is on a case before it: a refusal after a grant leaves a lowering undone, ``kept``."""
    return "kept" if decision == "refused" and case.standing.granted else decision


def office_name(node: Node, institution: str) -> str:
    """Return the name of an office as the directory has it, else its id."""
    return _names(node).get(institution, institution)


async def ruling_of(
    session: AsyncSession, node: Node, client: ClientRow, case: CaseFile, row: DecisionRow, language: Language
) -> Ruling:
    """Return what a decision says; ``case`` is the case before it."""
    known = (one for one in reversed(case.assessments) if one.assessment_id == row.assessment_id)
    assessment = next(known, case.latest)
    kind = kind_of_ruling(case, row.decision)
    values: dict[str, Any] = {"reasons": (), "beside": {}, "months": assessment.months, "total_gr": assessment.total_gr}
    if kind in ("approved", "changed"):
        values |= await _worked_out(session, node, client, assessment, language)
    elif kind == "kept":
        values |= _kept(case.granted or (), assessment.months)
    elif kind == "refused" and row.reason_code == "conditions_not_met":
        values |= {"reasons": await _unmet(session, node, client.id, language)}
    return Ruling(
        kind=kind,
        authority=office_name(node, node.id),
        case_number=client.case_number,
        person=f"{client.given_names} {client.surname}",
        decided_on=row.decided_at.date(),
        reason_code=row.reason_code,
        result_hash=row.result_hash,
        settings=case_settings(on=row.decided_at.date()),
        offices=_names(node),
        appeal=appeal_of(case.decisions, row),
        **values,
    )


async def _worked_out(
    session: AsyncSession, node: Node, client: ClientRow, assessment: AssessmentRow, language: Language
) -> dict[str, Any]:
    """Return the explanations of the months and what stands beside, where the office can recompute the schedule."""
    own = await recomputed(session, node, client, assessment)
    told = explain(own.working, language=language) if own else None
    shown = await shown_beside(session, node, client.id, own, Telling(language))
    return {"reasons": (*told.months, told.summary) if told else (), "beside": _beside(assessment, shown)}


def _kept(granted: Months, newest: Months) -> dict[str, Any]:
    """Return the months granted before, and each that would have been lowered: its amount and the lower one."""
    lowered = {entry.month for entry in proposed(granted=granted, newest=newest)}
    then = {month["month"]: month["amount_gr"] for month in newest}
    return {
        "months": granted,
        "total_gr": sum(month["amount_gr"] for month in granted),
        "lowered": {
            month["month"]: (month["amount_gr"], then.get(month["month"], 0))
            for month in granted
            if month["month"] in lowered
        },
    }


async def _unmet(session: AsyncSession, node: Node, client_id: str, language: Language) -> Sequence[str]:
    found = await eligibility(session, node, client_id, language)
    return [f"{one.expected}: {one.found}" for one in found.conditions if one.met is False]


def _beside(assessment: AssessmentRow, shown: Shown) -> dict[str, str]:
    """Return what stands beside each month; empty where the office cannot recompute the schedule."""
    names = (month["month"] for month in assessment.months)
    return {name: beside.explanation for name, beside in zip(names, shown.months, strict=False)}


def _names(node: Node) -> Mapping[str, str]:
    directory = node.client.directory
    return {name: member.name for name, member in directory.members.items()} if directory else {}
