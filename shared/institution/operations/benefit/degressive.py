"""The degressive benefit as an official sees it: the newest assessment, explained from the office's own records.

The office runs the same rule on what it holds: where that gives the hash that the broker published, the explanation
is told from it; where it does not, the view says so and no explanation is invented.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.benefit.case_settings import case_settings
from shared.domain.benefit.explain import Language, explain
from shared.domain.benefit.ledger import proposed
from shared.domain.benefit.prospect.telling import Telling
from shared.domain.errors import NotFound
from shared.exchange.ledger.book import entries_of
from shared.institution.models.benefit import DegressiveBenefit, LedgerEntry, MonthWithBeside
from shared.institution.models.beside import BesideMonth
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.benefit import appeals, books
from shared.institution.operations.benefit.beside import Shown, shown_beside
from shared.institution.operations.benefit.books import CaseFile, decisions_of, newest
from shared.institution.operations.benefit.recomputed import Recomputed, recomputed
from shared.institution.tables import AssessmentRow

_INCOME = {
    False: "no (unverified: whether the degressive benefit counts as income is not settled in law)",
    True: "yes (unverified: whether the degressive benefit counts as income is not settled in law)",
}


async def degressive_benefit(
    session: AsyncSession, node: Node, client_id: str, language: Language
) -> DegressiveBenefit:
    """Return the newest assessment of a client with its explanation and its decisions.

    :raises NotFound: no such client, or no assessment of the client.
    """
    client = await clients.get(session, client_id)
    latest = await newest(session, client_id)
    if latest is None:
        raise NotFound("There is no assessment of this client.")
    case = await books.case_file(session, latest.case_id)
    own = await recomputed(session, node, client, latest)
    entries = await entries_of(session, latest.case_id)
    return DegressiveBenefit(
        client_id=client_id,
        case_id=latest.case_id,
        assessment_id=latest.assessment_id,
        result_hash=latest.result_hash,
        complete=latest.complete,
        open_discrepancies=latest.open_discrepancies,
        recomputed=own is not None,
        total_gr=latest.total_gr,
        gap_gr=latest.gap_gr,
        proposed=_proposed(case),
        booked_gr=sum(entry.amount_gr for entry in entries),
        versions=latest.versions,
        inputs=latest.inputs,
        received_at=latest.received_at,
        decisions=appeals.shown(await decisions_of(session, client_id)),
        **_told(latest, own, await shown_beside(session, node, client_id, own, Telling(language)), language),
        **_standing(case, own, node.now.date()),
    )


def _told(latest: AssessmentRow, own: Recomputed | None, shown: Shown, language: Language) -> dict[str, Any]:
    """Return the months with their explanation and what stands beside, where the office's own records give the same."""
    explanation = explain(own.working, language=language) if own else None
    texts: Sequence[str | None] = explanation.months if explanation else [None] * len(latest.months)
    besides: Sequence[BesideMonth | None] = shown.months if own else [None] * len(latest.months)
    months = zip(latest.months, texts, besides, strict=True)
    return {
        "months": [MonthWithBeside(**month, explanation=text, beside=beside) for month, text, beside in months],
        "remarks": shown.remarks,
        "summary": explanation.summary if explanation else None,
    }


def _standing(case: CaseFile, own: Recomputed | None, today: date) -> dict[str, Any]:
    """Return how the case stands on a day: its state, its end and its lock, and what it counts as."""
    ends_on = own.assembled.ends_on(today) if own else None
    start = (own.assembled.first_start if own else None) or today
    settings = case_settings(on=start)
    return {
        "state": _state(case, ended=ends_on is not None and ends_on < today),
        "ends_on": ends_on,
        "locked_until": settings.locked_until(ends_on) if ends_on and case.course.has_run else None,
        "counts_as_income": counted_as_income(start),
    }


def counted_as_income(on: date) -> str:
    """Return what is printed under every schedule: whether the benefit is income for other benefits, unverified."""
    return _INCOME[case_settings(on=on).counts_as_income]


def _proposed(case: CaseFile) -> list[LedgerEntry]:
    """Return what waits for an official: what the newest complete assessment lowers of what was granted."""
    newest_complete = case.newest_complete
    if newest_complete is None or newest_complete.result_hash == case.standing.dismissed:
        return []
    entries = proposed(granted=case.granted, newest=newest_complete.months)
    return [LedgerEntry.model_validate(entry) for entry in entries]


def _state(case: CaseFile, *, ended: bool) -> str:
    stands = case.standing
    if stands.state == "proposed":
        return "proposed" if books.is_complete(case.latest) else "provisional"
    if stands.granted is None or stands.state == "appealed":
        return stands.state
    if case.latest.result_hash not in (stands.granted.result_hash, stands.dismissed):
        return "corrected"
    return "ended" if ended else stands.state
