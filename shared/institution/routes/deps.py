"""What routes are given: the node, a transaction, a unit of work, the caller, and what headers ask."""

import json
import re
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import APIKeyHeader, HTTPBearer, SecurityScopes
from pydantic import BaseModel

from shared.domain.access import UNSTATED, words
from shared.domain.errors import DomainError, Invalid
from shared.domain.roles import default_purpose
from shared.institution.node import Node
from shared.institution.operations import idempotency
from shared.institution.operations.access import accesses
from shared.institution.operations.access.accesses import Access
from shared.institution.operations.idempotency import Replayed
from shared.institution.operations.work import Work
from shared.runtime.answers import listen
from shared.runtime.bearer import Bearer, Principal
from shared.runtime.database.engine import Session
from shared.runtime.openapi import EITHER

_BEARER = HTTPBearer(
    scheme_name="bearer", bearerFormat="JWT", auto_error=False, description="A token of the office's issuer."
)
PROOF = APIKeyHeader(
    name="Zwornik-Proof",
    scheme_name="proof",
    auto_error=False,
    description="How this node proves its calls to the broker; here for the diagnosis alone.",
)
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


class MalformedIfMatch(Invalid):
    """If-Match names one version, as the ETag of the record does."""


async def _node(request: Request) -> Node:
    node: Node = request.app.state.node
    return node


ThisNode = Annotated[Node, Depends(_node)]
Purpose = Annotated[
    str | None,
    Header(
        alias="Zwornik-Purpose",
        pattern=f"^({'|'.join(words('purpose'))})$",
        description="Why it is read, for the access log; by the reader's role, unless stated.",
    ),
]
LegalBasis = Annotated[
    str | None,
    Header(
        alias="Zwornik-Legal-Basis",
        pattern=f"^({'|'.join(words('legal_basis'))})$",
        description="On which legal basis; that of the client, unless stated.",
    ),
]
Case = Annotated[
    str | None,
    Header(
        alias="Zwornik-Case",
        pattern="^[ -~]{1,100}$",
        description="In which case of the office; that of the client, unless stated.",
    ),
]


async def _principal(request: Request, scopes: SecurityScopes, _: Annotated[object, Security(_BEARER)]) -> Principal:
    bearer: Bearer = request.app.state.bearer
    principal = bearer.principal(request.headers.get("authorization"))
    for scope in scopes.scopes:
        principal.require_one(scope.split(EITHER))
    return principal


async def _access(
    request: Request,
    node: ThisNode,
    who: Annotated[Principal, Depends(_principal)],
    purpose: Purpose = None,
    basis: LegalBasis = None,
    case: Case = None,
) -> Access:
    return Access(
        id=node.ids.uuid7(),
        at=node.now,
        subject=who.subject,
        role=who.role or UNSTATED,
        purpose=purpose or default_purpose(who.role),
        operation=request.scope["route"].name,
        basis=basis,
        case_number=case,
    )


ThisAccess = Annotated[Access, Depends(_access)]


async def _reading(node: ThisNode, access: ThisAccess) -> AsyncIterator[Session]:
    async with node.db.read() as session:
        listen(session, access.answered)
        yield session
    await _log(node, access)


async def _working(request: Request, node: ThisNode, access: ThisAccess) -> AsyncIterator[Work]:
    try:
        async with node.db.write() as session:
            work = Work(node, session, node.ids.uuid7(), node.now)
            listen(session, access.answered)
            yield work
            await accesses.write(session, access)
            await work.finish()
    except Replayed as again:
        access.answered(request.path_params, json.loads(again.body))
        await _log(node, access)
        raise
    except DomainError as refusal:
        access.shown(refusal.members)
        await _log(node, access)
        raise


async def _log(node: Node, access: Access) -> None:
    if access.persons:
        await node.together.do(partial(accesses.write, access=access))


ReadDb = Annotated[Session, Depends(_reading, scope="function")]
"""A session that reads; whom the answer is about stands in the access log before it goes out."""

DoWork = Annotated[Work, Depends(_working, scope="function")]
"""A unit of work that is finished and committed before the answer goes out; its access log is part of it."""


ClientReader = Annotated[Principal, Security(_principal, scopes=["clients:read"])]
ClientWriter = Annotated[Principal, Security(_principal, scopes=["clients:write"])]
SupportWriter = Annotated[Principal, Security(_principal, scopes=["support:write"])]
MergedReader = Annotated[Principal, Security(_principal, scopes=["merged:read"])]
Previewer = Annotated[Principal, Security(_principal, scopes=["benefit:preview"])]
Decider = Annotated[Principal, Security(_principal, scopes=["benefit:decide"])]
Auditor = Annotated[Principal, Security(_principal, scopes=["audit:read"])]
Importer = Annotated[Principal, Security(_principal, scopes=["records:import"])]
Exporter = Annotated[Principal, Security(_principal, scopes=["clients:export"])]
Admin = Annotated[Principal, Security(_principal, scopes=["admin"])]


Protector = Annotated[Principal, Security(_principal, scopes=[f"data:protect{EITHER}admin"])]
"""Who answers for data protection: scope ``data:protect``, which heads have, or ``admin``."""


async def _if_match(if_match: Annotated[str | None, Header(max_length=40)] = None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise MalformedIfMatch(field="If-Match", expected='a version as "3"')
    return int(match[1])


IfMatch = Annotated[int | None, Depends(_if_match)]


@dataclass(frozen=True)
class Once:
    """Answers a repeated request with its first answer; ``key`` is ``None`` where none was given."""

    work: Work
    subject: str
    key: str | None

    async def __call__(self, doing: Awaitable[BaseModel], status: int = 201) -> Any:
        """Do it, and keep the answer under the key."""
        answer = await doing
        if self.key is not None:
            await idempotency.keep(self.work, self.subject, self.key, status, answer.model_dump_json(by_alias=True))
        return answer


async def _once(
    request: Request,
    work: DoWork,
    who: Annotated[Principal, Depends(_principal)],
    idempotency_key: Annotated[str | None, Header(max_length=100, pattern=r"^[\x21-\x7e]{1,100}$")] = None,
) -> Once:
    if idempotency_key is not None:
        asked = f"{request.method} {request.url.path}".encode() + b"\n" + await request.body()
        await idempotency.begin(work, who.subject, idempotency_key, asked)
    return Once(work, who.subject, idempotency_key)


OnlyOnce = Annotated[Once, Depends(_once)]


def tag(response: Response, version: int) -> None:
    """Put the version of a record into the ETag."""
    response.headers["ETag"] = f'"{version}"'
