"""Results as JSON: one spelling, and sums that are checked on the way in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.benefit.case import Benefit
from shared.domain.benefit.members import MalformedMember
from shared.domain.benefit.result import SumMismatch, canonical, parse_result
from shared.domain.benefit.shares import holdings_by_month, largest_remainder
from shared.domain.errors import Invalid

from .builders import OPS, PROPERTY, PUP, owners, worked


def test_the_canonical_json_has_sorted_keys_no_spaces_and_utf_8() -> None:
    assert canonical({"ż": [1, {"b": None, "a": True}], "a": "ł"}) == '{"a":"ł","ż":[1,{"a":true,"b":null}]}'.encode()


def test_shares_that_do_not_add_up_are_refused() -> None:
    result = worked("01")["result"]
    result["months"][3]["shares_gr"]["pup-2478"] += 1
    with pytest.raises(SumMismatch) as caught:
        parse_result(result)
    assert caught.value.field == "months[3].shares_gr"


def test_amounts_that_do_not_add_up_to_the_total_are_refused() -> None:
    result = worked("01")["result"]
    result["total_gr"] += 1
    with pytest.raises(SumMismatch) as caught:
        parse_result(result)
    assert caught.value.field == "total_gr"


@pytest.mark.parametrize(
    ("member", "value", "field"),
    [
        ("month", "2026-13", "months[0].month"),
        ("codes", "", "months[0].codes"),
        ("codes", "PK", "months[0].codes"),
        ("amount_gr", 1.5, "months[0].amount_gr"),
        ("shares_gr", [], "months[0].shares_gr"),
        ("note", "", "months[0].note"),
    ],
)
def test_a_malformed_month_is_refused_by_the_name_of_its_field(member: str, value: object, field: str) -> None:
    result = worked("01")["result"]
    result["months"][0][member] = value
    with pytest.raises(Invalid) as caught:
        parse_result(result)
    assert caught.value.field == field


def test_a_result_must_be_an_object() -> None:
    with pytest.raises(MalformedMember):
        parse_result([])


@PROPERTY
@given(st.integers(0, 10**9), st.dictionaries(owners, st.integers(0, 10**12)))
def test_shares_are_within_a_grosz_of_their_quota(amount: int, weights: dict[str, int]) -> None:
    total = sum(weights.values())
    shares = dict(largest_remainder(amount, weights=weights))
    assert list(shares) == list(weights)
    if total:
        assert sum(shares.values()) == amount
        assert all(abs(share * total - amount * weights[owner]) < total for owner, share in shares.items())


def test_holdings_are_the_same_object_until_a_benefit_ends() -> None:
    found = holdings_by_month([Benefit("OPS-ZOK", OPS, 62000, kept_months=2), Benefit("PUP-ZAS", PUP, 130520)])
    assert [index for index in range(1, 12) if found[index] is not found[index - 1]] == [2]


def test_ties_go_to_the_owner_whose_id_comes_first() -> None:
    assert largest_remainder(2, weights={"c": 1, "b": 1, "a": 1}) == (("c", 0), ("b", 1), ("a", 1))
