"""Payloads: what is written reads back, what is unknown is ignored, and free text has nowhere to stand."""

import json
import re
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import DomainError
from shared.domain.events import fields as parsers
from shared.domain.events.payloads.people import Enrolled, Restated
from shared.domain.events.payloads.support import Benefit
from shared.domain.events.schema import UNSET, SetSchema, read, write
from shared.domain.events.types import restated_records
from shared.domain.pesel import holds_a_pesel

from .builders import (
    FREE_TEXTS,
    HASH,
    ONE_VALUE,
    PESEL,
    QUARTER,
    UUID,
    VALUES,
    example,
    members_of,
    parsers_of,
    shapes,
    strings_in,
)

FOREIGN = (1.5, -1, 10**18, float("nan"), [[]], [{"": 0}], {"": 0}, {"a": [PESEL]}, b"2026-03-01", *FREE_TEXTS)
"""Values that no member of any payload takes."""

SHAPES = {name: type_.shape for name, type_ in shapes().items()}
ONE_MEMBER_A_PARSER = list(
    {parser: (name, wire) for name, shape in SHAPES.items() for wire, parser, _ in parsers_of(shape)}.values()
)
CLOSED = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.+-]{0,63}")
OPAQUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|([1-9][0-9]{0,5}\.)?[A-Za-z0-9_-]{43}")

every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
words = st.text(max_size=70) | st.sampled_from([*FREE_TEXTS, "2026-03-01", UUID, HASH, "A", "PUP-STA", "pup-2478"])
scalars = st.none() | st.booleans() | st.integers(-1, 10**12) | words
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)


def without(members: dict[str, Any], wire: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name != wire}


def over_the_wire(payload: Any) -> Any:
    return json.loads(json.dumps(write(payload)))


@every_shape
def test_a_payload_is_a_frozen_dataclass_of_keyword_members(shape: type) -> None:
    assert is_dataclass(shape)
    assert shape.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert all(one.kw_only for one in fields(shape))
    assert (shape.__doc__ or "").partition("\n")[0].endswith(".")


@every_shape
def test_every_member_of_every_payload_is_tested_here(shape: type) -> None:
    for _, parser, _ in parsers_of(shape):
        assert (parser in VALUES and parser in ONE_VALUE) or (parser.__doc__ or "").startswith("One of ")


@every_shape
def test_what_is_written_reads_back_as_the_same_payload(shape: type) -> None:
    @QUARTER
    @given(members_of(shape))
    def run(members: dict[str, Any]) -> None:
        payload = read(shape, members)
        written = over_the_wire(payload)
        assert read(shape, written) == payload
        assert over_the_wire(read(shape, written)) == written
        said = {wire: value for wire, value in members.items() if value is not None or wire == "kept_months"}
        assert {wire: written[wire] for wire in said} == said

    run()


@every_shape
def test_unknown_members_are_ignored(shape: type) -> None:
    members = example(shape)
    more = members | {"unknown": "x", "from_": "x", "note": {"deep": [None]}, "": 0}
    assert read(shape, more) == read(shape, members)
    assert write(read(shape, more)).keys() <= members.keys()


@every_shape
def test_a_value_of_another_form_is_refused_and_only_its_member_named(shape: type) -> None:
    for wire, _, _ in parsers_of(shape):
        for value in FOREIGN:
            with pytest.raises(SetSchema) as refused:
                read(shape, example(shape) | {wire: value})
            assert (refused.value.field, refused.value.problem) == (wire, "set-schema"), value
            assert refused.value.expected
            assert refused.value.received is None
            if isinstance(value, str) and value.strip():
                assert value not in f"{refused.value.detail} {refused.value.expected}"


@every_shape
def test_a_required_member_that_is_missing_or_null_is_named(shape: type) -> None:
    for wire, _, default in parsers_of(shape):
        for members in (without(example(shape), wire), example(shape) | {wire: None}):
            if default is MISSING:
                with pytest.raises(SetSchema) as refused:
                    read(shape, members)
                assert refused.value.field == wire
            else:
                read(shape, members)


@every_shape
def test_a_payload_that_is_no_object_is_refused(shape: type) -> None:
    for members in (None, [], "x", 1, True, [{}], b"{}"):
        with pytest.raises(SetSchema) as refused:
            read(shape, members)
        assert refused.value.field == "payload"


@pytest.mark.parametrize(("name", "wire"), ONE_MEMBER_A_PARSER)
def test_whatever_a_parser_lets_through_is_no_free_text(name: str, wire: str) -> None:
    shape = SHAPES[name]

    @QUARTER
    @given(json_values)
    def run(value: Any) -> None:
        try:
            payload = read(shape, example(shape) | {wire: value})
            kept = write(payload)
            if isinstance(payload, Restated):
                kept["records"] = [write(one.payload) for one in restated_records(payload.records)]
        except SetSchema:
            return
        for text in strings_in(kept):
            assert CLOSED.fullmatch(text), text
            assert OPAQUE.fullmatch(text) or not holds_a_pesel(text), text

    run()


