"""What routes are given: the broker, a transaction, the operator who calls."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer, SecurityScopes

from services.broker.node import Broker
from shared.runtime.bearer import Bearer, Principal
from shared.runtime.database.engine import Session

_BEARER = HTTPBearer(
    scheme_name="bearer", bearerFormat="JWT", auto_error=False, description="A token of the operator's issuer."
)


async def _broker(request: Request) -> Broker:
    broker: Broker = request.app.state.broker
    return broker


Node = Annotated[Broker, Depends(_broker)]


async def _reading(broker: Node) -> AsyncIterator[Session]:
    async with broker.db.read() as session:
        yield session


async def _writing(broker: Node) -> AsyncIterator[Session]:
    async with broker.db.write() as session:
        yield session


ReadDb = Annotated[Session, Depends(_reading, scope="function")]
WriteDb = Annotated[Session, Depends(_writing, scope="function")]
"""A transaction that is committed before the answer goes out."""


async def _principal(request: Request, scopes: SecurityScopes, _: Annotated[object, Security(_BEARER)]) -> Principal:
    bearer: Bearer = request.app.state.bearer
    principal = bearer.principal(request.headers.get("authorization"))
    for scope in scopes.scopes:
        principal.require(scope)
    return principal


CanRead = Annotated[Principal, Security(_principal, scopes=["broker:read"])]
CanApprove = Annotated[Principal, Security(_principal, scopes=["broker:approve"])]
CanSuspend = Annotated[Principal, Security(_principal, scopes=["broker:suspend"])]
CanRedrive = Annotated[Principal, Security(_principal, scopes=["broker:redrive"])]
