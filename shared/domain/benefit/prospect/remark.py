"""Something a caseworker must know beside the figures: what was not known, not checked, or not as it should be."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Remark:
    """A code, and what belongs to it: amounts in grosze, a number, names (parameters of law, institutions), days.

    ``ended`` is the last day of something that is over, ``until`` the last day on which what follows from it holds.
    """

    code: str
    amount_gr: int = 0
    other_gr: int = 0
    number: int = 0
    names: tuple[str, ...] = ()
    ended: date | None = None
    until: date | None = None
