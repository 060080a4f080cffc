"""Keys of this office and of others: its own are taken up as they are made, others' are believed or confirmed."""

from dataclasses import dataclass

import structlog

from shared.exchange.keys import MalformedKey
from shared.exchange.known_keys import NoSuchKey, confirm
from shared.institution.node import Node
from shared.institution.operations import match_keys
from shared.institution.operations.exchange.retrying import retry_aside
from shared.runtime.files import InsecureFile


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A key of another office that no key before introduced: nothing is believed under it."""

    institution: str
    thumbprint: str


def take_up_own(node: Node) -> None:
    """Take up a signing key that was made since the start; it signs once the directory carries it."""
    try:
        identity = node.identity.read_again(node.settings.key_dir)
    except (InsecureFile, MalformedKey, OSError) as failure:
        structlog.get_logger().error("own keys not read", cause=type(failure).__name__)
        return
    if identity is not node.identity:
        node.identity = node.client.identity = identity
        structlog.get_logger().info("own keys read anew", kids=[key.kid for key in identity.keys])


def watch(node: Node) -> bool:
    """Take up what was made, warn of what ends; return whether an own key waits for the directory to carry it."""
    take_up_own(node)
    match_keys.take_up(node)
    node.look_at_keys()
    directory = node.client.directory
    return directory is not None and not directory.knows_key(node.id, node.identity.keys[0].kid)


async def follow(node: Node) -> None:
    """Take up what was made, and the directory that the worker of another process fetched; warn as that one does."""
    watch(node)
    await node.trust.load()
    await match_keys.look_at_match_key(node)


def held_back(node: Node) -> list[HeldBack]:
    """Return the keys that wait to be confirmed, by institution."""
    directory = node.client.directory
    return [HeldBack(iss, kid) for iss, kid in sorted(directory.held_back)] if directory else []


async def confirm_key(node: Node, institution: str, thumbprint: str) -> int:
    """Believe another office's key after its thumbprint was compared; return how much lay aside and is taken now.

    :raises NoSuchKey: no such key waits.
    """
    directory = node.client.directory
    if directory is None:
        raise NoSuchKey(field="thumbprint")
    async with node.db.write() as session:
        await confirm(session, directory, institution, thumbprint, node.now)
    await node.trust.load()
    return await retry_aside(node)
