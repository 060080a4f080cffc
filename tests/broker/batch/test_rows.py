"""Rows that are no case are refused with the problem of the rule, the others answered all the same."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from services.broker.batch.assessing import assess_table
from services.broker.batch.bounds import EXACT, LONGEST, MOST_QUANTUM, MOST_TOGETHER_GR
from services.broker.batch.engines import kernel
from services.broker.batch.files import reject
from services.broker.batch.plain import plain_rows
from services.broker.batch.schema import INPUT, canonical, check
from shared.domain.benefit.case import Benefit, Case
from shared.domain.benefit.parameters import SchemeParameters
from shared.domain.errors import Invalid
from tests.broker.batch.builders import ENGINES, answered, expected, row_of, rows_of, table_of
from tests.domain.benefit.builders import event, worked


def good(case_id: str = "good") -> dict[str, Any]:
    return {**row_of(worked("01")["case"]), "case_id": case_id}


def benefit(**changed: Any) -> dict[str, Any]:
    return {**good(), "benefits": [{**good()["benefits"][0], **changed}]}


def employment(*events: dict[str, Any]) -> dict[str, Any]:
    return {**good(), "employment": list(events)}


def start(on: date = date(2026, 3, 1), **changed: Any) -> dict[str, Any]:
    return {"kind": "start", "effective": on, "net_wage_gr": 360000, **changed}


def scheme(**given: Any) -> dict[str, Any]:
    return {**good(), "parameters": given}


BAD = {
    "a missing owner": (benefit(owner=None), "request-invalid", "benefits[0].owner"),
    "an empty owner": (benefit(owner=""), "request-invalid", "benefits[0].owner"),
    "a missing kind": (benefit(kind=None), "request-invalid", "benefits[0].kind"),
    "a negative amount": (benefit(amount_gr=-1), "amount-negative", "benefits[0].amount_gr"),
    "an amount beyond 2^53": (benefit(amount_gr=2**53 + 1), "request-invalid", "benefits[0].amount_gr"),
    "a missing amount": (benefit(amount_gr=None), "request-invalid", "benefits[0].amount_gr"),
    "thirteen months kept": (benefit(kept_months=13), "request-invalid", "benefits[0].kept_months"),
    "a benefit that is null": ({**good(), "benefits": [None]}, "request-invalid", "benefits[0]"),
    "no list of benefits": ({**good(), "benefits": None}, "request-invalid", "benefits"),
    "no employment": (employment(), "request-invalid", "employment"),
    "a stop before a start": (
        employment({"kind": "stop", "effective": date(2026, 1, 1)}, start()),
        "period-reversed",
        "employment[0].kind",
    ),
    "a start without a wage": (employment(start(net_wage_gr=None)), "request-invalid", "employment[0].net_wage_gr"),
    "a negative wage": (employment(start(net_wage_gr=-5)), "amount-negative", "employment[0].net_wage_gr"),
    "an unknown kind of event": (employment(start(kind="begin")), "request-invalid", "employment[0].kind"),
    "a day before the parameters": (
        employment(start(date(1999, 12, 31))),
        "request-invalid",
        "employment[0].effective",
    ),
    "a day after them": (employment(start(date(2200, 1, 1))), "request-invalid", "employment[0].effective"),
    "a missing day": (employment({**start(), "effective": None}), "request-invalid", "employment[0].effective"),
    "a counter below 0": (employment(start(recorded=-1)), "request-invalid", "employment[0].recorded"),
    "a rising curve": (scheme(curve_bp=[10000, 5000, 6000] + [0] * 9), "request-invalid", "parameters.curve[2]"),
    "a curve of eleven": (scheme(curve_bp=[10000] * 11), "request-invalid", "parameters.curve"),
    "a curve with a null": (scheme(curve_bp=[10000] * 11 + [None]), "request-invalid", "parameters.curve[11]"),
    "an unknown curve": (scheme(curve="steep"), "request-invalid", "parameters.curve"),
    "two curves": (scheme(curve="linear", curve_bp=[10000] * 12), "request-invalid", "parameters.curve_bp"),
    "a cap and none": (scheme(cap_gr=1, uncapped=True), "request-invalid", "parameters.uncapped"),
    "a taper of all": (scheme(taper_bp=10000), "request-invalid", "parameters.taper_bp"),
    "no case id": ({**good(), "case_id": None}, "request-invalid", "case_id"),
    "a case id of two lines": ({**good(), "case_id": "a\nb"}, "request-invalid", "case_id"),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bad_row_is_refused_by_its_field_and_the_others_are_answered(engine: Any) -> None:
    rows = [each for bad, _, _ in BAD.values() for each in (good(), bad)] + [good()] * 30
    results, refused = answered(rows, engine)
    assert results == [{**worked("01")["result"], "case_id": "good"}] * (len(BAD) + 30)
    lines = [reject(each, first_row=100) for each in refused]
    told = [(line["row"], line["problem"], line["field"]) for line in lines]
    assert told == [(102 + 2 * index, name, field) for index, (_, name, field) in enumerate(BAD.values())]
    assert all(line["detail"] for line in lines)


def test_a_reject_says_what_is_expected_and_repeats_a_case_id_unless_it_passes_as_a_pesel() -> None:
    rows = [{**benefit(amount_gr=-1), "case_id": each} for each in ("case 7", "44651401357")]
    _, refused = answered(rows, "numpy")
    told = [reject(each, first_row=0) for each in refused]
    assert told[0] == {
        "row": 1,
        "case_id": "case 7",
        "problem": "amount-negative",
        "field": "benefits[0].amount_gr",
        "expected": "0 to 9999999999",
        "detail": "The amount is negative.",
    }
    assert told[1]["case_id"] == "*" * 11


def test_text_that_is_not_utf_8_and_days_that_python_has_not_are_refused() -> None:
    table = table_of([good("first"), good("second"), good("third")])
    broken = pa.array([b"first", b"\xff\xfe", b"third"], pa.binary()).view(pa.string())
    table = table.set_column(0, INPUT.field("case_id"), broken)
    day = pa.array([20_000, 20_000, 2**31 - 1], pa.int32()).cast(pa.date32())
    events = table.column("employment").combine_chunks()
    members = {name: events.values.field(name) for name in ("kind", "effective", "net_wage_gr", "recorded")}
    values = pa.StructArray.from_arrays([*{**members, "effective": day}.values()], fields=list(events.type.value_type))
    table = table.set_column(3, INPUT.field("employment"), pa.ListArray.from_arrays(events.offsets, values))
    for engine in ENGINES:
        results, refused = assess_table(table, kernel(engine))
        assert results.column("case_id").to_pylist() == ["first"]
        told = [(each.place, each.case_id, each.failure.field) for each in refused]
        assert told == [(1, None, "case_id"), (2, "third", "employment")]


def rich(together: int) -> Case:
    """A case whose benefits come to so much that the numbers of a kernel are as large as they get."""
    benefits = (Benefit("A", "a", together // 3), Benefit("B", "b", together - together // 3, kept_months=5))
    return Case("rich", SchemeParameters(quantum_gr=100), benefits, (event("start", "2026-01-16", 1),))


def test_rows_at_the_bound_are_exact_and_rows_beyond_it_are_left_to_the_rule() -> None:
    cases = [rich(MOST_TOGETHER_GR + more) for more in range(-20, 21)]
    assert plain_rows(table_of(rows_of(cases))).places.tolist() == list(range(21))
    assert 2 * (MOST_TOGETHER_GR + MOST_QUANTUM) * LONGEST * MOST_TOGETHER_GR < EXACT
    for engine in ENGINES:
        assert answered(rows_of(cases), engine)[0] == expected(cases)


@pytest.mark.parametrize("count", [0, 1, 1023, 1024, 1025, 16383, 16384, 16385])
def test_the_borders_of_blocks_change_nothing(count: int) -> None:
    table = table_of([good(f"case {index}") for index in range(min(count, 1))])
    many = pa.concat_tables([table] * count).combine_chunks() if count else table_of([])
    for engine in ("numpy", "numba"):
        results, refused = assess_table(many, kernel(engine))
        assert not refused
        assert results.column("total_gr").to_pylist() == [worked("01")["result"]["total_gr"]] * count


def test_types_of_other_widths_and_left_out_members_are_taken() -> None:
    benefits = pa.large_list(
        pa.struct({"owner": pa.large_string(), "kind": pa.dictionary(pa.int8(), pa.string()), "amount_gr": pa.int32()})
    )
    events = pa.list_(pa.struct({"kind": pa.string(), "effective": pa.date64(), "net_wage_gr": pa.uint32()}))
    schema = pa.schema({"employment": events, "case_id": pa.string(), "benefits": benefits})
    row = good()
    thin = {"owner": "pup-2478", "kind": "PUP-ZAS", "amount_gr": 209020}
    given = pa.Table.from_pylist([{**row, "benefits": [thin], "employment": [start()]}], schema=schema)
    check(given.schema)
    full = {**row, "benefits": [{**thin, "kept_months": 0}], "parameters": None, "employment": [start()]}
    assert canonical(given.slice(0)).to_pylist() == table_of([full]).to_pylist()


SCHEMAS = {
    "columns": INPUT.append(pa.field("parameter", pa.int64())),
    "benefits": INPUT.remove(2),
    "benefits[].amount_gr": INPUT.set(2, INPUT.field("benefits").with_type(pa.list_(pa.struct(
        {"kind": pa.string(), "owner": pa.string(), "amount_gr": pa.float64()})))),
    "employment[].net_wage_gr": INPUT.set(3, INPUT.field("employment").with_type(pa.list_(pa.struct(
        {"kind": pa.string(), "effective": pa.date32()})))),
    "employment[].effective": INPUT.set(3, INPUT.field("employment").with_type(pa.list_(pa.struct(
        {"kind": pa.string(), "effective": pa.string(), "net_wage_gr": pa.int64()})))),
    "parameters": INPUT.set(1, pa.field("parameters", pa.string())),
    "employment": INPUT.set(3, pa.field("employment", pa.struct({"kind": pa.string()}))),
    "case_id": INPUT.append(INPUT.field("case_id")),
    "benefits[].owner": INPUT.set(2, pa.field("benefits", pa.list_(pa.struct(
        [*INPUT.field("benefits").type.value_type, pa.field("owner", pa.string())])))),
    "parameters.cap_gr": INPUT.set(1, pa.field("parameters", pa.struct([("cap_gr", pa.int64())] * 2))),
}  # fmt: skip


@pytest.mark.parametrize("field", SCHEMAS)
def test_columns_that_are_not_those_of_a_batch_are_named(field: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(SCHEMAS[field])
    assert caught.value.field == field
    assert caught.value.expected
