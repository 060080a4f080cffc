"""Who shares a client, as the broker tells: matches, partings and contests, generation by generation."""

from shared.domain.events.payloads.broker import Members
from shared.exchange.history.take import Histories
from shared.exchange.sets import SecurityEvent
from shared.institution.operations import contests
from shared.institution.operations.clients import is_joint
from shared.institution.operations.erasing.standing import ask_again
from shared.institution.operations.leaving import end_contest, resolve_pairs
from shared.institution.operations.restating import restate, tell_since
from shared.institution.operations.restricted import tells
from shared.institution.operations.work import Work
from shared.institution.tables import ClientMembersRow, ClientRow, ToldBeforeRow

PARTED, CONTESTED = "joint_client.parted.v1", "joint_client.contested.v1"


async def note(work: Work, histories: Histories, client: ClientRow, event: SecurityEvent) -> None:
    """Take in who shares a client from a generation on; an older one is ignored."""
    payload: Members = event.payload
    if payload.generation <= client.generation:
        return
    shared_before = is_joint(client, work.node.id)
    first, client.generation = client.generation == 0, payload.generation
    shares = client.state == "active" and work.node.id in payload.members
    new = set(payload.members) - set(client.members)
    client.members = list(payload.members) if shares else []
    if shares and (first or new):  # the first word in a mailbox: the broker may have lost some before
        await ask_again(work.session, client.id)
    await work.session.merge(
        ClientMembersRow(
            client_id=client.id,
            token=client.token,
            generation=client.generation,
            members=client.members,
            since=work.now,
        )
    )
    await resolve_pairs(work, client)
    if client.state != "active":
        return
    if event.type.name == CONTESTED:
        contests.begin(work, client)
    else:
        await end_contest(work, client)
    work.changed("joint_client", client.id, client.id, event.type.name.split(".")[1])
    if event.type.name != PARTED and is_joint(client, work.node.id):
        await _tell_all(work, histories, client)
    elif contests.states(client, work.node.id) and not shared_before:
        await restate(work, client)


async def _tell_all(work: Work, histories: Histories, client: ClientRow) -> None:
    told = await _told_already(work, client)
    await histories.expect_restatements(work.session, client.token, but=work.node.id if told is not None else "")
    if tells(client, work.node.id):
        await (restate(work, client) if told is None else tell_since(work, client, told))


async def _told_already(work: Work, client: ClientRow) -> int | None:
    """Return how far the changes went when the office got back that it restated in this generation; ``None`` if not.

    To restate once more from an older copy would take back from the others what came after the copy. It holds once.
    """
    row = await work.session.get(ToldBeforeRow, client.token)
    if row is None:
        return None
    if row.generation <= client.generation:
        await work.session.delete(row)
    return row.changes if row.generation >= client.generation else None
