"""Enrolling (*zgłoszenie klienta*): the broker learns a token and a check, and of two match keys a pair of each."""

from shared.domain.events.payloads.people import Changed, Enrolled, Rekeyed
from shared.domain.pesel import Pesel
from shared.domain.token import MatchKey
from shared.institution.node import Node
from shared.institution.operations.match_keys import in_use, require_in_use
from shared.institution.operations.work import Work
from shared.institution.tables import ClientRow


def token_for(node: Node, pesel: str) -> str:
    """Return the token under which a new client is enrolled."""
    return in_use(node).first.token(Pesel(pesel))


def enrol(work: Work, row: ClientRow) -> None:
    """Tell the broker that the office has this client, for the first time or again.

    While match keys overlap both tokens are told together, so that others know the client by either.

    :raises MatchKeyMismatch: the federation works with another match key; the token would be of no use.
    """
    use, pesel = require_in_use(work.node), Pesel(row.pesel)
    row.enrolled_at = work.now
    token, second = use.first.token(pesel), use.second
    payload = Enrolled(
        check=use.first.check(token, row.surname),
        key_fingerprint=use.first.fingerprint,
        basis=row.basis,
        next=_following(second, pesel, row.surname) if second else None,
    )
    work.tell("client.enrolled.v1", token, payload)
    name_too(work, row)


def _following(key: MatchKey, pesel: Pesel, surname: str) -> dict[str, str]:
    token = key.token(pesel)
    return {"token": token, "check": key.check(token, surname), "key_fingerprint": key.fingerprint}


def name_too(work: Work, row: ClientRow) -> None:
    """Write down by which other tokens the client is known, so that what comes under one of them finds the client."""
    use, pesel = in_use(work.node), Pesel(row.pesel)
    for key in (use.first, use.second):
        if key is not None and (token := key.token(pesel)) != row.token:
            work.known_as(token, row.id)


def tell_surname(work: Work, row: ClientRow) -> None:
    """Tell the new check on a changed surname; by two keys there are two, so the enrolment is told anew."""
    use = in_use(work.node)
    if use.second is not None:
        enrol(work, row)
        return
    token = use.first.token(Pesel(row.pesel))
    work.tell("client.changed.v1", token, Changed(check=use.first.check(token, row.surname)))


def tell_moved(work: Work, row: ClientRow, before: str) -> None:
    """Tell that the enrolment moves to the token of the right PESEL, and how the client is known by the next key."""
    use = in_use(work.node)
    check = use.first.check(row.token, row.surname)
    work.tell("client.rekeyed.v1", before, Rekeyed(token=row.token, check=check))
    if use.second is not None:
        enrol(work, row)
