"""Emergency (*unieważnienie klucza*): a key is no longer secret since a moment; what came under it later is set aside.

The operator says since when. The directory carries it at once, so that every member knows within one refresh. An
office that is held and whose word on its registrations went with that is asked for it again.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.broker.node import Broker
from services.broker.operations.directory import publish
from services.broker.operations.register import ThumbprintMismatch, locked
from services.broker.operations.relay import contesting
from services.broker.operations.relay.batch import Batch
from services.broker.operations.relay.finishing import finish, ring
from services.broker.tables import InstitutionKeyRow
from shared.domain.errors import Invalid
from shared.domain.institutions import BROKER
from shared.exchange.history.distrust import AT_ONCE, Suspect, distrust, set_aside, suspects
from shared.exchange.known_keys import note_distrust, note_known, to_distrust
from shared.exchange.member_keys import MemberKey
from shared.runtime.clock import unix


class NotYetCompromised(Invalid):
    """A key is compromised since a moment that has passed."""


async def revoke(
    session: AsyncSession, broker: Broker, institution: str, thumbprint: str, compromised_since: datetime
) -> InstitutionKeyRow:
    """Note that a key is no longer secret since a moment; a later moment than one said before changes nothing.

    :raises NotFound: nobody of that id registered.
    :raises ThumbprintMismatch: the institution has no such key.
    :raises NotYetCompromised: the moment is still to come.
    """
    await locked(session, institution)
    key = await session.get(InstitutionKeyRow, thumbprint)
    if key is None or key.iss != institution or key.state == "pending":
        raise ThumbprintMismatch(field="thumbprint")
    since = unix(compromised_since)
    if compromised_since > broker.now:
        raise NotYetCompromised(field="compromised_since", expected="a moment that has passed")
    key.state = "revoked"
    key.jwk = key.jwk | {"compromised_since": min(since, key.jwk.get("compromised_since", since))}
    await note_known(session, institution, MemberKey.from_json(key.jwk), "revoked", broker.now)
    await session.flush()
    await publish(session, broker)
    return key


async def follow_revocations(broker: Broker) -> int:
    """Set aside what came under compromised keys; return how many SETs. What stopped half way goes on here."""
    number = 0
    async with broker.db.read() as session:
        waiting = await to_distrust(session, broker.directory)
    for iss, key in waiting:
        since = key.compromised_since or 0
        async with broker.db.read() as session:
            found = await suspects(session, iss, key.key.kid, since)
        for at in range(0, len(found), AT_ONCE):
            number += await _distrust(broker, iss, found[at : at + AT_ONCE])
        async with broker.db.write() as session:
            await note_distrust(session, iss, key.key.kid, since)
    return number


async def _distrust(broker: Broker, iss: str, told: list[Suspect]) -> int:
    async with broker.db.write() as session:
        batch = Batch(broker, session, broker.now)
        await batch.load({one.token for one in told if one.n})
        silent = await distrust(session, iss, told)
        number = await set_aside(session, iss, BROKER, told, "refused", broker.ids, broker.now)
        for person in batch.people.values():
            if person.token in silent:
                batch.silenced[person.token].add(iss)
            contesting.note_gone(batch, person)
            batch.note_news(person)
        await finish(batch)
    ring(batch)
    return number
