"""JSON has one meaning here, and what has two is refused by the name of its member or the place in the text."""

import pytest

from shared.domain.strict_json import JsonMalformed, strict_json


def refusal(text: bytes | str, *, any_value: bool = False) -> JsonMalformed:
    with pytest.raises(JsonMalformed) as caught:
        strict_json(text, any_value=any_value)
    return caught.value


def test_text_is_read_as_bytes_are() -> None:
    assert strict_json('{"ż":[1,null,true]}') == {"ż": [1, None, True]} == strict_json('{"ż":[1,null,true]}'.encode())
    for wrong in ("{", "\ud800", '"\ud800"', '"\\ud800"', '\ufeff{"x":1}', '{"x":1.0}', "[" * 100_000):
        refusal(wrong)


TWICE, NO_NUMBER = "A member is named twice.", "NaN and Infinity are no numbers of JSON."
POINT, BEYOND = "A number has a point; only whole numbers are taken.", "A number lies beyond 2**53."
NAMED = [
    ('{"a": 1, "b": {"c": [{"d": 1}, {"d": 1, "e": 2, "d": 3}]}}', "b.c[1].d", TWICE),
    ('{"a": {"b": 1}, "a": {"b": 1}}', "a", TWICE),
    ('[[], [{"a": NaN}]]', "[1][0].a", NO_NUMBER),
    ('{"a": [1, -Infinity]}', "a[1]", NO_NUMBER),
    ('{"a": {"b": 1.5, "c": 1.5}}', "a.b", POINT),
    ('{"a": [0, 1e3]}', "a[1]", POINT),
    ('{"a": 9007199254740992, "b": -9007199254740993}', "b", BEYOND),
    ('{"a": ' + "9" * 5_000 + "}", "a", BEYOND),
    ('{"job": {"Kowalska": 1, "Kowalska": 2}}', "job", TWICE),
    ('{"44651401357": {"job": 1.5}}', None, POINT),
]


@pytest.mark.parametrize(("text", "field", "detail"), NAMED, ids=range(len(NAMED)))
def test_a_refusal_names_the_member_unless_its_name_may_not_be_told(text: str, field: str, detail: str) -> None:
    failure = refusal(text)
    assert (failure.field, failure.detail) == (field, detail)


def test_where_there_is_no_member_yet_the_line_and_the_column_are_named() -> None:
    for text in ('{"a": 1,\n "b" 2}', '{"a": 1, "a": 2,\n "b" 2}'):
        failure = refusal(text)
        assert (failure.field, failure.members) == (None, {"line": 2, "column": 6})
        assert failure.detail == "The text is no longer JSON at column 6."


@pytest.mark.parametrize("deep", ["[" * 33 + "]" * 33, '{"a":' * 33 + "1" + "}" * 33, "[" * 100_000])
def test_what_is_nested_too_deep_is_refused_for_that_alone(deep: str) -> None:
    for text in (deep, f"[1.5, {deep}]", f'[{{"a": 1, "a": {deep}}}]'):
        assert refusal(deep, any_value=True).detail == "The text is nested too deep."
        refusal(text)
    assert refusal(40 * "[" + "1.5" + 40 * "]").detail == "The text is nested too deep."


def test_numbers_and_lone_surrogates_may_be_left_to_a_reader_whose_bounds_name_the_member() -> None:
    assert strict_json('[1.5, 1e400, "\\ud800"]', any_value=True) == [1.5, float("inf"), "\ud800"]
    assert strict_json("9" * 5_000, any_value=True) > 10**30
    for wrong in ('{"a": 1.5, "b": 1, "b": 2}', '{"a": 1.5, "b": NaN}'):
        assert refusal(wrong, any_value=True).field == "b"
    assert refusal(b'"\xff"', any_value=True).detail == "The text is not UTF-8."
    assert refusal('{"a": 1}'.encode("utf-16"), any_value=True).detail == "The text is not UTF-8."
