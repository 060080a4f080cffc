"""What the broker says of a record in its own words goes with the record: an alert on a duplicate quotes two forms."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.types import event_types
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.tables import SharedRecordRow
from shared.exchange.sets import parse_set
from shared.exchange.stream.erase import erase_sets
from shared.exchange.stream.tables import SetRow

FORM = "support_form"


async def forms_named(session: AsyncSession, iss: str, hashes: Collection[bytes]) -> set[str]:
    """Return the ids of the forms of support that these SETs of an author say, as far as their bytes are here."""
    query = select(SetRow.text).where(SetRow.iss == iss, SetRow.hash.in_(sorted(hashes)))
    named: set[str] = set()
    for text in await session.scalars(query):
        for urn, payload in parse_set(text).claims["events"].items():
            records = payload.get("records") or [{"type": urn.rpartition(":")[2], "payload": payload}]
            named |= {str(one["payload"]["form_id"]) for one in records if _is_form(one)}
    return named


async def erase_quotes(session: AsyncSession, token: str, iss: str, forms: Collection[str]) -> set[str]:
    """Erase what the broker said of forms of an author that no record here says any more; return which these are."""
    at = (SharedRecordRow.token == token, SharedRecordRow.iss == iss, SharedRecordRow.record == FORM)
    standing = set(await session.scalars(select(SharedRecordRow.key).where(*at)))
    gone = set(forms) - standing
    if gone:
        said = select(SetRow.hash, SetRow.text).where(SetRow.token == token, SetRow.iss == BROKER)
        quoting = [row.hash for row in await session.execute(said) if _quotes(row.text, gone)]
        await erase_sets(session, BROKER, quoting)
    return gone


def _is_form(record: Any) -> bool:
    known = event_types().get(str(record.get("type")))
    return known is not None and known.record == FORM


def _quotes(text: str, ids: Collection[str]) -> bool:
    events = json.dumps(json.loads(jose.decode(text.split(".")[1]))["events"])
    return any(one in events for one in ids)
