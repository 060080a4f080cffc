"""What officials say of a contested client (*klient sporny*): whether a second labour office is let in.

>>> require_letting_in("same_person")
>>> require_letting_in("unclear")
Traceback (most recent call last):
LetsNobodyIn: A second labour office is let in for one reason alone.
"""

from shared.domain.errors import Conflict

LETS_IN = "same_person"


class LetsNobodyIn(Conflict):
    """A second labour office is let in for one reason alone."""


def require_letting_in(reason_code: str) -> None:
    """Refuse to let a second labour office in for a reason that speaks against it.

    :raises LetsNobodyIn: it does.
    """
    if reason_code != LETS_IN:
        raise LetsNobodyIn(field="reason_code", expected=LETS_IN, received=reason_code)
