"""What the broker said of duplicates goes with their forms: an erased form stands in no event about two of them."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.erasure import mark_of
from shared.domain.events.payloads.broker import Duplicated
from shared.domain.events.types import URN
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.known import RECORDS
from shared.exchange.stream.erase import erase_sets
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.engine import connection_of

_TOLD = f"{URN}support_form.duplicated.v1"
_ERASED = f"{URN}set.erased.v1"


async def names_erased(session: AsyncSession, token: str, pair: Duplicated) -> bool:
    """Tell whether a pair names a form that its author erased: it is not known, and a word held here has its mark."""
    named = {(pair.first_iss, pair.first_form), (pair.second_iss, pair.second_form)}
    for iss, form in sorted(named - await _forms(session, token)):
        said = await session.scalars(select(SetRow.text).where(SetRow.token == token, SetRow.iss == iss))
        if mark_of(form) in {(_events(text).get(_ERASED) or {}).get("record") for text in said}:
            return True
    return False


async def _forms(session: AsyncSession, token: str) -> set[tuple[str, str]]:
    connection = await connection_of(session)
    forms = select(RECORDS.c.iss, RECORDS.c.key).where(RECORDS.c.token == token, RECORDS.c.record == "support_form")
    return {(iss, key) for iss, key in await connection.execute(forms)}


async def forget_pairs(session: AsyncSession, token: str, gone: Collection[str] = ()) -> set[str]:
    """Erase what the broker said here of pairs of which a form is known no more, or is ``gone``; return their names.

    It is called after an erasure or a purge alone: a form that was voided leaves its mark, and its pair stays told.
    """
    present = {one for one in await _forms(session, token) if one[1] not in gone}
    said = await session.execute(select(SetRow.hash, SetRow.text).where(SetRow.token == token, SetRow.iss == BROKER))
    hashes, names = [], set()
    for digest, text in said:
        pair = _events(text).get(_TOLD)
        if pair and not {(pair[f"{side}_iss"], pair[f"{side}_form"]) for side in ("first", "second")} <= present:
            hashes.append(digest)
            names.add(str(pair["duplicate_id"]))
    await erase_sets(session, BROKER, hashes, state="purged")
    return names


def _events(text: str) -> dict[str, dict[str, Any]]:
    events: dict[str, dict[str, Any]] = json.loads(jose.decode(text.split(".")[1]))["events"]
    return events
