"""Amounts by law, as they are proposed to a caseworker."""

from datetime import date

from services.pup_api.models.amounts import AmountQuery, BenefitAmount
from services.pup_api.models.status import Figure
from shared.domain import catalogue
from shared.domain.labour_amounts import Asked, amount_by_law


def proposed(query: AmountQuery, today: date) -> BenefitAmount:
    """Return the amount of a code on a day.

    :raises UnknownCode, CodeOutOfDates: there is no such code, or it was not in force when the right began.
    :raises NoAmountByLaw, SeniorityRequired, NoValue: the figures do not tell the amount.
    """
    on = query.on or today
    since = min(query.since or on, on)
    catalogue.form(query.code).require_in_force(since, field="since" if query.since else "on")
    found = amount_by_law(Asked(**(query.model_dump() | {"on": on, "since": since})))
    return BenefitAmount(
        code=query.code,
        on=on,
        since=since,
        monthly_gross_gr=found.gross_gr,
        monthly_net_gr=found.net_gr,
        at_most=found.at_most,
        verified=found.is_verified,
        figures=[Figure.model_validate(row) for row in found.figures],
        missing=list(found.missing),
    )
