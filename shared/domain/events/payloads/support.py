"""Records that an office shares, and the decision. Amounts in grosze; both ends of a period are in force."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from shared.domain.events.fields import count, day, grosze, hash_, kept, name, one_of, positive, record_id, truth
from shared.domain.events.schema import UNSET, Contradiction, Unset
from shared.domain.period import Period

FORM_STATES = ("planned", "active", "completed", "interrupted")
CONTRACT_KINDS = ("employment", "mandate", "task", "own_business", "apprenticeship", "other")
DECISIONS = ("approved", "refused", "appealed", "upheld", "changed", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportForm:
    """A form of support (*forma wsparcia*); ``amount`` is information and enters no rule."""

    form_id: Annotated[str, record_id]
    code: Annotated[str, name]
    from_: Annotated[date, day]
    until: Annotated[date | None, day] = None
    hours_total: Annotated[int | None, count] = None
    amount: Annotated[int | None, grosze] = None
    status: Annotated[str, one_of(*FORM_STATES)] = "active"

    def __post_init__(self) -> None:
        Period(self.from_, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportFormVoided:
    """A form of support was never right."""

    form_id: Annotated[str, record_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """A monthly benefit (*świadczenie*) in force; where ``kept_months`` is unset the catalogue's effect holds."""

    benefit_id: Annotated[str, record_id]
    code: Annotated[str, name]
    monthly_net: Annotated[int, grosze]
    from_: Annotated[date, day]
    until: Annotated[date | None, day] = None
    monthly_gross: Annotated[int | None, grosze] = None
    remaining_net: Annotated[int | None, grosze] = None
    kept_months: Annotated[int | Unset | None, kept] = UNSET
    gained: Annotated[bool, truth] = False

    def __post_init__(self) -> None:
        Period(self.from_, self.until)
        if self.remaining_net is not None and self.remaining_net > self.monthly_net:
            raise Contradiction("More would remain than there is.", field="remaining_net")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitVoided:
    """A benefit was never right."""

    benefit_id: Annotated[str, record_id]


@dataclass(frozen=True, slots=True, kw_only=True)
class Employed:
    """From ``effective`` on the person works at this wage of a full month; ``working_time`` in basis points."""

    employment_id: Annotated[str, record_id]
    recorded: Annotated[int, positive]
    effective: Annotated[date, day]
    net: Annotated[int, grosze]
    gross: Annotated[int | None, grosze] = None
    working_time: Annotated[int | None, count] = None
    contract_kind: Annotated[str, one_of(*CONTRACT_KINDS)] = "employment"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmploymentEnded:
    """``effective`` is the first day not worked."""

    employment_id: Annotated[str, record_id]
    recorded: Annotated[int, positive]
    effective: Annotated[date, day]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration as unemployed (*rejestracja bezrobotnego*)."""

    registration_id: Annotated[str, record_id]
    from_: Annotated[date, day]
    until: Annotated[date | None, day] = None
    reason: Annotated[str | None, name] = None

    def __post_init__(self) -> None:
        Period(self.from_, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A social contract (*kontrakt socjalny*) of form A or B; ``goals`` is how many."""

    contract_id: Annotated[str, record_id]
    form: Annotated[str, one_of("A", "B")]
    from_: Annotated[date, day]
    until: Annotated[date | None, day] = None
    goals: Annotated[int, count] = 0

    def __post_init__(self) -> None:
        Period(self.from_, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An official decided on an assessment, or on an appeal, by the result that was on the screen."""

    assessment_id: Annotated[str, hash_]
    result_hash: Annotated[str, hash_]
    decision: Annotated[str, one_of(*DECISIONS)]
    reason_code: Annotated[str, name]
