"""What the broker said of duplicates goes with their forms: an erased form stands in no event about two of them."""

import json
from collections.abc import Collection, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.events.payloads.broker import Duplicated
from shared.domain.events.types import URN
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.history.known import AUTHORS, HOLES, RECORDS
from shared.exchange.stream.erase import erase_sets
from shared.exchange.stream.tables import SetRow
from shared.runtime.database.engine import connection_of

_TOLD = f"{URN}support_form.duplicated.v1"
_SIDES = ("first", "second")


@dataclass(frozen=True, slots=True)
class KnownForms:
    """Forms of support of a person by author and id, and the authors of whom no event is missing."""

    forms: Set[tuple[str, str]]
    whole: Set[str]

    def lacks(self, pair: Duplicated) -> bool:
        """Tell whether a form of a pair is gone: it is not known, though all that its author said is."""
        named = ((pair.first_iss, pair.first_form), (pair.second_iss, pair.second_form))
        return any(iss in self.whole and (iss, form) not in self.forms for iss, form in named)


async def known_forms(session: AsyncSession, token: str, own: str) -> KnownForms:
    """Return the forms of a person that are known here; a form that was voided is, by its mark."""
    connection = await connection_of(session)
    holes = select(HOLES.c.n).where(HOLES.c.token == token, HOLES.c.iss == AUTHORS.c.iss).exists()
    whole = select(AUTHORS.c.iss).where(AUTHORS.c.token == token, AUTHORS.c.baseline_n.is_not(None), ~holes)
    return KnownForms(await _forms(session, token), {own, *(await connection.execute(whole)).scalars()})


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
        pair: dict[str, Any] | None = json.loads(jose.decode(text.split(".")[1]))["events"].get(_TOLD)
        if pair and not {(pair[f"{side}_iss"], pair[f"{side}_form"]) for side in _SIDES} <= present:
            hashes.append(digest)
            names.add(str(pair["duplicate_id"]))
    await erase_sets(session, BROKER, hashes, state="purged")
    return names
