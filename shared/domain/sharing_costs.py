"""Sharing costs (*podział kosztów*): each of two offices states its side; what both state alike is agreed.

The rule sees the same from both sides: what is agreed for one is agreed for the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from shared.domain.period import Period

Standing = Literal["agreed", "differs", "awaits_other", "awaits_us"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """How an office states that it shares costs with another one; shares in ``unit``, basis points or grosze."""

    id: str
    office: str
    other: str
    unit: str
    own: int
    other_share: int
    days: Period
    form_id: str | None = None
    confirms: str | None = None

    def mirrors(self, theirs: "Statement") -> bool:
        """Tell whether the other office states the very same from its side."""
        return (
            (self.office, self.other) == (theirs.other, theirs.office)
            and (self.unit, self.own, self.other_share) == (theirs.unit, theirs.other_share, theirs.own)
            and (self.days, self.form_id) == (theirs.days, theirs.form_id)
        )


@dataclass(frozen=True, slots=True)
class Sharing:
    """What two offices state on the same costs, as far as either did, and how that stands for the first of them."""

    ours: Statement | None
    theirs: Statement | None
    standing: Standing


def sharings(ours: Iterable[Statement], theirs: Iterable[Statement]) -> list[Sharing]:
    """Pair the statements of an office with those of others that confirm them or that they confirm, each at most once.

    A statement that nobody confirms awaits the office that did not speak. One that is confirmed and no longer the same
    from both sides, because one of them was amended, differs.
    """
    own, others = {one.id: one for one in ours}, {one.id: one for one in theirs}
    linked = [(a, b) for a in own.values() for b in others.values() if _are_linked(a, b)]
    found = []
    for a, b in sorted(linked, key=lambda pair: sorted((pair[0].id, pair[1].id))):
        if a.id in own and b.id in others:
            found.append(Sharing(own.pop(a.id), others.pop(b.id), "agreed" if a.mirrors(b) else "differs"))
    found += [Sharing(one, None, "awaits_other") for _, one in sorted(own.items())]
    return found + [Sharing(None, one, "awaits_us") for _, one in sorted(others.items())]


def _are_linked(one: Statement, other: Statement) -> bool:
    named = one.confirms == other.id or other.confirms == one.id
    return named and (one.office, one.other) == (other.other, other.office)
