"""What routes are given: the node, a transaction, a unit of work, the caller, and what headers ask."""

import re
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import APIKeyHeader, HTTPBearer, SecurityScopes
from pydantic import BaseModel

from shared.domain.errors import Invalid
from shared.institution.node import Node
from shared.institution.operations import idempotency
from shared.institution.operations.work import Work
from shared.runtime.bearer import Bearer, Principal
from shared.runtime.database.engine import Session

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


def _node(request: Request) -> Node:
    node: Node = request.app.state.node
    return node


ThisNode = Annotated[Node, Depends(_node)]


async def _reading(node: ThisNode) -> AsyncIterator[Session]:
    async with node.db.read() as session:
        yield session


async def _working(node: ThisNode) -> AsyncIterator[Work]:
    async with node.db.write() as session:
        work = Work(node, session, node.ids.uuid7(), node.now)
        yield work
        await work.finish()


ReadDb = Annotated[Session, Depends(_reading, scope="function")]
DoWork = Annotated[Work, Depends(_working, scope="function")]
"""A unit of work that is finished and committed before the answer goes out."""


async def _principal(request: Request, scopes: SecurityScopes, _: Annotated[object, Security(_BEARER)]) -> Principal:
    bearer: Bearer = request.app.state.bearer
    principal = bearer.principal(request.headers.get("authorization"))
    for scope in scopes.scopes:
        principal.require(scope)
    return principal


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


def _if_match(if_match: Annotated[str | None, Header(max_length=40)] = None) -> int | None:
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
