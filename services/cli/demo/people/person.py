"""What is planned for one person: records to be sent to the offices, a job, and what must come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shared.domain.institutions import kind_of

Arm = Literal["recipient", "comparison", ""]
Expected = Literal["joint", "confirmed", "refused", "typo", "one_office"]
Role = Literal["", "two_ops", "late_ops", "comes_back"]

_BASES = {"pup": "labour_market_act", "ops": "social_assistance_act"}
_CASES = {"pup": "CAZ.4121", "ops": "DPS.8121"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One record for one office: ``path`` is its part of the URL, ``body`` the API's body without ``client_id``."""

    path: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One later record of a job; a ``late`` one is reported only after the decision."""

    path: str
    body: dict[str, Any]
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job: the body that starts it, and what is told of it later."""

    start: dict[str, Any]
    news: tuple[News, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A synthetic person; ``birth_date`` lies 300 years before the PESEL says.

    ``number`` is the place in the list, of which case numbers are made; ``surname_at`` names offices that know the
    person by another surname; ``expected`` says what the federation must find.
    """

    number: int
    pesel: str
    surname: str
    given_names: str
    birth_date: date
    pup: str | None
    ops: tuple[str, ...]
    arm: Arm
    county: str
    inherited: bool
    expected: Expected
    role: Role
    surname_at: Mapping[str, str]
    records: Mapping[str, tuple[Planned, ...]]
    job: Job | None

    @property
    def offices(self) -> tuple[str, ...]:
        """Return the offices that know the person, the labour office first."""
        return (*([self.pup] if self.pup else ()), *self.ops)

    def client_body(self, office: str) -> dict[str, Any]:
        """Return the body of ``POST /v1/clients`` at an office."""
        kind = kind_of(office)
        return {
            "pesel": self.pesel,
            "surname": self.surname_at.get(office, self.surname),
            "given_names": self.given_names,
            "basis": _BASES[kind],
            "case_number": f"{_CASES[kind]}.{self.number}.2024",
        }
