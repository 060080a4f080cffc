"""What the broker holds of an institution's records, named by digests (WIRE.md, section 7, "Records")."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.tables import EnrolmentRow, MembershipRow, PersonPairRow, RelayCursorRow
from shared.domain.errors import NotFound
from shared.domain.events.payloads.reconciliation import ReconciliationRequested
from shared.domain.institutions import BROKER
from shared.domain.reconciliation import bucket_digests, bucket_of, client_digest, mark
from shared.exchange import jose
from shared.exchange.reconciliation.records import client_digests
from shared.exchange.reconciliation.tables import ReconciliationRow
from shared.exchange.stream.append import append_sets
from shared.exchange.stream.heads import find_head, lock_head


async def request(broker: Broker, run: ReconciliationRow) -> None:
    """Ask an institution to compare; the run moves to ``requested`` with the request in its mailbox."""
    async with broker.db.read() as session:
        position = await relayed(session, run.institution)
        digests = bucket_digests(await shared_digests(session, broker, run.institution))
    payload = ReconciliationRequested(
        reconciliation_id=run.id, digests=tuple(map(jose.encode, digests)), position=position or None
    )
    async with broker.db.write() as session:
        row = await session.get_one(ReconciliationRow, run.id, with_for_update=True, populate_existing=True)
        head = await lock_head(session, BROKER, run.institution)
        if row.state != "open" or head is None:
            return
        signed = broker.event("reconciliation.requested.v1", run.id, payload, broker.now)
        await append_sets(session, head, [signed], broker.now)
        row.state, row.position, row.request = "requested", position, jose.encode(signed.hash)
    broker.bells.ring(run.institution)


async def marks_in(
    session: AsyncSession, broker: Broker, institution: str, run: str, buckets: Sequence[int]
) -> Mapping[int, list[str]]:
    """Name the clients of an institution in some buckets, each by one hash.

    :raises NotFound: the run is not of this institution.
    """
    row = await session.get(ReconciliationRow, run)
    if row is None or row.institution != institution:
        raise NotFound()
    named: dict[int, list[str]] = {bucket: [] for bucket in buckets}
    for token, digest in (await shared_digests(session, broker, institution)).items():
        if (bucket := bucket_of(token)) in named:
            named[bucket].append(jose.encode(mark(token, digest)))
    return named


async def shared_digests(session: AsyncSession, broker: Broker, institution: str) -> dict[str, bytes]:
    """Return the digests of all clients that an institution shares, as the broker holds its records of them.

    Each stands under a token that the institution has: while match keys overlap, one that has not told a client by the
    next key is named the client by the old token; whom it cannot know at all is left out until it has caught up.
    """
    shared = select(MembershipRow.token).where(
        MembershipRow.institution == institution, MembershipRow.present.is_(True)
    )
    tokens = set(await session.scalars(shared))
    digests = dict.fromkeys(sorted(tokens), client_digest([])) | await client_digests(session, institution, tokens)
    mine = (EnrolmentRow.institution == institution, EnrolmentRow.next_check.is_(None))
    if broker.directory.match_keys.next is not None:
        pairs = select(PersonPairRow.new, PersonPairRow.old).join(EnrolmentRow, EnrolmentRow.token == PersonPairRow.new)
        for row in await session.execute(pairs.where(*mine, PersonPairRow.moved.is_(True))):
            if row.new in digests:
                digests[row.old] = digests.pop(row.new)
        return digests
    unknown = set(await session.scalars(select(EnrolmentRow.token).where(*mine, EnrolmentRow.check == "")))
    return {token: digest for token, digest in digests.items() if token not in unknown}


async def relayed(session: AsyncSession, institution: str) -> int:
    """Return the position up to which an institution's stream is understood; read before its records are."""
    head = await find_head(session, institution, BROKER)
    cursor = await session.get(RelayCursorRow, head.id) if head else None
    return cursor.position if cursor else 0
