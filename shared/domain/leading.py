"""The leading labour office (*wiodący PUP*), where several share a client: whose open registration began last."""

from collections.abc import Iterable

from shared.domain.assemble import Told
from shared.domain.events.payloads.support import Registration


def leading_first(offices: Iterable[str], told: Iterable[Told]) -> list[str]:
    """Return labour offices, first the one that leads; of two registrations of one day the id that sorts last.

    Offices without an open registration come last, in the order of their ids.

    >>> from datetime import date
    >>> opened = Registration(registration_id="0198c6a0-0000-7000-8000-000000000000", from_=date(2026, 9, 1))
    >>> leading_first(["pup-1611", "pup-2476", "pup-2478"], [Told("pup-2478", opened), Told("pup-2476", opened)])
    ['pup-2478', 'pup-2476', 'pup-1611']
    """
    rest = sorted(offices)
    days = [(one.payload.from_, one.iss) for one in told if _is_open(one)]
    ordered = [iss for _, iss in sorted(days, reverse=True) if iss in rest]
    return list(dict.fromkeys([*ordered, *rest]))


def _is_open(one: Told) -> bool:
    return isinstance(one.payload, Registration) and one.payload.until is None
