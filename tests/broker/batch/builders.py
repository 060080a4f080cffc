"""Test data of the batch engine: cases as rows, and what the rule makes of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from services.broker.batch.assessing import assess_table
from services.broker.batch.engines import Engine, kernel
from services.broker.batch.rows import Refused
from services.broker.batch.schema import INPUT, canonical
from shared.domain.benefit.case import Case, case_json
from shared.domain.benefit.result import result_json
from shared.domain.benefit.rule import assess

ENGINES: tuple[Engine, ...] = ("scalar", "numpy", "numba")


def row_of(value: dict[str, Any]) -> dict[str, Any]:
    """A JSON case as a row of the input."""
    given = dict(value.get("parameters", {}))
    if isinstance(given.get("curve"), list):
        given["curve_bp"] = given.pop("curve")
    if "cap_gr" in given and given["cap_gr"] is None:
        given["uncapped"] = True
    benefits = [{"kept_months": 0, **each} for each in value["benefits"]]
    events = [{**each, "effective": date.fromisoformat(each["effective"])} for each in value["employment"]]
    return {"case_id": value["case_id"], "parameters": given or None, "benefits": benefits, "employment": events}


def table_of(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows as a table in canonical form."""
    return canonical(pa.Table.from_pylist(list(rows), schema=INPUT))


def rows_of(cases: Sequence[Case]) -> list[dict[str, Any]]:
    return [row_of(case_json(case)) for case in cases]


def answered(rows: Sequence[dict[str, Any]], engine: Engine) -> tuple[list[Any], list[Refused]]:
    """What an engine makes of rows, as JSON results."""
    table, refused = assess_table(table_of(rows), kernel(engine))
    return results_of(table), refused


def results_of(table: pa.Table) -> list[Any]:
    """Rows of the output as the JSON results that they are; owners keep their order."""
    return [
        {
            **row,
            "months": [
                {
                    "month": month["month"],
                    "amount_gr": month["amount_gr"],
                    "codes": month["codes"],
                    "shares_gr": {share["owner"]: share["amount_gr"] for share in month["shares"]},
                }
                for month in row["months"]
            ],
        }
        for row in table.to_pylist()
    ]


def expected(cases: Sequence[Case]) -> list[Any]:
    return [result_json(assess(case)) for case in cases]
