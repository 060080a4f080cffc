"""One row of a batch as the JSON value of a case, and the rule itself for the rows that no kernel takes.

What the rule refuses here is refused with the very problem that ``zwornik assess`` gives the same case.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa

from services.broker.batch.schema import OUTPUT
from shared.domain.benefit.case import parse_case
from shared.domain.benefit.members import MalformedMember
from shared.domain.benefit.result import Result
from shared.domain.benefit.rule import assess
from shared.domain.errors import DomainError


class Refused(NamedTuple):
    """A row that is no case: its place in the table from 0, its id where that can be read, and what is wrong."""

    place: int
    case_id: str | None
    failure: DomainError


def case_value(row: Mapping[str, Any]) -> dict[str, object]:
    """Return a row as the JSON value of a case: a null is a member left out, but for ``kept_months`` and required ones.

    :raises MalformedMember: two members say the same thing in two ways.
    """
    benefits, employment = row["benefits"], row["employment"]
    return {
        "case_id": row["case_id"],
        "parameters": parameters_value(row["parameters"] or {}),
        "benefits": benefits and [_without(each, "gained") for each in benefits],
        "employment": employment and [_event(each) for each in employment],
    }


def assess_rows(table: pa.Table, places: Sequence[int]) -> tuple[list[int], list[Result], list[Refused]]:
    """Return places and results of the rows that are cases, and the others refused."""
    answered: list[int] = []
    results: list[Result] = []
    refused: list[Refused] = []
    for place, row in zip(places, _read(table, places), strict=True):
        if isinstance(row, _Unreadable):
            refused.append(Refused(place, row.case_id, row.failure))
            continue
        try:
            results.append(assess(parse_case(case_value(row))))
            answered.append(place)
        except DomainError as failure:
            refused.append(Refused(place, row["case_id"], failure))
    return answered, results, refused


def results_table(results: Sequence[Result]) -> pa.Table:
    """Return results as rows of the output."""
    rows = [
        {
            "case_id": result.case_id,
            "months": [
                {
                    "month": month.month,
                    "amount_gr": month.amount_gr,
                    "codes": month.codes,
                    "shares": [{"owner": owner, "amount_gr": share} for owner, share in month.shares_gr],
                }
                for month in result.months
            ],
            "total_gr": result.total_gr,
            "gap_gr": result.gap_gr,
        }
        for result in results
    ]
    return pa.Table.from_pylist(rows, schema=OUTPUT)


class _Unreadable(NamedTuple):
    """A row with a value that is none, and its id where that can be read."""

    case_id: str | None
    failure: DomainError


def _read(table: pa.Table, places: Sequence[int]) -> Iterator[dict[str, Any] | _Unreadable]:
    """Yield rows as Python values; one by one where a value among them is none, such as text that is not UTF-8."""
    chosen = table.take(pa.array(places, pa.int64()))
    try:
        yield from chosen.to_pylist()
    except (ValueError, OverflowError):
        pass
    else:
        return
    for index in range(len(chosen)):
        yield _read_one(chosen, index)


def _read_one(table: pa.Table, index: int) -> dict[str, Any] | _Unreadable:
    found: dict[str, Any] = {}
    for name in table.column_names:
        try:
            found[name] = table.column(name)[index].as_py()
        except (ValueError, OverflowError):
            failure = MalformedMember(field=name, expected="text in UTF-8 and days of the calendar")
            return _Unreadable(found.get("case_id"), failure)
    return found


def _without(value: Any, *optional: str) -> Any:
    if not isinstance(value, dict):
        return value
    return {name: item for name, item in value.items() if item is not None or name not in optional}


def _event(value: Any) -> Any:
    found = _without(value, "net_wage_gr", "recorded")
    if isinstance(found, dict) and isinstance(found["effective"], date):
        found["effective"] = found["effective"].isoformat()
    return found


def parameters_value(given: Mapping[str, Any]) -> dict[str, object]:
    """Return the parameters of a row as JSON has them.

    :raises MalformedMember: two members say the same thing in two ways.
    """
    found = {name: value for name, value in given.items() if value is not None}
    own, uncapped = found.pop("curve_bp", None), found.pop("uncapped", False)
    if own is not None:
        if "curve" in found:
            raise MalformedMember(field="parameters.curve_bp", expected="null beside a curve that is named")
        found["curve"] = own
    if uncapped:
        if "cap_gr" in found:
            raise MalformedMember(field="parameters.uncapped", expected="false or null beside a cap")
        found["cap_gr"] = None
    return found
