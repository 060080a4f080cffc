"""How far an office is in following the match key: read from its database, where the running service writes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from services.cli.programs import Mendable, node_of
from shared.domain.institutions import OfficeProgram
from shared.exchange.match_keys import MatchKeys
from shared.institution.node import Node
from shared.institution.operations.match_keys import federation_keys, remaining
from shared.runtime.settings import MemberSettings

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Standing:
    """What remains: clients ``left``, whether the next key is in use yet, and whether the old one has ended."""

    left: int
    is_in_use: bool
    has_ended: bool
    says: str


async def announced_to(office: OfficeProgram, settings: MemberSettings) -> MatchKeys:
    """Return what the directory of an office says of match keys, as the running service keeps it.

    :raises Mendable: its database cannot be read.
    """
    return await _asked(office, settings, _keys)


async def standing_of(office: OfficeProgram, settings: MemberSettings) -> Standing:
    """Return how far an office is.

    :raises Mendable: its database cannot be read.
    """
    return await _asked(office, settings, _remaining)


async def _asked(office: OfficeProgram, settings: MemberSettings, ask: Callable[[Node], Awaitable[Answer]]) -> Answer:
    node = node_of(office, settings)
    try:
        await node.trust.load()
        return await ask(node)
    except SQLAlchemyError as failure:
        raise Mendable(f"the database cannot be read ({type(failure).__name__}); zwornik migrate {office}") from None
    finally:
        await node.client.close()
        await node.db.close()


async def _keys(node: Node) -> MatchKeys:
    return federation_keys(node)


async def _remaining(node: Node) -> Standing:
    async with node.db.read() as session:
        return _standing(node, await remaining(session, node))


def _standing(node: Node, left: int) -> Standing:
    keys, coming = federation_keys(node), node.next_match_key
    if coming is None and keys.next is not None and not keys.is_next(node.match_key.fingerprint):
        until = _day(keys.next.ends_at)
        says = f"the key of epoch {keys.next.epoch} is announced and missing here; the present one ends {until}"
        return Standing(0, False, False, says)
    if coming is None:
        return Standing(left, False, False, "one match key, and none beside it")
    if keys.is_current(coming.fingerprint):
        rest = f"{left} clients still go by the old one" if left else "all clients go by it; the old one can be retired"
        return Standing(left, True, True, f"the key of epoch {coming.epoch} is in force; {rest}")
    if keys.next is None and (keys.fingerprint is None or keys.is_current(node.match_key.fingerprint)):
        return Standing(left, False, False, "not announced yet; the service uses it once the directory tells of it")
    if keys.next is None or not keys.is_next(coming.fingerprint):
        says = f"the directory names another key, of fingerprint {(keys.next or keys).fingerprint}"
        says += f"; get that from the custodian: zwornik match-key rotate {node.institution.program} THEIR_FILE"
        return Standing(left, False, False, says)
    rest = f"{left} clients still to be told by it" if left else "all clients are told by both keys"
    says = f"{rest}; it names people from {_day(keys.next.moves_at)}, the old one ends {_day(keys.next.ends_at)}"
    return Standing(left, True, False, says)


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
