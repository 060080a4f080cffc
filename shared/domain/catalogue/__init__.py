"""The catalogue of forms of support (*katalog form wsparcia*): what each code is, who may give it, how it may leave.

The rows stand in ``forms.csv``; classification is ours, ``verified`` says whether a source names the row.

>>> form("PUP-STA").name_en
'Work placement (staż)'
>>> form("OPS-ZST").disclosed_code
'OPS-CASH'
>>> form("XXX-YYY")
Traceback (most recent call last):
UnknownCode: The catalogue has no such code.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from shared.domain.errors import Invalid

Effect = Literal["none", "lost", "bridge", "shrinks", "gained", "one_off", "is_job"]
PaidTo = Literal["household", "person"]
Disclosure = Literal["kind", "group", "cash", "nothing"]

MASKED_CASH = "OPS-CASH"
"""The code under which money of a welfare centre leaves when its own code would say too much."""

_OWNERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "PUP": frozenset({"pup"}),
        "both": frozenset({"pup", "ops"}),
        "OPS": frozenset({"ops", "pcpr"}),
        "OPS (PCPR)": frozenset({"pcpr", "ops"}),
        "gmina": frozenset({"ops"}),
        "NGO": frozenset({"ngo", "ops"}),
        "NGO/gmina": frozenset({"ngo", "ops"}),
        "ZUS": frozenset(),
        "court": frozenset(),
    }
)
_MASKED_OWNERS = frozenset({"ops", "pcpr", "ngo"})
_MONEY_GROUPS = frozenset({"cash", "cash-like", "in kind"})
_NEVER_MONTHLY = frozenset({"one_off", "is_job"})


class UnknownCode(Invalid):
    """The catalogue has no such code."""

    problem = "code-unknown"


class CodeOutOfDates(Invalid):
    """The code was not in force on that day."""

    problem = "code-out-of-dates"


class NotGivenHere(Invalid):
    """An institution of this kind does not give this form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of support (*forma wsparcia*); ``paid_to`` says whose a monthly benefit is.

    What is paid to a household (*gospodarstwo domowe*) is one loss, whichever of its members it is recorded under.
    """

    code: str
    name_pl: str
    name_en: str
    owners: frozenset[str]
    group: str
    sphere: str
    instrument_type: str
    step: str
    unit_fields: str
    valid_from: date | None
    valid_to: date | None
    effect: Effect
    kept_months: int | None
    duplicate_class: str
    discloses: Disclosure
    verified: bool
    paid_to: PaidTo | None
    paid_to_verified: bool

    @property
    def disclosed_code(self) -> str | None:
        """Return the code under which it leaves the office, or ``None`` if it never does."""
        match self.discloses:
            case "kind":
                return self.code
            case "group":
                return f"{self.group}-X"
            case "cash":
                return MASKED_CASH
            case "nothing":
                return None

    @property
    def is_monthly_benefit(self) -> bool:
        """Tell whether it can be paid month by month: only such money enters the benefit rule."""
        pays = self.group in _MONEY_GROUPS or self.effect in ("lost", "gained")
        return pays and self.effect not in _NEVER_MONTHLY and self.code != "BRK-DEG"

    def require_given_by(self, kind: str, *, field: str = "code") -> None:
        """Refuse a form that an institution of this kind does not give; what nobody here gives may be noted by all.

        :raises NotGivenHere: and names who gives it.
        """
        if self.owners and kind not in self.owners:
            raise NotGivenHere(field=field, expected=" or ".join(sorted(self.owners)), received=kind)

    def is_in_force(self, day: date) -> bool:
        """Tell whether the code may be used on a day."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)

    def require_in_force(self, day: date, *, field: str = "code") -> None:
        """Refuse a day outside the dates of the code.

        :raises CodeOutOfDates: and names the dates.
        """
        if not self.is_in_force(day):
            dates = f"{self.valid_from or '…'} to {self.valid_to or '…'}"
            raise CodeOutOfDates(
                f"{self.code} is in force {dates}.", field=field, expected=dates, received=day.isoformat()
            )


def form(code: str, *, field: str = "code") -> Form:
    """Return the row of a code.

    :raises UnknownCode: there is none, masked codes among them.
    """
    try:
        return forms()[code]
    except KeyError:
        raise UnknownCode(field=field, expected="a code of GET /v1/catalogue/forms") from None


@cache
def forms() -> Mapping[str, Form]:
    """Return the whole catalogue by code, in the order of the file."""
    lines = files(__package__).joinpath("forms.csv").read_text(encoding="utf-8").splitlines()
    return MappingProxyType({row["code"]: _form(row) for row in csv.DictReader(lines, delimiter=";")})


@cache
def wire_owners() -> Mapping[str, frozenset[str]]:
    """Return the codes that may stand in a SET, each with the kinds of institution that may send it."""
    disclosed = {code: form.owners for code, form in forms().items() if form.discloses == "kind" and form.owners}
    masked = {form.disclosed_code: _MASKED_OWNERS for form in forms().values() if form.discloses in ("group", "cash")}
    return MappingProxyType({code: owners for code, owners in (disclosed | masked).items() if code})


def _form(row: dict[str, str]) -> Form:
    return Form(
        code=row["code"],
        name_pl=row["name_pl"],
        name_en=row["name_en"],
        owners=_OWNERS[row["owner"]],
        group=row["group"],
        sphere=row["sphere"],
        instrument_type=row["instrument_type"],
        step=row["step"],
        unit_fields=row["unit_fields"],
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        effect=row["effect"],  # type: ignore[arg-type]  # the shape test checks the file
        kept_months=int(row["kept_months"]) if row["kept_months"] else None,
        duplicate_class=row["duplicate_class"],
        discloses=row["discloses"] or "nothing",  # type: ignore[arg-type]
        verified=row["status"] == "found",
        paid_to=row["paid_to"] or None,  # type: ignore[arg-type]
        paid_to_verified=row["paid_to_status"] == "found",
    )
