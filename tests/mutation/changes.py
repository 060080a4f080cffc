"""The mutants of a file: each operator, comparison, condition and constant changed by itself.

What no calculation reads is left alone: docstrings, annotations, decorators and the texts of errors.

>>> [f"{each.before} -> {each.after}" for each in mutants("def f(x):\\n    return x < 7", "f.py")]
['x < 7 -> x <= 7', 'x < 7 -> x > 7', '7 -> 8', '7 -> 6']
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

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
_SKIPPED = ("annotation", "returns", "decorator_list", "type_params")


@dataclass(frozen=True)
class Mutant:
    """A file with one change: where, what stood there and what stands there now."""

    file: str
    place: str
    line: int
    before: str
    after: str
    code: CodeType

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names the change in ``accepted.csv``; the line is left out, since it moves."""
        return self.file, self.place, self.before, self.after


def mutants(source: str, file: str) -> list[Mutant]:
    """Return every mutant of a source, in its order."""
    tree = ast.parse(source)
    found = []
    for holder, name, index, node, place in list(_nodes(tree, "")):
        for other in _alternatives(node):
            _put(holder, name, index, ast.copy_location(other, node))
            code = compile(ast.fix_missing_locations(tree), file, "exec")
            _put(holder, name, index, node)
            found.append(Mutant(file, place, node.lineno, ast.unparse(node), ast.unparse(other), code))
    return found


def _put(holder: ast.AST, name: str, index: int | None, node: ast.AST) -> None:
    if index is None:
        setattr(holder, name, node)
    else:
        getattr(holder, name)[index] = node


def _nodes(node: ast.AST, place: str) -> Iterator[tuple[ast.AST, str, int | None, Any, str]]:
    """Yield (parent, field, index, node, place) of all that may be changed, in the order of the text."""
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
                    yield node, name, index, child, place
                yield from _nodes(child, place)


def _is_text_alone(node: ast.AST) -> bool:
    """Tell whether a node is a docstring, or the text that an error expects."""
    if isinstance(node, ast.keyword):
        return node.arg in ("field", "expected")
    if isinstance(node, ast.Assign):
        return ast.unparse(node.targets[0]) == "expected"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _alternatives(node: ast.AST) -> list[Any]:
    """Return what may stand in the place of a node."""
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
        case ast.If(_, body, otherwise):
            return [ast.If(ast.Constant(value), body, otherwise) for value in (True, False)]
        case ast.IfExp(_, body, otherwise):
            return [body, otherwise]
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
