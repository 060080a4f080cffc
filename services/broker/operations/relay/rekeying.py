"""Moving an enrolment to another token, and with it the cases of who holds them."""

from sqlalchemy import select

from services.broker.operations.relay import matching
from services.broker.operations.relay.batch import Batch, Person
from services.broker.tables import CaseRow
from shared.domain.events.payloads.people import Rekeyed
from shared.exchange.sets import SecurityEvent


async def rekey(batch: Batch, person: Person, event: SecurityEvent, payload: Rekeyed) -> None:
    """Move an office's own enrolment to another token, and with it a case that the office holds.

    :raises NotShared: the office has no such client.
    """
    basis = matching.enrolment_of(person, event.iss).basis
    target = batch.names.get(payload.token, payload.token)
    await _move_case(batch, person, event.iss, target)
    await matching.withdraw(batch, person, event)
    await batch.load([target])
    checks = matching.checks_of(batch, payload.token, payload.check)
    await matching.take(batch, batch.people[target], event.iss, basis, checks)


async def _move_case(batch: Batch, person: Person, institution: str, token: str) -> None:
    """Let cases outlive the rekeying of who holds them: a second case of one person would be paid a second time."""
    query = select(CaseRow).where(CaseRow.token.in_((person.token, token))).order_by(CaseRow.number).with_for_update()
    cases = list(await batch.session.scalars(query))
    if any(case.token == token for case in cases):
        return
    for case in cases:
        if institution == (person.row.programme_pup or case.owner):
            case.token, case.tokens = token, [*case.tokens, token]
