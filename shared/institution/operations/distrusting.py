"""What others' compromised keys signed is set aside, within one refresh of the directory (WIRE.md, section 1)."""

from sqlalchemy import select

from shared.domain.institutions import BROKER
from shared.exchange.history.distrust import AT_ONCE, Suspect, distrust, set_aside, suspects
from shared.exchange.known_keys import note_distrust, to_distrust
from shared.institution.node import Node
from shared.institution.tables import ClientRow


async def follow_revocations(node: Node) -> int:
    """Set aside what came under keys that the directory says are compromised; return how many SETs."""
    directory = node.trust.directory
    if directory is None:
        return 0
    number = 0
    async with node.db.read() as session:
        waiting = await to_distrust(session, directory)
    for iss, key in waiting:
        since = key.compromised_since or 0
        async with node.db.read() as session:
            found = await suspects(session, iss, key.key.kid, since)
        for at in range(0, len(found), AT_ONCE):
            number += await _distrust(node, iss, found[at : at + AT_ONCE])
        async with node.db.write() as session:
            await note_distrust(session, iss, key.key.kid, since)
    return number


async def _distrust(node: Node, iss: str, told: list[Suspect]) -> int:
    async with node.db.write() as session:
        tokens = {one.token for one in told}
        lock = select(ClientRow.id).where(ClientRow.token.in_(tokens)).order_by(ClientRow.id).with_for_update()
        await session.execute(lock)
        await distrust(session, iss, told)
        return await set_aside(session, BROKER, node.id, told, "refused", node.ids, node.now)
