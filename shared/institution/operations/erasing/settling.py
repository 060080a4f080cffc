"""The end of every erasure: its word is signed, the bytes that it names go, and a row says what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from shared.domain.erasure import due_by
from shared.exchange import jose
from shared.exchange.history.forget import forget_events
from shared.exchange.stream.erase import erase_sets
from shared.institution.operations.access.access_log import office_day
from shared.institution.operations.erasing.naming import Named
from shared.institution.operations.work import Work
from shared.institution.tables import ErasureRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """What is erased, why, and by whom."""

    client_id: str
    kind: str
    record_id: str
    ground: str
    by: str


async def settle(work: Work, erasing: Erasing, named: Sequence[Named], told: int) -> ErasureRow:
    """Sign the word, erase what it names from this office's own stream, and write down what was done.

    ``told`` is how many events say it; they are the last that the transaction tells.
    """
    await work.finish()
    words = [jose.encode(one.hash) for one in work.signed[len(work.signed) - told :]]
    await erase_sets(work.session, work.node.id, [one.hash for one in named])
    for token in sorted({one.token for one in named}):
        hashes = [one.hash for one in named if one.token == token]
        await forget_events(work.session, token, work.node.id, hashes)
    return await note(work, erasing, words, len(named), due_by(office_day(work.now)))


async def note(work: Work, erasing: Erasing, words: Sequence[str], sets: int, term: date) -> ErasureRow:
    """Write down what was erased, and the words that told it, by which the broker says who has followed."""
    row = ErasureRow(
        id=work.node.ids.uuid7(),
        client_id=erasing.client_id,
        kind=erasing.kind,
        record_id=erasing.record_id,
        ground=erasing.ground,
        term=term,
        erased_by=erasing.by,
        erased_at=work.now,
        sets=sets,
        words=list(words),
        holders=[],
        done=not words,
    )
    work.session.add(row)
    await work.session.flush()
    return row
