"""Every small change of a module's source that a test should notice, one at a time.

Left alone: docstrings and other texts, type annotations, what is raised with its message, decorators, imports, and
keywords that only check or declare (`strict=`, `encoding=`).
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_OPPOSITE = {"min": "max", "max": "min", "any": "all", "all": "any", "argmax": "argmin", "argmin": "argmax"}
_DECLARING = {"strict", "encoding", "frozen", "kw_only", "stacklevel"}
_SKIPPED_FIELDS = {"annotation", "returns", "decorator_list", "format_spec", "type_comment", "bases", "ctx"}
_SKIPPED = (ast.Raise, ast.Import, ast.ImportFrom, ast.Assert)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

Put = Callable[[ast.AST], None]


class Site(NamedTuple):
    """A change that can be made: in which lines, in which function ("" where the line runs on import), what it was and
    becomes. `apply` makes it, in the tree that the site was found in."""

    lines: tuple[int, int]
    function: str
    operator: str
    before: str
    after: str
    apply: Callable[[], None]


def sites(tree: ast.Module) -> list[Site]:
    return list(_walk(tree, (1, 1), ""))


def mutated(source: str, number: int) -> str:
    """The source with its site of this number changed."""
    tree = ast.parse(source)
    sites(tree)[number].apply()
    return ast.unparse(ast.fix_missing_locations(tree))


class Mutant(NamedTuple):
    path: str
    number: int
    site: Site

    def __str__(self) -> str:
        return f"{self.path}:{self.site.lines[0]} {self.site.operator}"


def drawn(root: Path, folders: tuple[str, ...], seed: int, count: int) -> list[Mutant]:
    """`count` mutants, at most one of a line; a larger draw with the same seed begins with the smaller."""
    pool = [
        Mutant(path.relative_to(root).as_posix(), number, site)
        for folder in folders
        for path in sorted((root / folder).rglob("*.py"))
        for number, site in enumerate(sites(ast.parse(path.read_text(encoding="utf-8"))))
    ]
    random.Random(seed).shuffle(pool)
    one_of_a_line = {(mutant.path, mutant.site.lines[0]): mutant for mutant in reversed(pool)}
    return [mutant for mutant in pool if one_of_a_line[mutant.path, mutant.site.lines[0]] is mutant][:count]


def _walk(node: ast.AST, statement: tuple[int, int], function: str) -> Iterator[Site]:
    for field, value in ast.iter_fields(node):
        if field in _SKIPPED_FIELDS or (isinstance(node, ast.ClassDef) and field == "keywords"):
            continue
        several = isinstance(value, list)
        for place, child in enumerate(value if several else [value]):
            if (
                not isinstance(child, ast.AST)
                or isinstance(child, _SKIPPED)
                or _is_declaration(node, field, place, child)
            ):
                continue
            lines = _header(child) if isinstance(child, ast.stmt) else statement
            inside = function
            if isinstance(node, _FUNCTIONS) and field == "body":
                inside = f"{function}.{getattr(node, 'name', '<lambda>')}".lstrip(".")

            def put(new: ast.AST, value: object = value, place: int = place, field: str = field) -> None:
                if isinstance(value, list):
                    value[place] = new
                else:
                    setattr(node, field, new)

            span = (child.lineno, child.end_lineno or child.lineno) if isinstance(child, ast.expr) else lines
            for operator, new, *dropped in _changes(child, node, field):
                before, after = (_shown(dropped[0]), "(nothing)") if dropped else (_shown(child), _shown(new))
                if before != after:
                    yield Site(span, inside, operator, before, after, lambda put=put, new=new: put(new))
            yield from _walk(child, lines, inside)


def _header(node: ast.stmt) -> tuple[int, int]:
    body = getattr(node, "body", None)
    return node.lineno, max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno


def _shown(node: ast.AST) -> str:
    """As source; of a statement with a body its first line."""
    return ast.unparse(ast.fix_missing_locations(node)).strip().partition("\n")[0] or "(nothing)"


def _is_declaration(parent: ast.AST, field: str, place: int, child: ast.AST) -> bool:
    """Types where values may stand, and what only declares."""
    if isinstance(parent, ast.JoinedStr):
        return isinstance(child, ast.Constant)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name):
        if parent.func.id in ("cast", "NewType", "TypeVar") and field == "args" and place == 0:
            return True
        if parent.func.id in ("isinstance", "issubclass") and field == "args" and place == 1:
            return True
    if isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
        return True
    if isinstance(child, ast.keyword) and child.arg in _DECLARING:
        return True
    return isinstance(child, ast.Subscript) and isinstance(child.value, ast.Name) and _is_type(child.value)


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and (
        node.id in ("dict", "list", "tuple", "set", "type", "str", "int", "float")
        or (node.id[:1].isupper() and not node.id.isupper())
    )


def _copy(node: ast.AST, **changes: object) -> ast.AST:
    return type(node)(**{**dict(ast.iter_fields(node)), **changes})


def _without(values: list[ast.AST], place: int) -> list[ast.AST]:
    return values[:place] + values[place + 1 :]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _changes(
    node: ast.AST, parent: ast.AST, field: str
) -> Iterator[tuple[str, ast.AST] | tuple[str, ast.AST, ast.AST]]:
    """The names of the operators that apply here, and what each makes of the node; of a part dropped, the part too."""
    match node:
        case ast.Compare():
            for place, op in enumerate(node.ops):
                for other in _COMPARISONS[type(op)]:
                    yield "comparison", _copy(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
        case ast.BinOp() if type(node.op) in _ARITHMETIC and not _holds_text(node) and not _of_types(node):
            yield "arithmetic", _copy(node, op=_ARITHMETIC[type(node.op)]())
            if isinstance(node.op, ast.Sub | ast.Div):
                yield "operands exchanged", _copy(node, left=node.right, right=node.left)
        case ast.AugAssign() if type(node.op) in _ARITHMETIC and not _is_text(node.value):
            yield "arithmetic", _copy(node, op=_ARITHMETIC[type(node.op)]())
        case ast.BoolOp():
            yield "and/or", _copy(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            for place in range(len(node.values)):
                left = _without(list(node.values), place)
                yield "condition dropped", left[0] if len(left) == 1 else _copy(node, values=left), node.values[place]
        case ast.UnaryOp() if not isinstance(node.op, ast.UAdd):
            yield "sign or not dropped", node.operand
        case ast.Constant(value=bool()):
            yield "constant", ast.Constant(not node.value)
        case ast.Constant(value=int()):
            yield "constant", ast.Constant(node.value + 1)
        case ast.Constant(value=float()):
            yield "constant", ast.Constant(node.value * 2 or 1.0)
        case ast.Constant(value=str()) if field == "slice" or isinstance(parent, ast.Compare):
            yield "key", ast.Constant(node.value + "?")
        case ast.Slice():
            for part in ("lower", "upper", "step"):
                if getattr(node, part) is not None:
                    yield "slice", _copy(node, **{part: None})
        case ast.Call():
            yield from _calls(node)
        case ast.Tuple() | ast.List() | ast.Set() if len(node.elts) > 1 and field in (
            "value",
            "args",
            "iter",
            "elts",
            "comparators",
            "left",
            "right",
        ):
            unpacked = isinstance(parent, ast.Assign) and any(isinstance(to, ast.Tuple) for to in parent.targets)
            if (
                not unpacked
                and not isinstance(parent, ast.Return)
                and not isinstance(getattr(node, "ctx", None), ast.Store)
            ):
                for place in range(len(node.elts)):
                    yield "element dropped", _copy(node, elts=_without(list(node.elts), place)), node.elts[place]
        case ast.Dict() if len(node.keys) > 1:
            for place in range(len(node.keys)):
                less = ast.Dict(_without(node.keys, place), _without(node.values, place))
                yield "element dropped", less, ast.Dict([node.keys[place]], [node.values[place]])
        case ast.comprehension() if node.ifs:
            for place in range(len(node.ifs)):
                yield "filter dropped", _copy(node, ifs=_without(list(node.ifs), place)), node.ifs[place]
        case ast.Expr(value=ast.Call() | ast.Await()):
            yield "call dropped", ast.Pass()
        case ast.Return() if node.value is not None and not (
            isinstance(node.value, ast.Constant) and node.value.value is None
        ):
            yield "nothing returned", ast.Return(ast.Constant(None))
        case ast.Continue():
            yield "break for continue", ast.Break()
        case ast.Break():
            yield "continue for break", ast.Continue()
        case ast.If() if not node.orelse:
            yield "branch dropped", _copy(node, test=ast.Constant(False))
    if field == "test" and not isinstance(node, ast.Compare | ast.UnaryOp):
        yield "condition negated", ast.UnaryOp(ast.Not(), node)


def _calls(node: ast.Call) -> Iterator[tuple[str, ast.AST] | tuple[str, ast.AST, ast.AST]]:
    args, name = node.args, node.func
    in_any_order = isinstance(name, ast.Name) and name.id in ("isinstance", "issubclass", "cast", "min", "max")
    if len(args) > 1 and not in_any_order and not any(isinstance(arg, ast.Starred) for arg in args[:2]):
        yield "arguments exchanged", _copy(node, args=[args[1], args[0], *args[2:]])
    for place, keyword in enumerate(node.keywords):
        if keyword.arg is not None and keyword.arg not in _DECLARING:
            yield "keyword dropped", _copy(node, keywords=_without(list(node.keywords), place)), keyword
    if isinstance(name, ast.Name) and name.id in _OPPOSITE:
        yield "opposite function", _copy(node, func=ast.Name(_OPPOSITE[name.id], ast.Load()))
    if isinstance(name, ast.Attribute) and name.attr in _OPPOSITE:
        yield "opposite function", _copy(node, func=ast.Attribute(name.value, _OPPOSITE[name.attr], ast.Load()))


def _holds_text(node: ast.BinOp) -> bool:
    return any(
        _is_text(side) or (isinstance(side, ast.BinOp) and _holds_text(side)) for side in (node.left, node.right)
    )


def _of_types(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return isinstance(node.op, ast.BitOr) and any(
        _is_type(side) or (isinstance(side, ast.Constant) and side.value is None) for side in sides
    )
