"""The directory and registration over HTTP; and the diagnosis of a proof (WIRE.md, sections 1 and 3)."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Body, Header, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.broker.operations import directory as operations
from services.broker.operations import register, revoke
from services.broker.routes.deps import CanApprove, CanRead, CanSuspend, Node, ReadDb, WriteDb
from services.broker.tables import InstitutionRow
from shared.exchange.diagnosis import Diagnosis, Question, diagnosis
from shared.exchange.directory import DIRECTORY_TYPE, KEY_TYPE, directory_hash
from shared.runtime.app import new_router
from shared.runtime.clock import unix

router = new_router(tags=["directory"])

Id = Annotated[str, Path(pattern=r"^(pup|pcpr|ops|ngo)-[0-9]{4,10}$", examples=["pup-2478"])]


class Statement(BaseModel):
    """A registration statement: a JWT of typ zwornik-registration+jwt, signed with the key it introduces."""

    statement: Annotated[str, Field(max_length=16_384, examples=["eyJ…"])]
    model_config = ConfigDict(extra="forbid")


class Registered(BaseModel):
    """What waits for the operator; compare the thumbprint by another channel."""

    id: str
    state: str
    thumbprint: str


class Approval(BaseModel):
    """The thumbprint that the operator compared with the institution's."""

    thumbprint: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", examples=["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"])
    ]
    model_config = ConfigDict(extra="forbid")


class Compromise(BaseModel):
    """Since when a key may be in other hands; what the broker received under it from then on is set aside."""

    compromised_since: Annotated[AwareDatetime, Field(examples=["2026-11-28T06:30:00+01:00"])]
    model_config = ConfigDict(extra="forbid")


class Revoked(BaseModel):
    """A key that is no longer believed, and how many SETs were set aside at the broker for it."""

    id: str
    thumbprint: str
    compromised_since: datetime
    set_aside: int


class InstitutionView(BaseModel):
    """An institution as the operator sees it."""

    id: str
    kind: str
    name: str
    area: list[str]
    contact: str
    state: str


class WaitingKey(BaseModel):
    """A key that waits for approval, and what is stated with it: all of it counts once the key is approved."""

    id: str
    thumbprint: str
    name: str
    area: list[str]
    contact: str
    introduced: Annotated[bool, Field(description="Whether the institution's current key signed for this one.")]


@router.get("/directory", response_class=Response)
async def read_directory(broker: Node, if_none_match: Annotated[str | None, Header(max_length=200)] = None) -> Response:
    """Return the signed directory, a JWT of typ zwornik-directory+jwt."""
    token = broker.directory_token
    etag = f'"{directory_hash(token)}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if if_none_match == etag:
        return Response(status_code=304, headers=headers)
    return Response(token, media_type=f"application/{DIRECTORY_TYPE}", headers=headers)


@router.get("/directory/keys/{kid}", response_class=Response)
async def read_key(kid: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")], broker: Node, db: ReadDb) -> Response:
    """Return the broker's signed word on a key, listed or retired: keys are kept for ever."""
    return Response(await operations.key_statement(db, broker, kid), media_type=f"application/{KEY_TYPE}")


@router.post("/institutions", status_code=202)
async def register_institution(body: Statement, broker: Node) -> Registered:
    """Take a registration, or a change of key of a known institution: it waits for the operator.

    Under a key that is current, contact and desks are taken at once.
    """
    async with broker.db.write() as session:
        row, thumbprint = await register.register(session, broker, body.statement)
        answer = Registered(id=row.id, state=row.state, thumbprint=thumbprint)
    await operations.reload(broker)
    return answer


@router.get("/institutions")
async def list_institutions(db: ReadDb, who: CanRead) -> list[InstitutionView]:
    """List all institutions, pending ones too."""
    return [_view(row) for row in await register.all_institutions(db)]


@router.get("/institutions/waiting-keys")
async def list_waiting_keys(db: ReadDb, who: CanRead) -> list[WaitingKey]:
    """List the keys that wait for approval."""
    return [
        WaitingKey(
            id=one.id,
            thumbprint=one.key.kid,
            name=one.name,
            area=list(one.area),
            contact=one.contact,
            introduced=one.introduction is not None,
        )
        for one in await register.waiting(db)
    ]


@router.post("/institutions/{institution}/approve")
async def approve_institution(
    institution: Id, body: Annotated[Approval, Body()], broker: Node, who: CanApprove
) -> InstitutionView:
    """Approve an institution or its new key, after comparing the thumbprint by another channel."""
    async with broker.db.write() as session:
        row = await register.approve(session, broker, institution, body.thumbprint)
        view = _view(row)
    await operations.reload(broker)
    return view


@router.post("/institutions/{institution}/reject", status_code=204)
async def reject_key(institution: Id, body: Annotated[Approval, Body()], db: WriteDb, who: CanApprove) -> None:
    """Forget a key that waits: it is not the institution's."""
    await register.reject(db, institution, body.thumbprint)


@router.post("/institutions/{institution}/keys/{kid}/revoke")
async def revoke_key(
    institution: Id,
    kid: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$", examples=["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"])],
    body: Compromise,
    broker: Node,
    who: CanSuspend,
) -> Revoked:
    """Believe a key no more since a moment: it was stolen, or may have been. Every member knows within a refresh."""
    async with broker.db.write() as session:
        key = await revoke.revoke(session, broker, institution, kid, body.compromised_since)
        since = datetime.fromtimestamp(key.jwk["compromised_since"], UTC)
    await operations.reload(broker)
    number = await revoke.follow_revocations(broker)
    return Revoked(id=institution, thumbprint=kid, compromised_since=since, set_aside=number)


@router.post("/institutions/{institution}/{state}")
async def change_state(
    institution: Id, state: Annotated[str, Path(pattern="^(suspend|resume|retire)$")], broker: Node, who: CanSuspend
) -> InstitutionView:
    """Suspend, resume or retire an institution."""
    states = {"suspend": "suspended", "resume": "active", "retire": "retired"}
    async with broker.db.write() as session:
        view = _view(await register.set_state(session, broker, institution, states[state]))
    await operations.reload(broker)
    return view


@router.post("/diagnostics/verify")
async def diagnose_proof(body: Question, broker: Node) -> Diagnosis:
    """Run the very checks of a call on a proof, and say which passed."""
    return diagnosis(body, broker.directory, unix(broker.now))


def _view(row: InstitutionRow) -> InstitutionView:
    return InstitutionView(id=row.id, kind=row.kind, name=row.name, area=row.area, contact=row.contact, state=row.state)
