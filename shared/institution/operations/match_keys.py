"""Match keys at an office: which it holds, which are in use, and how many clients are still to be told by the newest.

The next key lies beside the present one, in a file of its own. How far the office has come is read from its rows alone:
a client is told by a key once the office has written down the client's token by it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Invalid
from shared.domain.token import MatchKey, epoch_of
from shared.exchange.match_key_file import load_match_key, next_to
from shared.exchange.match_keys import MatchKeyMismatch, MatchKeys, is_same
from shared.institution.node import Node
from shared.institution.tables import ClientRow, FormerTokenRow
from shared.runtime.clock import unix
from shared.runtime.files import InsecureFile


@dataclass(frozen=True, slots=True)
class InUse:
    """The key by which the office tells its clients, and while keys overlap the next one."""

    first: MatchKey
    second: MatchKey | None = None

    @property
    def newest(self) -> MatchKey:
        """Return the key that stays."""
        return self.second or self.first


def federation_keys(node: Node) -> MatchKeys:
    """Return what the directory says of match keys; nothing where there is no directory yet."""
    directory = node.client.directory
    return directory.match_keys if directory else MatchKeys()


def in_use(node: Node) -> InUse:
    """Return by which keys the office tells its clients, as the directory has it."""
    keys, following = federation_keys(node), node.next_match_key
    if following is not None and keys.is_current(following.fingerprint):
        return InUse(following)
    if following is not None and keys.is_next(following.fingerprint):
        return InUse(node.match_key, following)
    return InUse(node.match_key)


def require_in_use(node: Node) -> InUse:
    """Return by which keys the office tells its clients.

    :raises MatchKeyMismatch: the federation works with another; the tokens would be of no use.
    """
    use = in_use(node)
    federation_keys(node).require_known(use.first.fingerprint)
    return use


def is_in_step(node: Node) -> bool:
    """Tell whether the federation works with the office's key."""
    try:
        require_in_use(node)
    except MatchKeyMismatch:
        return False
    return True


def take_up(node: Node) -> None:
    """Take up match keys that were brought or retired since the start."""
    try:
        current, following = read_keys(node.settings.match_key_file)
    except (InsecureFile, Invalid, OSError) as failure:
        structlog.get_logger().error("match key not read", cause=type(failure).__name__)
        return
    if following is not None and node.next_match_key is None:
        structlog.get_logger().info("the next match key is taken up", epoch=following.epoch)
    node.match_key, node.next_match_key = current, following


def read_keys(path: Path) -> tuple[MatchKey, MatchKey | None]:
    """Return the present match key and the next one, if that was brought."""
    beside = next_to(path)
    return load_match_key(path), load_match_key(beside) if beside.exists() else None


def lacks(epoch: int) -> ColumnElement[bool]:
    """Return the condition that a client has no token of an epoch."""
    other = select(FormerTokenRow.token).where(
        FormerTokenRow.client_id == ClientRow.id,
        FormerTokenRow.alias.is_(True),
        FormerTokenRow.token.like(f"{epoch}.%"),
    )
    return ClientRow.token.not_like(f"{epoch}.%") & ~other.exists()


def due(node: Node) -> ColumnElement[bool]:
    """Return the condition that a client is to be told, or moved to the newest key, now.

    Whom others share moves when the broker says so, in the order of the mailbox; by then both ends name it alike.
    """
    use = in_use(node)
    old = ClientRow.token.not_like(f"{use.newest.epoch}.%")
    if use.second is None:
        return old
    untold = lacks(use.newest.epoch)
    if federation_keys(node).have_moved(unix(node.now)):
        return untold | (old & (ClientRow.members == []))
    return untold


async def remaining(session: AsyncSession, node: Node) -> int:
    """Return how many clients are still to be told, or moved, by the newest key in use."""
    return await session.scalar(select(func.count(ClientRow.id)).where(due(node))) or 0


async def require_nameable(session: AsyncSession, node: Node, token: str) -> None:
    """Refuse for now what is said under a token of a key that the office lacks, or has not used on all clients yet.

    :raises MatchKeyMismatch: the token may be of one of its clients all the same.
    """
    epoch = epoch_of(token)
    held = _held_epochs(node)
    if epoch > max(held) or (epoch in held and epoch > min(held) and await remaining(session, node)):
        raise MatchKeyMismatch("The token is by a match key that this office does not use yet.", received=epoch)


async def look_at_match_key(node: Node) -> None:
    """Say in metrics and readiness what is still to be done while one match key follows another."""
    following = federation_keys(node).next
    node.match_key_warnings = {}
    if following is None:
        node.metrics.untold.clear()
        return
    ends = f"the present one ends {datetime.fromtimestamp(following.ends_at, UTC):%Y-%m-%d}"
    if missing := missing_key(node):
        node.match_key_warnings["match key"] = f"{missing}; {ends}"
        return
    async with node.db.read() as session:
        left = await remaining(session, node)
    node.metrics.untold.labels(node.id).set(left)
    if left:
        node.match_key_warnings["match key"] = (
            f"{left} clients to be told by the key of epoch {following.epoch}; {ends}"
        )


def missing_key(node: Node) -> str:
    """Return what is said of an office that lacks the key that follows; nothing where it has it, or none follows."""
    following, beside = federation_keys(node).next, node.next_match_key
    held = [node.match_key, *([beside] if beside else [])]
    if following is None or any(is_same(following.fingerprint, key.fingerprint) for key in held):
        return ""
    missing = f"the key of epoch {following.epoch} is missing"
    if beside is None:
        return missing
    return f"{missing}: its fingerprint is {following.fingerprint}, that of the key that lies here {beside.fingerprint}"


def _held_epochs(node: Node) -> list[int]:
    """Return of which epochs the office has the key of the federation; a wrong key names nobody."""
    following = node.next_match_key
    usable = following is not None and federation_keys(node).knows(following.fingerprint)
    return [node.match_key.epoch, following.epoch] if following and usable else [node.match_key.epoch]
