"""The mutants: what is changed, what is left alone, and what a change is called."""

import pytest

from tests.mutation.changes import mutants


def changes(source: str) -> list[tuple[str, str]]:
    return [(each.key.before, each.key.after) for each in mutants(source, "made_up.py")]


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("x = a + b", ["x = a - b"]),
        ("x += a", ["x -= a"]),
        ("x = a <= b", ["x = a < b", "x = a >= b"]),
        ("x = a or b", ["x = a and b"]),
        ("x = not a", ["x = a"]),
        ("x = a if b else c", ["x = a if True else c", "x = a if False else c"]),
        ("x = max(a, b)", ["x = min(a, b)"]),
        ("x = 5", ["x = 6", "x = 4"]),
        ("x = True", ["x = False"]),
        ("x = 'ab'", ["x = 'a'"]),
        ("x = ''", ["x = '~'"]),
        ("zażółć = a + b", ["zażółć = a - b"]),
    ],
)
def test_each_operator_condition_and_constant_is_changed(line: str, after: list[str]) -> None:
    assert changes(line) == [(line, each) for each in after]


@pytest.mark.parametrize(
    "source",
    [
        '"""A docstring."""',
        "x: Literal['a', 'b'] = y",
        "@decorated(1)\ndef f(): pass",
        "raise ValueError('no')",
        "expected = 'twelve'",
        "f(field='case_id', expected='a')",
        "x = f'{y:02d}'",
    ],
)
def test_what_no_calculation_reads_is_left_alone(source: str) -> None:
    assert changes(source) == []


def test_a_condition_may_hold_always_or_never_and_its_lines_are_told_as_one() -> None:
    source = "if f(\n    a,\n    b,\n):\n    c()"
    assert changes(source) == [("if f( a, b, ):", "if True:"), ("if f( a, b, ):", "if False:")]


def test_each_change_has_a_name_of_its_own() -> None:
    source = "class A:\n    def f(self):\n        x = 1\n        if self:\n            x = 1\n        return x, 1, 1"
    made = mutants(source, "made_up.py")
    assert len({each.key for each in made}) == len(made)
    assert [
        (each.key.place, each.key.after, each.key.nth, each.line) for each in made if "x = 2" in each.key.after
    ] == [
        ("A.f", "x = 2", 1, 3),
        ("A.f", "x = 2", 2, 5),
    ]


def test_the_code_of_a_mutant_is_the_changed_one() -> None:
    found: list[int] = []
    for each in mutants("x = 2 * 3", "made_up.py"):
        names: dict[str, int] = {}
        exec(each.code, names)  # noqa: S102  (this is what a mutant is for)
        found.append(names["x"])
    assert found == [0, 9, 3, 8, 4]
