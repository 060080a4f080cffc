"""How the exchange of the office stands, as counts."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.institutions import BROKER
from shared.exchange.history.tables import HoleRow
from shared.exchange.stream.deliver import lag_of
from shared.exchange.stream.heads import find_head
from shared.exchange.stream.letters import WAITING
from shared.exchange.stream.tables import DeadLetterRow
from shared.institution.node import Node
from shared.institution.operations.exchange.recovering import last_receipt


async def exchange(session: AsyncSession, node: Node) -> dict[str, Any]:
    """Return positions at both ends, lag, and what was not taken."""
    own, mailbox = await find_head(session, node.id, BROKER), await find_head(session, BROKER, node.id)
    acknowledged = await last_receipt(session, own) if own else 0
    lag, oldest = await lag_of(session, own, acknowledged) if own else (0, None)
    letters = select(DeadLetterRow.state, func.count()).group_by(DeadLetterRow.state)
    states: dict[str, int] = {row[0]: row[1] for row in await session.execute(letters)}
    return {
        "position": own.position if own else 0,
        "acknowledged": acknowledged,
        "lag": lag,
        "oldest_waiting": oldest,
        "mailbox": mailbox.position if mailbox else 0,
        "dead_letters": sum(states.get(state, 0) for state in WAITING),
        "not_shared": states.get("counted", 0),
        "missing": await session.scalar(select(func.count()).select_from(HoleRow)) or 0,
        "directory_serial": node.client.directory.serial if node.client.directory else None,
    }
