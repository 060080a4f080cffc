"""What the broker says to members: who shares a client, what it refused, what it calculated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from shared.domain.events.fields import (
    count,
    day,
    grosze,
    hash_,
    hashes,
    issuer,
    members,
    months,
    name,
    positive,
    record_id,
    sequence,
    truth,
    versions,
)
from shared.domain.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """The complete list of who shares a client, as of a generation; ``early``: parted within 30 days.

    Who gets ``contested`` and stands not in the list is held because of another labour office.
    """

    generation: Annotated[int, positive]
    members: Annotated[tuple[str, ...], members]
    early: Annotated[bool, truth] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspected:
    """A match waits for officials of both sides; no institution is named.

    ``contest``: it is one person, and the question is whether a second labour office is let in.
    """

    suspicion_id: Annotated[str, record_id]
    contest: Annotated[bool | None, truth] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicated:
    """Two offices give forms of one class on the same days; ``ended``: they do no more.

    The days are those that both have in common, or last had. ``duplicate_id`` names the pair, whichever comes first.
    """

    duplicate_id: Annotated[str, hash_]
    first_iss: Annotated[str, issuer]
    first_form: Annotated[str, record_id]
    first_code: Annotated[str, name]
    second_iss: Annotated[str, issuer]
    second_form: Annotated[str, record_id]
    second_code: Annotated[str, name]
    from_: Annotated[date, day]
    until: Annotated[date | None, day] = None
    ended: Annotated[bool, truth] = False

    def __post_init__(self) -> None:
        Period(self.from_, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRefused:
    """The broker refused a SET of ``iss``; fills the hole ``n`` at the members."""

    iss: Annotated[str, issuer]
    hash: Annotated[str, hash_]
    problem: Annotated[str, name]
    n: Annotated[int | None, sequence] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the broker calculated; ``inputs`` are the hashes of the SETs it rests on."""

    assessment_id: Annotated[str, hash_]
    case_id: Annotated[str, record_id]
    result_hash: Annotated[str, hash_]
    complete: Annotated[bool, truth]
    open_discrepancies: Annotated[int, count]
    months: Annotated[tuple[Mapping[str, Any], ...], months]
    total_gr: Annotated[int, grosze]
    gap_gr: Annotated[int, grosze]
    versions: Annotated[dict[str, str], versions]
    inputs: Annotated[tuple[str, ...], hashes]
