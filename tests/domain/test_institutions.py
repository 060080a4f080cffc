"""Ids of institutions follow TERC."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.institutions import (
    BROKER,
    KINDS,
    WELFARE_KINDS,
    MalformedInstitutionId,
    is_gmina,
    is_institution_id,
    kind_of,
)
from shared.domain.pesel import holds_a_pesel

from .builders import PROPERTY

LENGTHS = {"pup": 4, "pcpr": 4, "ops": 7, "ngo": 10}
digits = st.text("0123456789", max_size=12)


@PROPERTY
@given(st.sampled_from(KINDS), digits)
def test_an_id_is_a_kind_and_exactly_its_number_of_digits(kind: str, number: str) -> None:
    name = f"{kind}-{number}"
    assert is_institution_id(name) == (len(number) == LENGTHS[kind])
    if is_institution_id(name):
        assert kind_of(name) == kind
        assert not holds_a_pesel(name)


def test_every_kind_has_ids_and_stands_on_one_side_of_a_match() -> None:
    assert set(KINDS) == LENGTHS.keys()
    assert set(KINDS) - {"pup"} == WELFARE_KINDS


@pytest.mark.parametrize(
    "name",
    [
        "",
        "pup",
        "pup-",
        "pup-24",
        "pup-2478011",
        "ops-2478",
        "PUP-2478",
        "pup-2478\n",
        " pup-2478",
        "pup_2478",
        "pup-٢٤٧٨",
        "pup-2478-x",
        "xyz-2478",
        "broker-2478",
        "Broker",
    ],
)
def test_whatever_else_is_no_id(name: str) -> None:
    assert not is_institution_id(name)
    with pytest.raises(MalformedInstitutionId):
        kind_of(name)


def test_the_broker_is_a_kind_of_its_own_and_no_member() -> None:
    assert kind_of(BROKER) == BROKER
    assert not is_institution_id(BROKER)


@pytest.mark.parametrize("value", [None, 2478, b"pup-2478", ["pup-2478"], {"id": "pup-2478"}])
def test_whatever_is_not_text_is_neither_id_nor_gmina(value: object) -> None:
    assert not is_institution_id(value)
    assert not is_gmina(value)


@pytest.mark.parametrize(
    ("code", "fits"),
    [("2478011", True), ("247801", False), ("24780111", False), ("247801x", False), ("2478011\n", False)],
)
def test_a_gmina_is_seven_digits(code: str, fits: bool) -> None:
    assert is_gmina(code) is fits
