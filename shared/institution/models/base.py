"""Field types of the local API. Unknown members are refused; money is grosze; both ends of a period are in force."""

import re
import unicodedata
from collections.abc import Iterable
from copy import copy
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    create_model,
)
from pydantic_core import PydanticKnownError

from shared.domain.errors import Invalid
from shared.domain.money import amount
from shared.domain.period import Period
from shared.domain.pesel import Pesel

BASED_ON = "merged_view, or own_records where the client is not joint"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
"""How a moment begins: a bare number would be taken for seconds since 1970."""

_LINES = str.maketrans("\n\r\t", "   ")
"""What parts lines is printed, though no character of it is."""

AnyDay = TypeVar("AnyDay", bound=date)


class LocalModel(BaseModel):
    """A body that an office's own system sends; each value is of its own type: a number is no text, no day a number."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, str_strip_whitespace=True, strict=True)

    def columns(self) -> dict[str, Any]:
        """Return the values of the row it makes."""
        return self.model_dump()

    @classmethod
    def members_of(cls, row: object) -> dict[str, Any]:
        """Return the members that a row would have been made of."""
        return {name: getattr(row, name) for name in cls.model_fields}


class QueryModel(LocalModel):
    """What stands behind the question mark of a URL, where there is text alone."""

    model_config = ConfigDict(strict=False)


class View(BaseModel):
    """A body that the service answers."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True, serialize_by_alias=True)


def _amount(value: Any, info: ValidationInfo) -> Any:
    return value if value is None else amount(value, field=info.field_name)


def _pesel(value: str) -> str:
    return Pesel(value).digits


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("has characters that cannot be printed")
    return value


def _composed(value: Any) -> Any:
    """Return a text in the composed form of Unicode: the same name from two systems is then the same text."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _words(value: str) -> str:
    """Return words that a person wrote, over several lines; what cannot be printed has no place in them either."""
    if not value.translate(_LINES).isprintable():
        raise ValueError("has characters that cannot be printed")
    return value


def _day(value: Any) -> Any:
    if type(value) is date:
        return value
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise PydanticKnownError("date_type")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise PydanticKnownError("date_parsing", {"error": "there is no such day"}) from None


def _moment(value: Any) -> Any:
    if isinstance(value, str) and _MOMENT.match(value) is None:
        raise PydanticKnownError("timezone_aware")
    return value


def _not_far(value: AnyDay) -> AnyDay:
    if not 1900 <= value.year <= 2199:
        raise ValueError("lies before 1900 or after 2199")
    return value


Grosze = Annotated[int, BeforeValidator(_amount), Field(ge=0, description="An amount in grosze (1/100 zł).")]
PeselDigits = Annotated[str, AfterValidator(_pesel), Field(min_length=11, max_length=11, pattern="^[0-9]{11}$")]
Day = Annotated[date, BeforeValidator(_day), AfterValidator(_not_far)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_not_far)]
Text100 = Annotated[
    str, BeforeValidator(_composed), StringConstraints(min_length=1, max_length=100), AfterValidator(_printable)
]
Text500 = Annotated[
    str, BeforeValidator(_composed), StringConstraints(min_length=1, max_length=500), AfterValidator(_printable)
]
Note = Annotated[
    str,
    BeforeValidator(_composed),
    StringConstraints(max_length=2000),
    AfterValidator(_words),
    Field(description="Free words of the office; they stay here."),
]
OurId = Annotated[
    str,
    Field(
        pattern=r"^[!-~]{1,36}$",
        description="The id of a record of this office.",
        examples=["0198c6a0-0000-7000-8000-000000000000"],
    ),
]
Code = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$", description="A code of the catalogue of forms.", examples=["PUP-STA"])
]
From = Annotated[Day, Field(alias="from", description="First day in force.", examples=["2026-03-01"])]
Due = Annotated[Day, Field(description="The day by which it is due.", examples=["2026-11-15"])]
Until = Annotated[Day | None, Field(alias="until", description="Last day in force; missing while open.")]


def one_of(values: Iterable[str]) -> Any:
    """Return the check of a member that takes one of some words."""
    return Field(pattern=f"^({'|'.join(values)})$")


def require_period(start: date, end: date | None) -> None:
    """Refuse a period that ends before it starts.

    :raises PeriodReversed: it does.
    """
    Period(start, end)


class NetAboveGross(Invalid):
    """The net wage is higher than the gross wage it is paid of; compare both with the payslip."""


def require_wage(net_gr: int, gross_gr: int | None) -> None:
    """Refuse a net wage above its gross wage, where that is known.

    :raises NetAboveGross: it is.
    """
    if gross_gr is not None and net_gr > gross_gr:
        raise NetAboveGross(field="net_gr", expected="at most gross_gr")


class MemberRequired(Invalid):
    """This needs a further member."""


def require_both(result: str | None, day: date | None, name: str) -> None:
    """Refuse an outcome without its day, and a day without its outcome.

    :raises MemberRequired: one of the two is missing.
    """
    if result is not None and day is None:
        raise MemberRequired(field=name, expected="the day, beside the result")
    if result is None and day is not None:
        raise MemberRequired(field="result", expected="what came of it, beside its day")


class RecordView(View):
    """What every record shows besides its own members."""

    id: str
    client_id: str
    state: str = Field(description="open, closed or voided")
    version: int
    note: str | None = None
    created_at: datetime
    updated_at: datetime


def partial_of(model: type[LocalModel], name: str) -> type[LocalModel]:
    """Return a model with the same members, none of which must be given; the rules hold for the merged whole."""
    fields: dict[str, Any] = {}
    for key, info in model.model_fields.items():
        field = copy(info)
        field.default, field.default_factory, field.metadata = None, None, []
        checked: Any = info.rebuild_annotation()  # null passes its checks by: the whole refuses it
        fields[key] = (Annotated[checked | None, field], None)
    return create_model(name, __base__=LocalModel, __doc__=f"What is to be amended; see {model.__name__}.", **fields)
