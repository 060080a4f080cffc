"""A bad case gets a problem that names the field, and never what stood there."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.benefit.case import MOST_TOGETHER_GR, parse_case
from shared.domain.errors import DomainError, Invalid

from .builders import worked

PESEL = "44651401357"
PERSON = f"Zofia Nowak {PESEL}"

Spoil = Callable[[Any], object]


def put(*path: str | int, value: object) -> Spoil:
    """Return what puts a value into a case."""

    def spoil(case: Any) -> object:
        place = case
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return case

    return spoil


def drop(*path: str | int) -> Spoil:
    """Return what removes a member from a case."""

    def spoil(case: Any) -> object:
        place = case
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        return case

    return spoil


BAD: list[tuple[Spoil, str, str]] = [
    (lambda case: [case], "", "request-invalid"),
    (lambda case: None, "", "request-invalid"),
    (drop("case_id"), "case_id", "request-invalid"),
    (put("case_id", value=""), "case_id", "request-invalid"),
    (put("case_id", value="x" * 201), "case_id", "request-invalid"),
    (put("case_id", value=7), "case_id", "request-invalid"),
    (put("case_id", value="a\ud800"), "case_id", "request-invalid"),
    (put("surname", value=PERSON), "surname", "field-unknown"),
    (put(PERSON, value=1), "", "field-unknown"),
    (put("parameters", value=[]), "parameters", "request-invalid"),
    (put("parameters", value=None), "parameters", "request-invalid"),
    (put("parameters", "premium", value=1), "parameters.premium", "field-unknown"),
    (put("parameters", "premium_bp", value=10001), "parameters.premium_bp", "request-invalid"),
    (put("parameters", "premium_bp", value=None), "parameters.premium_bp", "request-invalid"),
    (put("parameters", "guarantee_months", value=13), "parameters.guarantee_months", "request-invalid"),
    (put("parameters", "taper_bp", value=10000), "parameters.taper_bp", "request-invalid"),
    (put("parameters", "disregard_gr", value=-1), "parameters.disregard_gr", "amount-negative"),
    (put("parameters", "cap_gr", value=-1), "parameters.cap_gr", "amount-negative"),
    (put("parameters", "cap_gr", value="none"), "parameters.cap_gr", "request-invalid"),
    (put("parameters", "quantum_gr", value=0), "parameters.quantum_gr", "request-invalid"),
    (put("parameters", "quantum_gr", value=101), "parameters.quantum_gr", "request-invalid"),
    (put("parameters", "curve", value="cubic"), "parameters.curve", "request-invalid"),
    (put("parameters", "curve", value=[10000] + [1] * 10 + [2]), "parameters.curve[11]", "request-invalid"),
    (drop("benefits"), "benefits", "request-invalid"),
    (put("benefits", value={}), "benefits", "request-invalid"),
    (lambda case: {**case, "benefits": case["benefits"] * 67}, "benefits", "request-invalid"),
    (put("benefits", 1, value="PUP-ZAS"), "benefits[1]", "request-invalid"),
    (put("benefits", 1, "amount", value=1), "benefits[1].amount", "field-unknown"),
    (drop("benefits", 2, "owner"), "benefits[2].owner", "request-invalid"),
    (put("benefits", 2, "owner", value=" \n"), "benefits[2].owner", "request-invalid"),
    (drop("benefits", 0, "kind"), "benefits[0].kind", "request-invalid"),
    (drop("benefits", 2, "amount_gr"), "benefits[2].amount_gr", "request-invalid"),
    (put("benefits", 2, "amount_gr", value=-1), "benefits[2].amount_gr", "amount-negative"),
    (put("benefits", 2, "amount_gr", value=1.5), "benefits[2].amount_gr", "request-invalid"),
    (put("benefits", 2, "amount_gr", value="100"), "benefits[2].amount_gr", "request-invalid"),
    (put("benefits", 2, "amount_gr", value=True), "benefits[2].amount_gr", "request-invalid"),
    (put("benefits", 2, "amount_gr", value=int(PESEL)), "benefits[2].amount_gr", "request-invalid"),
    (put("benefits", 2, "amount_gr", value=MOST_TOGETHER_GR), "benefits", "request-invalid"),
    (put("benefits", 0, "kept_months", value=13), "benefits[0].kept_months", "request-invalid"),
    (put("benefits", 0, "kept_months", value=-1), "benefits[0].kept_months", "request-invalid"),
    (put("benefits", 0, "kept_months", value="2"), "benefits[0].kept_months", "request-invalid"),
    (put("benefits", 0, "gained", value=1), "benefits[0].gained", "request-invalid"),
    (drop("employment"), "employment", "request-invalid"),
    (put("employment", value=[]), "employment", "request-invalid"),
    (lambda case: {**case, "employment": case["employment"] * 2001}, "employment", "request-invalid"),
    (put("employment", 0, "kind", value="begin"), "employment[0].kind", "request-invalid"),
    (put("employment", 0, "kind", value=["start"]), "employment[0].kind", "request-invalid"),
    (drop("employment", 0, "effective"), "employment[0].effective", "request-invalid"),
    (put("employment", 0, "effective", value="2026-02-29"), "employment[0].effective", "request-invalid"),
    (put("employment", 0, "effective", value="20260301"), "employment[0].effective", "request-invalid"),
    (put("employment", 0, "effective", value="1999-12-31"), "employment[0].effective", "request-invalid"),
    (put("employment", 0, "effective", value="2200-01-01"), "employment[0].effective", "request-invalid"),
    (put("employment", 0, "effective", value=PERSON), "employment[0].effective", "request-invalid"),
    (drop("employment", 0, "net_wage_gr"), "employment[0].net_wage_gr", "request-invalid"),
    (put("employment", 0, "net_wage_gr", value=-5), "employment[0].net_wage_gr", "amount-negative"),
    (put("employment", 0, "recorded", value=-1), "employment[0].recorded", "request-invalid"),
    (put("employment", 0, "recorded", value=int(PESEL)), "employment[0].recorded", "request-invalid"),
    (put("employment", 0, value={"kind": "stop", "effective": "2026-03-01"}), "employment[0].kind", "period-reversed"),
    (
        put("employment", 0, value={"kind": "stop", "effective": "2026-03-01", "net_wage_gr": 1}),
        "employment[0].net_wage_gr",
        "request-invalid",
    ),
]


@pytest.mark.parametrize(("spoil", "field", "problem"), BAD)
def test_a_bad_case_is_refused_by_the_name_of_its_field(spoil: Spoil, field: str, problem: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_case(spoil(worked("01")["case"]))
    assert (caught.value.field, caught.value.problem) == (field, problem)


@pytest.mark.parametrize(("spoil", "field", "problem"), BAD)
def test_no_error_repeats_what_may_be_personal(spoil: Spoil, field: str, problem: str) -> None:
    with pytest.raises(DomainError) as caught:
        parse_case(spoil(worked("01")["case"]))
    said = repr(vars(caught.value)) + str(caught.value)
    assert PESEL not in said
    assert "Nowak" not in said


def test_a_stop_before_any_start_is_refused_wherever_it_stands_in_the_list() -> None:
    case = worked("05")["case"]
    case["employment"].append({"kind": "stop", "effective": "2026-02-28"})
    with pytest.raises(Invalid) as caught:
        parse_case(case)
    assert (caught.value.field, caught.value.problem) == ("employment[3].kind", "period-reversed")


def test_an_error_says_what_was_expected_and_what_came() -> None:
    with pytest.raises(Invalid) as caught:
        parse_case(put("parameters", "taper_bp", value=10000)(worked("01")["case"]))
    assert (caught.value.expected, caught.value.received) == ("0 to 9999", 10000)
