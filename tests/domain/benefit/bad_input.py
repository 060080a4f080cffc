"""The bad input that every reader of cases refuses: the same list for single cases, batches and previews."""

from copy import deepcopy
from typing import Any

from .builders import worked

BEYOND = 2**53 + 1


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    """Return a good case with one value changed."""
    case: dict[str, Any] = deepcopy(worked("01")["case"])
    place: Any = case
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return case


def without(*path: str | int) -> dict[str, Any]:
    """Return a good case with one member left out."""
    case: dict[str, Any] = deepcopy(worked("01")["case"])
    place: Any = case
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return case


def event(kind: str, on: str, **members: Any) -> dict[str, Any]:
    """Return an event of employment."""
    return {"kind": kind, "effective": on, **members}


START = event("start", "2026-03-01", net_wage_gr=360000)

BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "a missing owner": (without("benefits", 1, "owner"), "request-invalid", "benefits[1].owner"),
    "a negative amount": (changed("benefits", 1, "amount_gr", value=-1), "amount-negative", "benefits[1].amount_gr"),
    "a negative wage": (
        changed("employment", 0, "net_wage_gr", value=-5),
        "amount-negative",
        "employment[0].net_wage_gr",
    ),
    "a stop before a start": (
        changed("employment", value=[event("stop", "2026-01-31"), START]),
        "period-reversed",
        "employment[0].kind",
    ),
    "a stop without a start": (
        changed("employment", value=[event("stop", "2026-03-01", recorded=1)]),
        "period-reversed",
        "employment[0].kind",
    ),
    "a day before the parameters": (
        changed("employment", 0, "effective", value="1999-12-31"),
        "request-invalid",
        "employment[0].effective",
    ),
    "a day after them": (
        changed("employment", 0, "effective", value="2200-01-01"),
        "request-invalid",
        "employment[0].effective",
    ),
    "a curve that rises": (
        changed("parameters", value={"curve": [10_000, 5_000, 6_000] + [0] * 9}),
        "request-invalid",
        "parameters.curve[2]",
    ),
    "a curve of eleven points": (
        changed("parameters", value={"curve": [10_000] * 11}),
        "request-invalid",
        "parameters.curve",
    ),
    "an amount beyond 2^53": (
        changed("benefits", 0, "amount_gr", value=BEYOND),
        "request-invalid",
        "benefits[0].amount_gr",
    ),
    "a wage beyond 2^53": (
        changed("employment", 0, "net_wage_gr", value=BEYOND),
        "request-invalid",
        "employment[0].net_wage_gr",
    ),
    "a counter beyond 2^53": (
        changed("employment", 0, "recorded", value=BEYOND),
        "request-invalid",
        "employment[0].recorded",
    ),
    "two records of a day with one counter": (
        changed(
            "employment",
            value=[
                {**START, "recorded": 1},
                event("wage", "2026-06-01", net_wage_gr=100000, recorded=2),
                event("stop", "2026-06-01", recorded=2),
            ],
        ),
        "request-invalid",
        "employment[2].recorded",
    ),
    "two records of two days with one counter": (
        changed("employment", value=[{**START, "recorded": 0}, event("stop", "2026-06-01", recorded=0)]),
        "request-invalid",
        "employment[1].recorded",
    ),
}
"""A case, the problem and the field of each."""

IN_ORDER = [START, event("wage", "2026-06-01", net_wage_gr=100000), event("stop", "2026-06-01")]
COUNTED = [{**each, "recorded": number} for number, each in enumerate(IN_ORDER, 1)]
OUT_OF_ORDER = [changed("employment", value=[COUNTED[index] for index in order]) for order in ((2, 1, 0), (1, 2, 0))]
"""Events of one day that came in another order than they were recorded: no mistake, for the counter decides."""
REPEATED = changed("employment", value=[COUNTED[index] for index in (2, 0, 1, 1, 2, 0)])
"""A record that came twice is the same record."""
EVENTS_IN_ORDER = changed("employment", value=IN_ORDER)
EVENTS_THE_OTHER_WAY = changed("employment", value=[IN_ORDER[0], IN_ORDER[2], IN_ORDER[1]])
"""Without a counter the order in the list decides: here the person works on."""
