"""What members tell about shared people: taken into the merged view and put into the other members' mailboxes."""

from services.broker.operations.relay import contesting
from services.broker.operations.relay.batch import Batch, Person
from services.broker.operations.standing import require_shared
from services.broker.tables import AttributeRow
from shared.domain.errors import Conflict
from shared.domain.events import schema
from shared.domain.events.payloads.people import ProgrammeJoined, ProgrammeLeft, Restated
from shared.domain.events.payloads.support import SupportForm, SupportFormVoided
from shared.domain.events.types import SetNotPermitted
from shared.exchange import jose
from shared.exchange.sets import SecurityEvent


async def share(batch: Batch, person: Person, event: SecurityEvent) -> None:
    """Take a shared event in and relay it, byte for byte; what an office says that is held goes to nobody.

    :raises NotShared: the author does not share the person now.
    :raises SetEquivocation: the author counted or chained it wrong.
    :raises Conflict: it restates for a generation that is still to come, and would count as told to members of then.
    """
    shares = event.iss in person.members
    require_shared(shares or event.iss in person.held)
    if isinstance(event.payload, Restated) and event.payload.generation > person.row.generation:
        raise Conflict("The restatement names a generation that does not exist yet.")
    batch.histories.take(event)
    contesting.note(batch, person, event)
    if not shares:
        return
    batch.relay(event.iss, event.hash, person.members - {event.iss})
    if isinstance(event.payload, Restated):
        batch.given_anew.add(person.token)
    elif isinstance(event.payload, SupportForm | SupportFormVoided):
        batch.given_some.add(person.token)
    batch.note_news(person)


async def pass_on(batch: Batch, person: Person, event: SecurityEvent) -> None:
    """Relay what members ask and answer each other; it makes no record, and no count of it is kept.

    :raises NotShared: the author does not share the person now.
    """
    require_shared(event.iss in person.members)
    batch.relay(event.iss, event.hash, person.members - {event.iss})


async def keep(batch: Batch, person: Person, event: SecurityEvent) -> None:
    """Keep what an office tells the broker alone: household, progress, programme.

    :raises NotShared: the author does not share the person now.
    :raises Conflict: another labour office holds the programme membership.
    """
    require_shared(event.iss in person.members)
    name = event.type.name.partition(".")[0]
    if isinstance(event.payload, ProgrammeJoined | ProgrammeLeft):
        _hold_programme(person, event)
    row = await batch.session.get(AttributeRow, (person.token, event.iss, name))
    if isinstance(event.payload, ProgrammeLeft):
        if row is not None:
            await batch.session.delete(row)
    elif row is None:
        batch.session.add(
            AttributeRow(
                token=person.token,
                iss=event.iss,
                name=name,
                payload=schema.write(event.payload),
                hash=jose.encode(event.hash),
            )
        )
    else:
        row.payload, row.hash = schema.write(event.payload), jose.encode(event.hash)
    await batch.session.flush()
    batch.note_news(person)


def require_programme(person: Person, event: SecurityEvent) -> None:
    """Refuse what only the holder of the programme membership may say.

    :raises SetNotPermitted: another office holds it, or nobody.
    """
    if person.row.programme_pup != event.iss:
        raise SetNotPermitted("Only the labour office that holds the programme membership decides.")


def _hold_programme(person: Person, event: SecurityEvent) -> None:
    holder = person.row.programme_pup
    if holder not in (None, event.iss):
        raise Conflict("Another labour office holds the programme membership of this person.")
    joined = event.payload if isinstance(event.payload, ProgrammeJoined) else None
    person.row.programme_pup, person.row.programme_arm = (event.iss, joined.arm) if joined else (None, None)
