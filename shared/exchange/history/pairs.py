"""What the broker said of duplicates goes with their forms: an erased form stands in no event about two of them."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.types import URN
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.known import RECORDS
from shared.exchange.stream.erase import erase_sets
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.engine import connection_of

_TOLD = f"{URN}support_form.duplicated.v1"


async def forget_pairs(session: AsyncSession, token: str, gone: Collection[str] = ()) -> set[str]:
    """Erase what the broker said here of pairs of which a form is known no more, or is ``gone``; return their names.

    It is called after an erasure or a purge alone: a form that was voided leaves its mark, and its pair stays told.
    """
    connection = await connection_of(session)
    forms = (RECORDS.c.token == token, RECORDS.c.record == "support_form")
    present = {(iss, key) for iss, key in await connection.execute(select(RECORDS.c.iss, RECORDS.c.key).where(*forms))}
    present = {one for one in present if one[1] not in gone}
    said = await session.execute(select(SetRow.hash, SetRow.text).where(SetRow.token == token, SetRow.iss == BROKER))
    hashes, names = [], set()
    for digest, text in said:
        pair: dict[str, Any] | None = json.loads(jose.decode(text.split(".")[1]))["events"].get(_TOLD)
        if pair and not {(pair[f"{side}_iss"], pair[f"{side}_form"]) for side in ("first", "second")} <= present:
            hashes.append(digest)
            names.add(str(pair["duplicate_id"]))
    await erase_sets(session, BROKER, hashes, state="purged")
    return names
