"""Erasing over HTTP, and what is left afterwards: in the merged view, in rows, in the bytes that a node holds."""

from typing import Any

from sqlalchemy import func, select

from shared.exchange import jose
from shared.exchange.stream.tables import SetRow
from tests.builders import Office

FORM = {"code": "PUP-STA", "from": "2026-03-02"}
OTHER = {"code": "PUP-SZK", "from": "2026-04-01"}


async def erase(office: Office, client: str, ground: str = "unlawful", status: int = 201, **record: str) -> Any:
    return await office.post(f"/v1/clients/{client}/erasures", {"ground": ground, **record}, status)


async def codes_seen(office: Office, client: str) -> list[str]:
    view = await office.get(f"/v1/clients/{client}/merged-view")
    return sorted(entry["code"] for entry in view["entries"])


async def texts(node: Any, iss: str) -> str:
    """All bytes that a node holds of an author, decoded."""
    async with node.db.read() as session:
        rows = await session.scalars(select(SetRow.text).where(SetRow.iss == iss))
        return " ".join(jose.decode(text.split(".")[1]).decode() for text in rows)


async def count(node: Any, row: Any, *where: Any) -> int:
    async with node.db.read() as session:
        return await session.scalar(select(func.count()).select_from(row).where(*where)) or 0
