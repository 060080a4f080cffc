"""Erasure over the wire (*usunięcie danych*): the author's word goes wherever the SETs went that it names.

Who shares the person with its author gets it in any case, for it is counted; who left gets it if the SETs lie in its
mailbox. The author may always say it, after parting too (WIRE.md, section 4).
"""

from services.broker.operations.relay import contesting
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.relay.erased import Erasure, forget_attributes
from shared.domain.events.payloads.erasing import Erased
from shared.domain.events.types import SetNotPermitted
from shared.domain.institutions import BROKER
from shared.exchange import jose
from shared.exchange.sets import SecurityEvent
from shared.exchange.stream.append import Entry
from shared.exchange.stream.erase import peers_that_got


async def take_erasure(batch: Batch, person: Person, event: SecurityEvent, payload: Erased) -> None:
    """Erase SETs of the author here, and tell every office that got one of them.

    :raises SetNotPermitted: it names SETs of another author.
    :raises SetEquivocation: the author counted or chained it wrong.
    """
    if payload.issuers != {event.iss}:
        raise SetNotPermitted("An author erases SETs of its own alone.", field="sets", expected=f"iss {event.iss}")
    batch.histories.take(event)
    for _, n, digest in payload.sets:
        if n is not None:
            batch.histories.count(event.token, event.iss, n, jose.decode(digest))
    hashes = [jose.decode(digest) for digest in payload.hashes]
    await _forget_told(batch, person, event.iss, hashes)
    word = Entry(event.iss, event.hash)
    counting = person.members - {event.iss} if event.iss in person.members else frozenset[str]()
    holders = await _holders(batch, event.iss, hashes)
    to = sorted(holders | counting or _may_hold(person, event.iss))
    batch.relay(event.iss, event.hash, to)
    batch.erasures.append(Erasure(token=event.token, word=word, hashes=hashes, to=to, record=payload.record))
    contesting.note(batch, person, event)
    batch.note_news(person)


async def _holders(batch: Batch, iss: str, hashes: list[bytes]) -> set[str]:
    """Return in whose mailboxes one of the SETs lies, or is about to."""
    wanted = {Entry(iss, digest) for digest in hashes}
    coming = {name for name, mail in batch.mail.items() if wanted & set(mail)}
    return (coming | await peers_that_got(batch.session, BROKER, iss, hashes)) - {iss}


def _may_hold(person: Person, iss: str) -> set[str]:
    """Return who shares, or shared lately, a person of whom an office that left erases what nobody is known to hold.

    A broker that was restored has forgotten whom it mailed to.
    """
    present = {name for name, row in person.memberships.items() if row.present or (row.left_at and not row.purged_at)}
    return present - {iss}


async def _forget_told(batch: Batch, person: Person, iss: str, hashes: list[bytes]) -> None:
    await batch.session.flush()
    names = await forget_attributes(batch.session, person.token, iss, hashes)
    if "programme" in names and person.row.programme_pup == iss:
        person.row.programme_pup = person.row.programme_arm = None
