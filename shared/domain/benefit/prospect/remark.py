"""Something a caseworker must know beside the figures: what was not known, not checked, or not as it should be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """A code, and what belongs to it: amounts in grosze, a number, or names (parameters of law, institutions)."""

    code: str
    amount_gr: int = 0
    other_gr: int = 0
    number: int = 0
    names: tuple[str, ...] = ()
