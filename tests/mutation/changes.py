"""The mutants of a file: each operator, comparison, condition and constant changed by itself.

What no calculation reads is left alone: docstrings, annotations, decorators, formats and the texts of errors.

>>> [each.key.after for each in mutants("def f(x):\\n    return x < 7", "f.py")]
['return x <= 7', 'return x > 7', 'return x < 8', 'return x < 6']
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any, NamedTuple

_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.RShift: ast.LShift,
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_NAMES = {"max": "min", "min": "max", "all": "any", "any": "all", "sorted": "list", "continue": "break"}
_SKIPPED = ("annotation", "returns", "decorator_list", "type_params", "format_spec")


class Key(NamedTuple):
    """What names a change in ``accepted.csv``: the line before and after it, in the file and definition they stand in.

    Where a definition holds the same line more than once, ``nth`` counts them; the line's number is left out, since it
    moves.
    """

    file: str
    place: str
    before: str
    after: str
    nth: int


@dataclass(frozen=True)
class Mutant:
    """A file with one change, and the number of the line it stands in."""

    key: Key
    line: int
    code: CodeType


@dataclass(frozen=True)
class _Spot:
    """A node that may be changed: what holds it, and the definition that it stands in."""

    holder: ast.AST
    name: str
    index: int | None
    node: Any
    place: str

    def put(self, node: Any) -> None:
        """Set a node in this place."""
        if self.index is None:
            setattr(self.holder, self.name, node)
        else:
            getattr(self.holder, self.name)[self.index] = node


def mutants(source: str, file: str) -> list[Mutant]:
    """Return every mutant of a source, in its order."""
    tree = ast.parse(source)
    lines = source.splitlines()
    seen: Counter[Key] = Counter()
    found = []
    for spot in list(_spots(tree, "")):
        for other in _alternatives(spot):
            spot.put(ast.copy_location(other, spot.node))
            code = compile(ast.fix_missing_locations(tree), file, "exec")
            spot.put(spot.node)
            key = Key(file, spot.place, *_told(lines, spot.node, other), nth=1)
            seen[key] += 1
            found.append(Mutant(key._replace(nth=seen[key]), spot.node.lineno, code))
    return found


def _told(lines: list[str], node: Any, other: ast.AST) -> tuple[str, str]:
    """Return the lines of a node, as one, before and after it is changed."""
    its = lines[node.lineno - 1 : node.end_lineno]
    head = its[0].encode()[: node.col_offset].decode()
    tail = its[-1].encode()[node.end_col_offset :].decode()
    return " ".join(" ".join(its).split()), " ".join((head + ast.unparse(other) + tail).split())


def _spots(node: ast.AST, place: str) -> Iterator[_Spot]:
    """Yield all that may be changed, in the order of the text."""
    if isinstance(node, ast.Raise) or (isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal"):
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        place = f"{place}.{node.name}".lstrip(".")
    for name, value in ast.iter_fields(node):
        if name in _SKIPPED:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not _is_text_alone(child):
                if isinstance(child, ast.expr | ast.stmt):
                    yield _Spot(node, name, index, child, place)
                yield from _spots(child, place)


def _is_text_alone(node: ast.AST) -> bool:
    """Tell whether a node is a docstring, or the text that an error expects."""
    if isinstance(node, ast.keyword):
        return node.arg in ("field", "expected")
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "expected"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _alternatives(spot: _Spot) -> list[ast.AST]:
    """Return what may stand in the place of a node; a condition may also hold always, or never."""
    if isinstance(spot.holder, ast.If | ast.IfExp) and spot.name == "test":
        return [ast.Constant(True), ast.Constant(False), *_others(spot.node)]
    return _others(spot.node)


def _others(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.BinOp(left, operator, right) if type(operator) in _ARITHMETIC:
            return [ast.BinOp(left, _ARITHMETIC[type(operator)](), right)]
        case ast.AugAssign(target, operator, value) if type(operator) in _ARITHMETIC:
            return [ast.AugAssign(target, _ARITHMETIC[type(operator)](), value)]
        case ast.Compare(left, operators, rest):
            return [
                ast.Compare(left, [*operators[:at], other(), *operators[at + 1 :]], rest)
                for at, operator in enumerate(operators)
                for other in _COMPARISONS[type(operator)]
            ]
        case ast.BoolOp(operator, values):
            return [ast.BoolOp(ast.And() if isinstance(operator, ast.Or) else ast.Or(), values)]
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            return [operand]
        case ast.Name(name) if name in _NAMES:
            return [ast.Name(_NAMES[name], ast.Load())]
        case ast.Continue():
            return [ast.Break()]
        case ast.Constant(bool(value)):
            return [ast.Constant(not value)]
        case ast.Constant(int(value)):
            return [ast.Constant(value + 1), ast.Constant(value - 1)]
        case ast.Constant(str(value)):
            return [ast.Constant(value[:-1] if value else "~")]
    return []
