"""One case: the benefits before the job, the employment, the parameters frozen on the first start.

>>> case = parse_case({"case_id": "1", "benefits": [], "employment": [
...     {"kind": "start", "effective": "2026-03-01", "net_wage_gr": 360000}]})
>>> case.parameters.curve
'stepped'
>>> parse_case({"case_id": "1", "benefits": [{"kind": "PUP-ZAS", "owner": "pup-2478", "amount_gr": -1}],
...     "employment": [{"kind": "start", "effective": "2026-03-01", "net_wage_gr": 360000}]})
Traceback (most recent call last):
NegativeAmount: The amount is negative.
"""

from dataclasses import dataclass

from shared.domain.benefit.curves import MONTHS
from shared.domain.benefit.dated import Table
from shared.domain.benefit.employment import EmploymentEvent, event_json, first_start, parse_employment
from shared.domain.benefit.members import members, money, rows, text, truth, whole
from shared.domain.benefit.parameters import SchemeParameters, parameters_json, parse_parameters
from shared.domain.money import MAX_GROSZE, AmountOutOfRange

MOST_BENEFITS = 200
MOST_TOGETHER_GR = MAX_GROSZE // 13
"""The most that all benefits of a case may come to: the total of a schedule then also has at most ten digits."""

_BENEFIT = ("kind", "owner", "amount_gr", "kept_months", "gained")
_CASE = ("case_id", "parameters", "benefits", "employment")


@dataclass(frozen=True, slots=True)
class Benefit:
    """A monthly amount in hand, in grosze, in force before the first start; a ``gained`` one, from it on.

    ``kept_months``: 0 is lost at once, k is kept through clock month k, ``None`` is kept for good. A ``gained`` benefit
    (*dodatek aktywizacyjny*) counts as kept, never as lost.
    """

    kind: str
    owner: str
    amount_gr: int
    kept_months: int | None = 0
    gained: bool = False

    def is_kept(self, clock_month: int) -> bool:
        """Tell whether it is still paid in a clock month."""
        return self.kept_months is None or clock_month <= self.kept_months


@dataclass(frozen=True, slots=True)
class Case:
    """What the rule takes. ``employment`` may be empty where every record of a job was outweighed: nothing is due."""

    case_id: str
    parameters: SchemeParameters
    benefits: tuple[Benefit, ...]
    employment: tuple[EmploymentEvent, ...]


def parse_case(value: object, *, scheme: Table | None = None) -> Case:
    """Return the case of a JSON object; parameters it leaves out are those in force on the first start.

    ``scheme`` is the table of a reform; left out, it is the one of this package.

    :raises Invalid: the first thing that is wrong with it; ``field`` says where.
    """
    given = members(value, field="", known=_CASE, required=("case_id", "benefits", "employment"))
    case_id = text(given["case_id"], field="case_id", longest=200)
    employment = parse_employment(given["employment"])
    return Case(
        case_id=case_id,
        parameters=parse_parameters(given.get("parameters", {}), on=first_start(employment), scheme=scheme),
        benefits=parse_benefits(given["benefits"]),
        employment=employment,
    )


def parse_benefits(value: object, *, field: str = "benefits") -> tuple[Benefit, ...]:
    """Return the benefits of a JSON list, in its order.

    :raises AmountOutOfRange: together they are above ``MOST_TOGETHER_GR``.
    """
    listed = rows(value, field=field, most=MOST_BENEFITS)
    benefits = tuple(_parse_benefit(row, field=f"{field}[{index}]") for index, row in enumerate(listed))
    if sum(benefit.amount_gr for benefit in benefits) > MOST_TOGETHER_GR:
        raise AmountOutOfRange(
            "The benefits together are too much.", field=field, expected=f"at most {MOST_TOGETHER_GR} grosze together"
        )
    return benefits


def case_json(case: Case) -> dict[str, object]:
    """Return the case as JSON, with every parameter, ``kept_months`` and ``gained`` spelled out."""
    return {
        "case_id": case.case_id,
        "parameters": parameters_json(case.parameters),
        "benefits": [{name: getattr(benefit, name) for name in _BENEFIT} for benefit in case.benefits],
        "employment": [event_json(event) for event in case.employment],
    }


def _parse_benefit(value: object, *, field: str) -> Benefit:
    given = members(value, field=field, known=_BENEFIT, required=("kind", "owner", "amount_gr"))
    kept = given.get("kept_months", 0)
    return Benefit(
        kind=text(given["kind"], field=f"{field}.kind", longest=100),
        owner=text(given["owner"], field=f"{field}.owner", longest=100),
        amount_gr=money(given["amount_gr"], field=f"{field}.amount_gr"),
        kept_months=None if kept is None else whole(kept, field=f"{field}.kept_months", low=0, high=MONTHS),
        gained=truth(given.get("gained", False), field=f"{field}.gained"),
    )
