"""Who read a person's data, asked and answered among members: days, roles, reasons and counts, no official's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from shared.domain.access import words
from shared.domain.events.fields import day, one_of, positive, reads, record_id
from shared.domain.events.schema import Contradiction


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequested:
    """A member asks all others who read a client's data; the role and the reason are those of the asking."""

    request_id: Annotated[str, record_id]
    day: Annotated[date, day]
    role: Annotated[str, one_of(*words("role"))]
    purpose: Annotated[str, one_of(*words("purpose"))]
    legal_basis: Annotated[str, one_of(*words("legal_basis"))]
    from_: Annotated[date | None, day] = None
    until: Annotated[date | None, day] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessAnswered:
    """A part of a member's answer: how often somebody of a role read the data on a day, why and on which basis."""

    request_id: Annotated[str, record_id]
    part: Annotated[int, positive]
    parts: Annotated[int, positive]
    reads: Annotated[tuple[Mapping[str, Any], ...], reads]

    def __post_init__(self) -> None:
        if self.part > self.parts:
            raise Contradiction("The part is beyond the last.", field="part")
