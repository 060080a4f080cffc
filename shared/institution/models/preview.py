"""What a job would change, asked before it is taken (*symulacja*): the body of the question."""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    WithJsonSchema,
    model_validator,
)

from shared.domain.benefit.curves import MONTHS, NAMED, WHOLE_BP
from shared.domain.benefit.prospect.household import Household
from shared.domain.benefit.prospect.working_time import of_hours_a_month, of_hours_a_week
from shared.domain.errors import Invalid
from shared.institution.models.base import Day, Grosze, LocalModel
from shared.institution.models.beside import MOST_GR

MOST_VARIANTS = 5


def _no_text(value: Any) -> Any:
    if isinstance(value, str | bool):
        raise ValueError("is no number")
    return value


MonthlyGr = Annotated[Grosze, Field(ge=0, le=MOST_GR)]
WageGr = Annotated[Grosze, Field(gt=0, le=MOST_GR, description="A wage of a full month in grosze.")]
Hours = Annotated[
    Decimal,
    BeforeValidator(_no_text),
    Field(strict=False, max_digits=6, decimal_places=2, allow_inf_nan=False, examples=[20]),
]
Share = Annotated[int, Field(ge=0, le=WHOLE_BP, description="Basis points: 10 000 is all of it.")]
_CURVE = {
    "anyOf": [
        {"type": "string", "enum": list(NAMED)},
        {
            "type": "array",
            "items": {"type": "integer", "minimum": 0, "maximum": WHOLE_BP},
            "minItems": MONTHS,
            "maxItems": MONTHS,
        },
    ],
    "description": "A name, or twelve basis points: the first 10 000, none above the one before.",
}
_QUESTION: dict[str, JsonValue] = {
    "start": "2026-12-01",
    "gross_gr": 240300,
    "working_time": {"hours_week": 20},
    "referred": True,
    "household": {"members": 3, "children_ages": [4, 9], "other_income_gr": 0, "lone_parent": True},
    "costs_of_work": {"care_gr": 30000, "travel_gr": 12000},
    "variants": [
        {"gross_gr": 480600, "working_time": {"hours_week": 40}},
        {"parameters": {"curve": "linear"}},
    ],
}


class OneWage(Invalid):
    """Give either the gross or the net wage of a full month."""


class OneMeasure(Invalid):
    """Give working time in one measure: hours a week, hours a month, or basis points of full time."""


class TooManyChildren(Invalid):
    """There are no more children than members besides the client."""


class AskedWorkingTime(LocalModel):
    """Working time (*wymiar czasu pracy*) in one of three measures."""

    hours_week: Hours | None = None
    hours_month: Hours | None = None
    basis_points: Annotated[int | None, Field(ge=1, le=WHOLE_BP, description="10 000 is full time.")] = None

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if sum(value is not None for value in (self.hours_week, self.hours_month, self.basis_points)) != 1:
            raise OneMeasure()
        self.share_bp()
        return self

    def share_bp(self) -> int:
        """Return it in basis points of full time.

        :raises NotWorkingTime: no hours, or more than full time.
        """
        if self.hours_week is not None:
            return of_hours_a_week(int(self.hours_week * 100))
        if self.hours_month is not None:
            return of_hours_a_month(int(self.hours_month * 100))
        return self.basis_points or 0


class AskedParameters(LocalModel):
    """Parameters of the scheme set by hand; what is left out is what is in force on the first day of work."""

    curve: Annotated[Any, WithJsonSchema(_CURVE)] = None
    premium_bp: Share = 0
    guarantee_months: Annotated[int, Field(ge=0, le=MONTHS)] = 0
    taper_bp: Annotated[int, Field(ge=0, lt=WHOLE_BP)] = 0
    disregard_gr: MonthlyGr = 0
    cap_gr: MonthlyGr | None = None
    quantum_gr: Annotated[int, Field(ge=1, le=100)] = 10


class AskedHousehold(LocalModel):
    """The household (*gospodarstwo domowe*), the client in it, as far as tests of income ask for it."""

    members: Annotated[int, Field(ge=1, le=50)]
    children_ages: Annotated[tuple[Annotated[int, Field(ge=0, le=24)], ...], Field(strict=False, max_length=20)] = ()
    other_income_gr: Annotated[
        MonthlyGr | None, Field(description="Net, of the others; missing: what is recorded, or nothing.")
    ] = None
    paid_share_bp: Annotated[
        Share | None, Field(description="Part of the gap that the centre pays as temporary allowance.")
    ] = None
    lone_parent: bool = False
    disabled_child: bool = False

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if len(self.children_ages) >= self.members:
            raise TooManyChildren(field="children_ages", expected=f"at most {self.members - 1}")
        return self

    def household(self, *, other_income_gr: int) -> Household:
        """Return it as the rules take it, with what the others have net in a month."""
        return Household(
            members=self.members,
            ages=self.children_ages,
            other_income_gr=other_income_gr,
            paid_share_bp=self.paid_share_bp,
            is_lone_parent=self.lone_parent,
            has_disabled_child=self.disabled_child,
        )


class AskedCosts(LocalModel):
    """Costs of work (*koszt podjęcia pracy*) in a full month, in place of those recorded."""

    care_gr: MonthlyGr = 0
    travel_gr: MonthlyGr = 0
    other_gr: MonthlyGr = 0


class AskedDeductions(LocalModel):
    """Deductions from the wage (*potrącenie z wynagrodzenia*) in a full month, in place of those recorded.

    Legal limits are not checked.
    """

    bailiff_gr: MonthlyGr = 0
    alimony_gr: MonthlyGr = 0
    other_gr: MonthlyGr = 0


class AskedVariant(LocalModel):
    """What is otherwise than in the question itself; a wage replaces the wage there, gross or net."""

    start: Day | None = None
    gross_gr: WageGr | None = None
    net_gr: WageGr | None = None
    working_time: AskedWorkingTime | None = None
    referred: Annotated[bool | None, Field(description="Whether the labour office referred the client.")] = None
    parameters: AskedParameters | None = None

    @model_validator(mode="after")
    def _one_wage_at_most(self) -> Self:
        if self.gross_gr is not None and self.net_gr is not None:
            raise OneWage(field="net_gr")
        return self


class PreviewQuestion(AskedVariant):
    """A job that a client might take; up to five variants are worked out beside it."""

    start: Annotated[Day, Field(description="First day of work.")]
    household: AskedHousehold | None = None
    costs_of_work: Annotated[AskedCosts | None, Field(description="Missing: those recorded.")] = None
    deductions: Annotated[AskedDeductions | None, Field(description="Missing: those recorded.")] = None
    variants: Annotated[tuple[AskedVariant, ...], Field(strict=False, max_length=MOST_VARIANTS)] = ()
    model_config = ConfigDict(json_schema_extra={"examples": [_QUESTION]})

    @model_validator(mode="after")
    def _a_wage(self) -> Self:
        if self.gross_gr is None and self.net_gr is None:
            raise OneWage(field="gross_gr")
        return self

    def offers(self) -> list[AskedVariant]:
        """Return the question and its variants, each whole."""
        return [self, *(self._changed(variant) for variant in self.variants)]

    def _changed(self, variant: AskedVariant) -> AskedVariant:
        names = set(AskedVariant.model_fields)
        given = {name: getattr(variant, name) for name in names if getattr(variant, name) is not None}
        kept = names - given.keys() - ({"gross_gr", "net_gr"} if {"gross_gr", "net_gr"} & given.keys() else set())
        return AskedVariant.model_construct(**given | {name: getattr(self, name) for name in kept})
