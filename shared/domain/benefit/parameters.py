"""The parameters of the scheme: ours, dated (``scheme.csv``), frozen for a case on the day of its first start.

>>> parse_parameters({"curve": "linear"}, on=date(2026, 3, 1)).premium_bp
2000
>>> parse_parameters({"premium_bp": 10001}, on=date(2026, 3, 1))
Traceback (most recent call last):
OutOfBounds: The number is out of bounds.
"""

from dataclasses import dataclass
from datetime import date

from shared.domain.benefit.curves import MONTHS, NAMED, WHOLE_BP, Curve, parse_curve, steps_bp
from shared.domain.benefit.dated import Table, shipped
from shared.domain.benefit.members import members, money, whole

_BOUNDS = {
    "premium_bp": (0, WHOLE_BP),
    "guarantee_months": (0, MONTHS),
    "taper_bp": (0, WHOLE_BP - 1),
    "quantum_gr": (1, 100),
}
NAMES = ("curve", "premium_bp", "guarantee_months", "taper_bp", "disregard_gr", "cap_gr", "quantum_gr")


@dataclass(frozen=True, slots=True)
class SchemeParameters:
    """What a case is assessed by. Defaults: BENEFIT.md, "Inputs". Values from outside come by ``parse_parameters``.

    - ``curve``: name or twelve basis points; ``premium_bp``: part of the net wage that the guarantee adds to B;
    - ``guarantee_months``: clock months with a guarantee; ``taper_bp``: part of the wage above ``disregard_gr`` that
      lowers the curve; ``cap_gr``: most that a full month pays, ``None`` for no cap; ``quantum_gr``: step of rounding.
    """

    curve: Curve = "stepped"
    premium_bp: int = 2_000
    guarantee_months: int = 12
    taper_bp: int = 0
    disregard_gr: int = 0
    cap_gr: int | None = None
    quantum_gr: int = 10

    @property
    def steps_bp(self) -> tuple[int, ...]:
        """Return the twelve rates of the curve in basis points."""
        return steps_bp(self.curve)


def scheme_parameters(*, on: date) -> SchemeParameters:
    """Return the parameters in force on a day.

    :raises NoValue: the table does not reach back to that day.
    """
    return parse_parameters({}, on=on)


def scheme_version() -> str:
    """Return the version of the parameter set, for assessments to name: its newest day and a short hash."""
    return shipped().scheme.version


def parse_parameters(
    value: object, *, on: date, field: str = "parameters", scheme: Table | None = None
) -> SchemeParameters:
    """Return the parameters of a JSON object; what it leaves out is what was in force on the day ``on``.

    ``scheme`` is the table of a reform; left out, it is the one of this package.

    :raises UnknownMember: a member that is no parameter.
    :raises MalformedMember: a value of the wrong form.
    :raises OutOfBounds: a number outside its bounds, such as a taper of 10 000.
    :raises NegativeAmount: a disregard or cap below zero.
    :raises RisingCurve: a curve of one's own that does not start at 10 000 or rises.
    """
    given = members(value, field=field, known=NAMES)
    dated = scheme or shipped().scheme
    found = {
        name: given[name] if name in given else as_json(name, dated.value(param=name, on=on).value) for name in NAMES
    }
    numbers = {
        name: whole(found[name], field=f"{field}.{name}", low=low, high=high) for name, (low, high) in _BOUNDS.items()
    }
    return SchemeParameters(
        curve=parse_curve(found["curve"], field=f"{field}.curve"),
        disregard_gr=money(found["disregard_gr"], field=f"{field}.disregard_gr"),
        cap_gr=None if found["cap_gr"] is None else money(found["cap_gr"], field=f"{field}.cap_gr"),
        **numbers,
    )


def parameters_json(parameters: SchemeParameters) -> dict[str, object]:
    """Return the parameters as JSON, every member spelled out.

    >>> parameters_json(SchemeParameters())["curve"]
    'stepped'
    """
    found: dict[str, object] = {name: getattr(parameters, name) for name in NAMES}
    if isinstance(parameters.curve, tuple):
        found["curve"] = list(parameters.curve)
    return found


def as_json(name: str, printed: str) -> object:
    """Return a value as JSON has it that stands in a table: a curve's name or list, a whole number, or nothing."""
    if name == "curve":
        return printed if printed in NAMED else [int(rate) for rate in printed.split()]
    return int(printed) if printed else None
