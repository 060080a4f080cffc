"""Overpayments (*nadpłata*): open while a payment may follow to hold them back from, claims (*należność*) after that.

A claim is what stays overpaid once the case has ended; an official recovers or remits it. While a break of work may be
resumed the case has not ended, and what is overpaid is held back from what follows.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.institution.node import Node
from shared.institution.operations import clients
from shared.institution.operations.benefit import books, payables
from shared.institution.operations.benefit.known import last_case
from shared.institution.operations.benefit.payables import Account
from shared.institution.operations.work import Work
from shared.institution.tables import PaymentRow


class MoreThanClaimed(Conflict):
    """The claim is smaller than that."""


class NotYetClaimed(Conflict):
    """The case has not ended: what is overpaid is held back from its next payments, and is no claim yet."""


class Claim(NamedTuple):
    """What is still overpaid on a case, in grosze, and whether that is a claim: the case has ended."""

    account: Account
    overpaid_gr: int
    is_due: bool


async def open_claims(session: AsyncSession, node: Node) -> Sequence[Claim]:
    """Return what is overpaid at a moment, by client."""
    found = await payables.accounts(session, node.id)
    claims = [claim for account in found.values() if (claim := await _claim(session, node, account))]
    return sorted(claims, key=lambda claim: (claim.account.client_id, claim.account.case_id))


async def settle_claim(work: Work, case_id: str, kind: str, amount_gr: int, reason_code: str, by: str) -> Claim:
    """Note that an official recovered or remitted (part of) a claim; return what is left of it.

    :raises NotFound: nothing is overpaid on such a case.
    :raises NotYetClaimed: the case has not ended.
    :raises MoreThanClaimed: the claim is smaller.
    """
    found = await payables.locked_accounts(work, [case_id])
    claim = await _claim(work.session, work.node, found[case_id]) if case_id in found else None
    if claim is None:
        raise NotFound("There is no claim on this case.")
    if not claim.is_due:
        raise NotYetClaimed()
    if amount_gr > claim.overpaid_gr:
        raise MoreThanClaimed(field="amount_gr", expected=f"at most {claim.overpaid_gr}", received=amount_gr)
    row = PaymentRow(
        id=work.node.ids.uuid7(),
        case_id=case_id,
        month=None,
        kind=kind,
        covers={},
        held_back_gr=amount_gr,
        reason_code=reason_code,
        booked_by=by,
        booked_at=work.now,
    )
    work.session.add(row)
    work.changed("payment", row.id, claim.account.client_id, kind)
    return claim._replace(overpaid_gr=claim.overpaid_gr - amount_gr)


async def _claim(session: AsyncSession, node: Node, account: Account) -> Claim | None:
    """Return what is overpaid before the next payment; a claim if no payment is left to hold it back from."""
    month = payables.month_of(node.now)
    left = account.open_in(month)
    overpaid = left.held_back_gr + left.overpaid_gr
    if overpaid <= 0:
        return None
    last = max((name for name, amount in account.due.items() if amount), default="")
    is_over = last < month and not left.covers
    return Claim(account, overpaid, is_over and await _has_ended(session, node, account))


async def _has_ended(session: AsyncSession, node: Node, account: Account) -> bool:
    """Tell whether a case has ended: another one began, or no work can enter it any more."""
    latest = await books.newest(session, account.client_id)
    if latest is None or latest.case_id != account.case_id:
        return True
    last = await last_case(session, node, await clients.get(session, account.client_id))
    return last is None or last.has_ended(node.now.date())
