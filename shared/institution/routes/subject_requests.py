"""What people ask of their data, over the local API: recorded, answered with a reason, lifted."""

from typing import Annotated

from fastapi import Path

from shared.institution.models.bulk import Page
from shared.institution.models.subject_requests import Lifting, NewSubjectRequest, SubjectAnswer, SubjectRequest
from shared.institution.operations import subject_requests
from shared.institution.routes.clients import ClientId
from shared.institution.routes.deps import ClientReader, ClientWriter, DoWork, OnlyOnce, Protector, ReadDb, ThisNode
from shared.runtime.app import new_router

router = new_router("/v1/clients/{client_id}/subject-requests", tags=["data protection"])
RequestId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


@router.post("", status_code=201)
async def record_subject_request(
    client_id: ClientId, new: NewSubjectRequest, work: DoWork, who: ClientWriter, once: OnlyOnce
) -> SubjectRequest:
    """Record that a person asked for rectification, restriction, or objected (GDPR, art. 16, 18, 21)."""
    answer: SubjectRequest = await once(subject_requests.record(work, client_id, new, who.subject))
    return answer


@router.get("")
async def list_subject_requests(
    client_id: ClientId, db: ReadDb, node: ThisNode, who: ClientReader
) -> Page[SubjectRequest]:
    """Return what a person asked of the data, and what became of it, oldest first."""
    return Page(items=list(await subject_requests.of_client(db, node, client_id)), next=None)


@router.post("/{request_id}/answer")
async def answer_subject_request(
    client_id: ClientId, request_id: RequestId, given: SubjectAnswer, work: DoWork, who: Protector, once: OnlyOnce
) -> SubjectRequest:
    """Answer a request with a reason; what restricts the use of the data does so from now on."""
    doing = subject_requests.answer(work, client_id, request_id, given, who.subject)
    answer: SubjectRequest = await once(doing, 200)
    return answer


@router.post("/{request_id}/lift")
async def lift_restriction(
    client_id: ClientId, request_id: RequestId, why: Lifting, work: DoWork, who: Protector, once: OnlyOnce
) -> SubjectRequest:
    """Lift a restriction, or an upheld objection; what changed meanwhile is told to the other members."""
    doing = subject_requests.lift(work, client_id, request_id, why.reason_code, who.subject)
    answer: SubjectRequest = await once(doing, 200)
    return answer
