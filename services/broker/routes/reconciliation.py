"""Reconciliation over HTTP: what members exchange in a run, what the operator starts and sees (WIRE.md, section 7)."""

from typing import Annotated, Any

from fastapi import Body, Path, Query
from pydantic import BaseModel, Field

from services.broker.operations.reconcile import anew, requesting, runs
from services.broker.operations.reconcile import streams as ends
from services.broker.routes.asked import Asked
from services.broker.routes.deps import CanRead, CanRedrive, Node, ReadDb, WriteDb
from services.broker.routes.proven import Member
from services.broker.routes.streams import Hash, Incarnation, InstitutionId, require_end
from shared.domain.errors import Forbidden
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.reconciliation.discrepancies import DiscrepancyView, discrepancies
from shared.exchange.reconciliation.views import RunView, StatedRun, one_run, some_runs
from shared.exchange.stream.deliver import MAX_SETS
from shared.exchange.stream.receive import Item
from shared.runtime.app import new_router

router = new_router(tags=["reconciliation"])

MAX_BUCKETS = 32
RunId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
After = Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")]
Limit = Annotated[int, Query(ge=1, le=500)]
_HASH = "dTdUWayoGe7PTZUNLWHHcVi36POQ_szMhHAVVuOH0-Q"


class End(Asked):
    """How far the caller has a stream, and its chain there."""

    incarnation: Incarnation
    position: Annotated[int, Field(ge=0, le=1 << 53)]
    chain: Hash

    def stood(self) -> ends.Stood:
        """Return it as the operation takes it."""
        return ends.Stood(self.incarnation, self.position, jose.decode(self.chain))


class Ends(Asked):
    """Where the caller stands with its own stream and with its mailbox."""

    own: End
    mailbox: End


class Buckets(Asked):
    """Buckets whose clients are to be named."""

    buckets: Annotated[list[Annotated[int, Field(ge=0, le=255)]], Field(min_length=1, max_length=MAX_BUCKETS)]


class GivenEntry(Asked):
    """An entry that the broker has damaged: a SET, or the hash of one of which only that is left."""

    position: Annotated[int, Field(ge=1, le=1 << 53)]
    set: Any


class GivenEntries(Asked):
    """Entries for positions that the broker said are damaged."""

    entries: Annotated[list[GivenEntry], Field(min_length=1, max_length=MAX_SETS)]


class MendedView(BaseModel):
    """Positions that stand again, and those for which the chain proves another past."""

    mended: list[int]
    otherwise: list[int]


class Before(Asked):
    """Where the caller found its stream at the broker."""

    incarnation: Incarnation
    position: Annotated[int, Field(ge=0, le=1 << 53)]


class NewIncarnation(Asked):
    """A new beginning of the caller's own stream after a fork, with its checkpoint of the past that it gives up."""

    incarnation: Incarnation
    before: Before
    checkpoint: Annotated[str, Field(max_length=4096)]


class Begun(BaseModel):
    """The incarnation that the stream has now."""

    incarnation: str


class MailboxesBegun(BaseModel):
    """How many mailboxes were begun anew."""

    mailboxes: int


class NewRuns(BaseModel):
    """Whom to reconcile now; everybody where no institution is named."""

    institution: Annotated[str | None, Field(pattern=r"^(pup|pcpr|ops|ngo)-[0-9]{4,10}$")] = None


class Opened(BaseModel):
    """The runs that go on now."""

    runs: list[str]


_END = {"incarnation": "5f" * 16, "position": 1540, "chain": _HASH}


@router.post("/reconciliations/streams")
async def compare_streams(
    asked: Annotated[Ends, Body(examples=[{"own": _END, "mailbox": _END}])], db: ReadDb, broker: Node, caller: Member
) -> dict[str, Any]:
    """Compare both streams of the caller in one exchange; say what the broker has damaged in them."""
    me = caller.institution
    return {
        "own": await ends.compare(broker, db, me, BROKER, asked.own.stood()),
        "mailbox": await ends.compare(broker, db, BROKER, me, asked.mailbox.stood()),
    }


