"""Desks of an office (*stanowiska*): whom another office calls about a client, and for what.

They stand in the office's own signed statement and in the directory, never in a SET: there nothing is free text.

>>> desks_of("joint_clients, +48 32 123 45 67, wspolni@pup.example; costs, 32 123 45 68, koszty@pup.example")[0].email
'wspolni@pup.example'
>>> desks_of("reception, 32 123 45 67, pup@pup.example")
Traceback (most recent call last):
NoSuchDesk: A desk is a code, a telephone and an e-mail.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from shared.domain.errors import Invalid

DESKS = ("joint_clients", "referrals", "duplicates", "costs", "benefit")
MOST = len(DESKS)
_PHONE = re.compile(r"\+?[0-9][0-9 ]{5,19}")
_EMAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")


class NoSuchDesk(Invalid):
    """A desk is a code, a telephone and an e-mail."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk; ``code`` says for what it is there.

    :raises NoSuchDesk: a member is not of its form.
    """

    code: str
    phone: str
    email: str

    def __post_init__(self) -> None:
        for name, fits, expected in (
            ("code", self.code in DESKS, f"one of {', '.join(DESKS)}"),
            ("phone", _PHONE.fullmatch(self.phone), "a telephone number as +48 32 123 45 67"),
            ("email", len(self.email) <= 200 and _EMAIL.fullmatch(self.email), "an e-mail as klienci@pup.example"),
        ):
            if not fits:
                raise NoSuchDesk(field=f"desks.{name}", expected=expected)

    def to_json(self) -> dict[str, str]:
        """Return the desk as JSON."""
        return {"code": self.code, "phone": self.phone, "email": self.email}

    @classmethod
    def from_json(cls, members: Any) -> Self:
        """Read a desk.

        :raises NoSuchDesk: it is none.
        """
        if not isinstance(members, Mapping):
            raise NoSuchDesk(field="desks")
        found = [members.get(name) for name in ("code", "phone", "email")]
        if not all(isinstance(one, str) for one in found):
            raise NoSuchDesk(field="desks")
        return cls(*(str(one) for one in found))


def read_desks(members: Any) -> tuple[Desk, ...]:
    """Return the desks of a statement or of the directory, one a code.

    :raises NoSuchDesk: one is not of its form, or there are two of one code.
    """
    if not isinstance(members, list) or len(members) > MOST:
        raise NoSuchDesk(field="desks", expected=f"a list of at most {MOST}")
    return _one_a_code(Desk.from_json(one) for one in members)


def known_desks(members: Any) -> tuple[Desk, ...]:
    """Return the desks of a member of the directory; those that only a later version knows are left out."""
    try:
        return read_desks(members or [])
    except NoSuchDesk:
        return ()


def desks_of(text: str) -> tuple[Desk, ...]:
    """Return the desks that a setting names: code, telephone, e-mail; parted by commas, and each by a semicolon.

    :raises NoSuchDesk: one is not of its form, or there are two of one code.
    """
    return _one_a_code(_desk([part.strip() for part in one.split(",")]) for one in text.split(";") if one.strip())


def _desk(parts: list[str]) -> Desk:
    if len(parts) != 3:
        raise NoSuchDesk(field="desks", expected="code, telephone, e-mail")
    return Desk(*parts)


def _one_a_code(desks: Iterable[Desk]) -> tuple[Desk, ...]:
    found = tuple(desks)
    if len({one.code for one in found}) != len(found):
        raise NoSuchDesk("There are two desks of one code.", field="desks", expected="one desk a code")
    return found
