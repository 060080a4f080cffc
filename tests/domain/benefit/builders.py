"""Test data of the benefit: the worked cases, cases from parts, and Hypothesis strategies."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shared.domain.benefit.case import Benefit, Case
from shared.domain.benefit.curves import NAMED, Curve
from shared.domain.benefit.employment import EmploymentEvent, EventKind
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.money import UNBROKEN

FOLDER = Path(__file__).parent
WORKED = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "cases").glob("*.json"))}

PROPERTY = settings(
    max_examples=max(150, settings().max_examples),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
"""150 examples in the short tier and 500 in the long one; the same ones on every run and every worker."""

OPS, PUP = "ops-2478011", "pup-2478"


def spaced(text: str) -> str:
    """Return a text with plain spaces in its amounts."""
    return text.replace(UNBROKEN, " ")


def worked(name: str) -> Any:
    """Return a worked case by the two digits of its number, fresh, for the test to spoil."""
    return next(json.loads(json.dumps(each)) for stem, each in WORKED.items() if stem.startswith(name))


def event(kind: EventKind, on: str, wage: int | None = None, recorded: int | None = None) -> EmploymentEvent:
    """Return an employment event."""
    return EmploymentEvent(kind, date.fromisoformat(on), wage, recorded)


def case(
    *events: EmploymentEvent, benefits: tuple[Benefit, ...] | None = None, parameters: SchemeParameters | None = None
) -> Case:
    """Return a case; without benefits given, 785.00 zł from the OPS and 1 305.20 zł from the PUP."""
    usual = (Benefit("OPS-ZOK", OPS, 78500), Benefit("PUP-ZAS", PUP, 130520))
    return Case("test", parameters or SchemeParameters(), usual if benefits is None else benefits, events)


def with_wage(given: Case, wage: int) -> Case:
    """Return the case with every wage replaced."""
    events = tuple(
        replace(each, net_wage_gr=wage) if each.net_wage_gr is not None else each for each in given.employment
    )
    return replace(given, employment=events)


# Left to itself Hypothesis prefers zeros and small numbers: of such cases one in ten pays anything. So what is usual
# is named first, and the whole range stands beside it.
wages = st.sampled_from([150_000, 250_000, 360_585, 80_000]) | st.integers(0, 600_000)
days = st.dates(date(2023, 1, 1), date(2032, 12, 31))
firsts = st.builds(date, st.integers(2023, 2032), st.integers(1, 12), st.just(1))
owners = st.sampled_from([OPS, PUP, "ops-2478022", "zus"])
amounts = st.sampled_from([130_520, 78_500, 62_007, 209_020]) | st.integers(30_000, 250_000) | st.integers(0, 250_000)
benefit = st.builds(
    Benefit,
    kind=st.sampled_from(["OPS-ZOK", "PUP-ZAS", "PUP-DAK"]),
    owner=owners,
    amount_gr=amounts,
    kept_months=st.sampled_from([0, 0, 0, 2, None]) | st.integers(0, 12),
    gained=st.sampled_from([False, False, False, False, True]),
)


@st.composite
def benefits(draw: st.DrawFn) -> tuple[Benefit, ...]:
    """Return up to five benefits, rarely none."""
    return tuple(draw(benefit) for _ in range(draw(st.sampled_from([2, 3, 1, 4, 5, 2, 3, 0]))))


own_curves = st.lists(st.integers(0, 10_000), min_size=11, max_size=11).map(
    lambda rates: (10_000, *sorted(rates, reverse=True))
)
curves: st.SearchStrategy[Curve] = st.sampled_from(sorted(NAMED)) | own_curves


@st.composite
def parameters(draw: st.DrawFn, /, **fixed: Any) -> SchemeParameters:
    """Return parameters anywhere in their bounds, but for those that are fixed."""
    drawn = {
        "curve": draw(curves),
        "premium_bp": draw(st.integers(0, 10_000)),
        "guarantee_months": draw(st.sampled_from([12, 6, 0]) | st.integers(0, 12)),
        "taper_bp": draw(st.sampled_from([0, 0, 3_000]) | st.integers(0, 9_999)),
        "disregard_gr": draw(st.sampled_from([0, 100_000]) | st.integers(0, 400_000)),
        "cap_gr": draw(st.sampled_from([None, None, 90_000]) | st.integers(0, 300_000)),
        "quantum_gr": draw(st.sampled_from([1, 10, 100]) | st.integers(1, 100)),
    }
    return SchemeParameters(**{**drawn, **fixed})


@st.composite
def employments(draw: st.DrawFn, *, wage: int | None = None) -> tuple[EmploymentEvent, ...]:
    """Return a start and up to eight later events, in any order, with distinct counters or none at all."""
    on = draw(days)
    events = [EmploymentEvent("start", on, draw(wages) if wage is None else wage)]
    for _ in range(draw(st.integers(0, 8))):
        on += timedelta(days=draw(st.sampled_from([0, 1, 45]) | st.integers(0, 90)))
        kind: EventKind = draw(st.sampled_from(["start", "wage", "stop"]))
        paid = None if kind == "stop" else draw(wages) if wage is None else wage
        events.append(EmploymentEvent(kind, on, paid))
    if draw(st.booleans()):
        return tuple(events)
    counters = draw(st.permutations(range(len(events))))
    return tuple(
        draw(st.permutations([replace(each, recorded=counter) for each, counter in zip(events, counters, strict=True)]))
    )


@st.composite
def cases(draw: st.DrawFn, /, **fixed: Any) -> Case:
    """Return any case; ``fixed`` holds parameters."""
    return Case("any", draw(parameters(**fixed)), draw(benefits()), draw(employments()))


@st.composite
def full_month_cases(draw: st.DrawFn, /, **fixed: Any) -> Case:
    """Return a case of twelve full calendar months at one wage."""
    start = EmploymentEvent("start", draw(firsts), draw(wages))
    return Case("full", draw(parameters(**fixed)), draw(benefits()), (start,))
