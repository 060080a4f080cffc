"""A household (*gospodarstwo domowe*) as far as income tests need it, as a caseworker states it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """``members`` with the person; ``ages`` of the children in full years. Amounts are a month's, in grosze, net.

    ``other_income_gr`` is what the household has beside the person's wage and benefits. ``paid_share_bp`` is the part
    of the gap to the criterion that the welfare centre pays as temporary allowance; ``None``: the least that the law
    asks for.
    """

    members: int
    ages: tuple[int, ...] = ()
    other_income_gr: int = 0
    paid_share_bp: int | None = None
    is_lone_parent: bool = False
    has_disabled_child: bool = False
