"""Claims (*należności*): what stays overpaid after the last month of a schedule; an official recovers or remits it."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from shared.domain.errors import Conflict, NotFound
from shared.institution.operations import payables
from shared.institution.operations.payables import Account
from shared.institution.operations.work import Work
from shared.institution.tables import PaymentRow


class MoreThanClaimed(Conflict):
    """The claim is smaller than that."""


class Claim(NamedTuple):
    """What is still overpaid on a case whose schedule is over, in grosze."""

    account: Account
    overpaid_gr: int


async def open_claims(session: AsyncSession, own: str, month: str) -> Sequence[Claim]:
    """Return the claims as they stand in a month, by client."""
    found = await payables.accounts(session, own)
    claims = (claim for account in found.values() if (claim := _claim(account, month)))
    return sorted(claims, key=lambda claim: (claim.account.client_id, claim.account.case_id))


async def settle_claim(work: Work, case_id: str, kind: str, amount_gr: int, reason_code: str, by: str) -> Claim:
    """Note that an official recovered or remitted (part of) a claim; return what is left of it.

    :raises NotFound: there is no claim on such a case.
    :raises MoreThanClaimed: the claim is smaller.
    """
    found = await payables.locked_accounts(work, [case_id])
    claim = _claim(found[case_id], payables.month_of(work.now)) if case_id in found else None
    if claim is None:
        raise NotFound("There is no claim on this case.")
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
    return Claim(claim.account, claim.overpaid_gr - amount_gr)


def _claim(account: Account, month: str) -> Claim | None:
    """Return the claim on a case: what no payment of the schedule is left to hold it back from."""
    last = max((name for name, amount in account.due.items() if amount), default="")
    if last >= month:
        return None
    left = account.open_in(month)
    return Claim(account, left.overpaid_gr) if left.overpaid_gr and not left.covers else None