@pytest.mark.parametrize("name", ["SupportForm", "Benefit", "Registration", "Contract", "CostAgreement", "Duplicated"])
def test_a_period_that_ends_before_it_starts_is_refused_by_its_end(name: str) -> None:
    for until, fits in (("2026-02-28", False), ("2026-03-01", True), ("2026-03-02", True)):
        members = example(SHAPES[name]) | {"from": "2026-03-01", "until": until}
        if fits:
            read(SHAPES[name], members)
        else:
            with pytest.raises(SetSchema) as refused:
                read(SHAPES[name], members)
            assert refused.value.field == "until"


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("Benefit", {"monthly_net": 100, "remaining_net": 101}, "remaining_net"),
        ("CostAgreement", {"unit": "basis_points", "own": 6_000, "other_share": 3_999}, "other_share"),
        ("Restated", {"part": 3, "parts": 2}, "part"),
        ("Restated", {"complete": False}, "complete"),
    ],
)
def test_members_that_contradict_each_other_are_refused_by_name(name: str, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(SetSchema) as refused:
        read(SHAPES[name], example(SHAPES[name]) | changes)
    assert refused.value.field == field


def test_a_benefit_kept_for_good_is_not_one_whose_keeping_is_left_to_the_catalogue() -> None:
    unsaid = without(example(Benefit), "kept_months")
    assert read(Benefit, unsaid).kept_months is UNSET
    assert "kept_months" not in write(read(Benefit, unsaid))
    for_good = read(Benefit, unsaid | {"kept_months": None})
    assert for_good.kept_months is None
    assert over_the_wire(for_good)["kept_months"] is None
    assert read(Benefit, over_the_wire(for_good)) == for_good


@pytest.mark.parametrize(
    ("parser", "value"),
    [
        (parsers.day, "2026-3-1"),
        (parsers.day, "2026-02-29"),
        (parsers.day, "20260301"),
        (parsers.day, "2026-W10-1"),
        (parsers.day, "0000-01-01"),
        (parsers.day, "２０２６-03-01"),
        (parsers.record_id, UUID.upper()),
        (parsers.record_id, UUID.replace("-", "")),
        (parsers.record_id, f"{{{UUID}}}"),
        (parsers.hash_, HASH[:-1]),
        (parsers.hash_, HASH + "="),
        (parsers.hash_, HASH[:-1] + "h"),
        (parsers.hash_, HASH[:-1] + "+"),
        (parsers.name, "1A"),
        (parsers.name, "A B"),
        (parsers.name, "zażółć"),
        (parsers.name, "A" * 65),
        (parsers.name, f"A{PESEL}"),
        (parsers.name, f"case-{PESEL}.x"),
        (parsers.count, True),
        (parsers.count, 1_000_001),
        (parsers.count, "7"),
        (parsers.positive, 0),
        (parsers.positive, True),
        (parsers.sequence, 0),
        (parsers.sequence, 2**53 + 1),
        (parsers.kept, 13),
        (parsers.kept, False),
        (parsers.truth, 1),
        (parsers.truth, "true"),
        (parsers.grosze, 10_000_000_000),
        (parsers.grosze, True),
        (parsers.check, "A7"),
        (parsers.fingerprint, "0123456789ABCDEF"),
        (parsers.county, 2478),
        (parsers.issuer, "broker"),
        (parsers.members, ["ops-2478011"] * 101),
        (parsers.members, ["broker"]),
        (parsers.members, "ops-2478011"),
        (parsers.hashes, [HASH] * 2001),
        (parsers.hashes, HASH),
        (parsers.records, [{"type": "contract.signed.v1"}]),
        (parsers.records, [{"payload": []}]),
        (parsers.records, [{"payload": {}}] * 2001),
        (parsers.months, [ONE_VALUE[parsers.months][0]] * 121),
        (parsers.months, [ONE_VALUE[parsers.months][0] | {"shares_gr": {"Jan Kowalski": 209_020}}]),
        (parsers.months, [ONE_VALUE[parsers.months][0] | {"note": "Jan"}]),
        (parsers.months, [ONE_VALUE[parsers.months][0] | {"codes": "Jan"}]),
        (parsers.months, [ONE_VALUE[parsers.months][0] | {"amount_gr": 1}]),
        (parsers.months, [ONE_VALUE[parsers.months][0] | {"month": "2026-13"}]),
        (parsers.versions, {"Jan Kowalski": "1"}),
        (parsers.versions, {"rule": "Jan Kowalski"}),
        (parsers.versions, {"rule": PESEL}),
        (parsers.versions, {"rule": 1}),
    ],
)
def test_a_parser_refuses_what_only_resembles_its_form(parser: Any, value: Any) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError, DomainError)):
        parser(value)


@pytest.mark.parametrize(
    ("parser", "value"),
    [
        (parsers.day, "2024-02-29"),
        (parsers.name, "A"),
        (parsers.name, "A" * 64),
        (parsers.count, 0),
        (parsers.count, 1_000_000),
        (parsers.sequence, 2**53),
        (parsers.kept, 0),
        (parsers.kept, 12),
        (parsers.grosze, 0),
        (parsers.grosze, 9_999_999_999),
    ],
)
def test_a_parser_takes_its_bounds(parser: Any, value: Any) -> None:
    assert parser(value) == value or str(parser(value)) == value


@pytest.mark.parametrize("missing", ["token", "check", "key_fingerprint"])
def test_an_enrolment_names_the_next_key_in_whole_or_not_at_all(missing: str) -> None:
    alone = {"check": "3f", "key_fingerprint": "0123456789abcdef", "basis": "consent"}
    following = {"token": f"2.{'A' * 43}", "check": "a1", "key_fingerprint": "fedcba9876543210"}
    assert write(read(Enrolled, alone)) == alone
    assert write(read(Enrolled, alone | {"next": following})) == alone | {"next": following}
    with pytest.raises(SetSchema) as refused:
        read(Enrolled, alone | {"next": without(following, missing)})
    assert refused.value.field == "next"
