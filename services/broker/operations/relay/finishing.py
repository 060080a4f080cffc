"""How a batch ends: it is written, then follows what can be told only from what is written, and all mail goes out."""

from services.broker.node import ASSESS
from services.broker.operations.relay.batch import Batch
from services.broker.operations.relay.duplicating import tell_duplicates
from services.broker.operations.relay.matching import rematch
from services.broker.operations.relay.reminding import remind


async def finish(batch: Batch) -> None:
    """Write a batch back, look anew at who leads where labour offices contest, tell duplicates, put mail out.

    Of two groups that met it is worked out here at the latest who shares the person.
    """
    await batch.write()
    for token in sorted(batch.registered_anew | batch.united):
        await rematch(batch, batch.people[token])
    await batch.session.flush()
    await tell_duplicates(batch)
    for token, offices in sorted(batch.told_before.items()):
        await remind(batch, batch.people[token], offices)
    await batch.mail_out()


def ring(batch: Batch) -> None:
    """Ring for everybody who has mail now, and for the assessments; once the transaction is committed."""
    bells = batch.broker.bells
    for member in batch.mail:
        bells.ring(member)
    bells.ring(ASSESS)