@router.post("/streams/{owner}/{peer}/repairs")
async def repair_stream(
    owner: InstitutionId,
    peer: InstitutionId,
    asked: Annotated[GivenEntries, Body(examples=[{"entries": [{"position": 1041, "set": "eyJ…"}]}])],
    broker: Node,
    caller: Member,
) -> MendedView:
    """Take entries that the broker has damaged, where the chain proves that they are what stood there."""
    require_end(owner, peer, caller.institution)
    given = {one.position: Item.of(one.set) for one in asked.entries}
    outcome = await ends.take_back(broker, owner, peer, given)
    return MendedView(mended=list(outcome.positions), otherwise=list(outcome.otherwise))


@router.post("/streams/{owner}/incarnations", status_code=201)
async def begin_stream_anew(
    owner: InstitutionId,
    asked: Annotated[
        NewIncarnation,
        Body(
            examples=[
                {
                    "incarnation": "6a" * 16,
                    "before": {"incarnation": "5f" * 16, "position": 1540},
                    "checkpoint": "eyJ…",
                }
            ]
        ),
    ],
    broker: Node,
    caller: Member,
) -> Begun:
    """Begin the caller's own stream anew; what it signed before, and cannot both be true, stays as evidence."""
    if owner != caller.institution:
        raise Forbidden("A member begins its own stream alone.", expected=caller.institution, received=owner)
    before = (asked.before.incarnation, asked.before.position)
    await anew.take_incarnation(broker, owner, asked.incarnation, before, asked.checkpoint)
    return Begun(incarnation=asked.incarnation)


@router.post("/mailboxes/begin-anew", status_code=201)
async def begin_mailboxes_anew(broker: Node, who: CanRedrive) -> MailboxesBegun:
    """Begin all mailboxes anew with who shares whom: after the broker was restored from an older copy."""
    return MailboxesBegun(mailboxes=await anew.begin_mailboxes_anew(broker))


@router.post("/reconciliations/{run_id}/marks")
async def name_clients(
    run_id: RunId,
    asked: Annotated[Buckets, Body(examples=[{"buckets": [3, 77]}])],
    db: ReadDb,
    broker: Node,
    caller: Member,
) -> dict[str, Any]:
    """Name the clients of the caller in buckets that differ, each by one hash of its token and digest."""
    return {"marks": await requesting.marks_in(db, broker, caller.institution, run_id, asked.buckets)}


@router.post("/reconciliations", status_code=202)
async def begin_reconciliations(
    asked: Annotated[NewRuns, Body(examples=[{"institution": "pup-2478"}])], db: WriteDb, broker: Node, who: CanRedrive
) -> Opened:
    """Reconcile one institution or all now; one that is being reconciled goes on."""
    return Opened(runs=await runs.open_runs(db, broker, asked.institution))


@router.get("/reconciliations")
async def list_reconciliations(
    db: ReadDb,
    who: CanRead,
    after: After = "",
    limit: Limit = 100,
    unanswered: Annotated[bool, Query(description="Those alone that the institution did not answer.")] = False,
) -> list[RunView]:
    """List runs in their order, with the institutions that were silent."""
    return await some_runs(db, after, limit, "unanswered" if unanswered else None)


@router.get("/reconciliations/{run_id}")
async def read_reconciliation(run_id: RunId, db: ReadDb, who: CanRead) -> StatedRun:
    """Show one run with its signed statement and the answer that the statement is about."""
    return await one_run(db, run_id)


@router.get("/discrepancies")
async def list_discrepancies(
    db: ReadDb,
    who: CanRead,
    after: After = "",
    limit: Limit = 100,
    state: Annotated[str | None, Query(pattern="^(open|mended|unmended)$")] = None,
) -> list[DiscrepancyView]:
    """List what reconciliation found at the broker, why, and whether it is mended."""
    return await discrepancies(db, after, limit, state)
