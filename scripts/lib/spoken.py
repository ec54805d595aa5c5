"""Find out from the source which operations of Immich the client speaks.

Every call of a road of the transport (`….transport.get`, `send`, `upload`, `stream`) is read with its path: a literal,
an f-string whose fields become `{}`, a local variable, or what a function's callers hand in. What can't be read is told as a
problem instead of being left out.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
import re
from typing import Final, TypeGuard, override

METHODS: Final = ("GET", "PUT", "POST", "PATCH", "DELETE")
# The ways to the server that a transport offers, and the method that each uses; `send` is told its method.
ROADS: Final[dict[str, str | None]] = {"get": "GET", "stream": "GET", "upload": "POST", "send": None}
# A transport method that takes a path without asking the server.
_NO_ROADS: Final = {"url"}
# The first part is always written out, or nothing was understood.
_PATH: Final = re.compile(r"[A-Za-z0-9.-]+(?:/(?:[A-Za-z0-9.-]|\{\})+)*")

type _Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True, order=True)
class Operation:
    """An operation of the server: a method, and a path without `/api` whose parameters are `{}`."""

    path: str
    method: str

    @classmethod
    def of(cls, method: str, path: str) -> Operation:
        """Make one, whatever the path calls its parameters."""
        return cls(method=method, path="/" + re.sub(r"\{[^}]*\}", "{}", path).strip("/"))

    @override
    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(slots=True)
class Spoken:
    """What was found: each operation with the places (`file:line`) that speak it, and calls that nobody can read."""

    operations: dict[Operation, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class _UnreadableError(Exception):
    """A text that only running the program would tell."""


@dataclass(slots=True)
class _Scope:
    """A file or function: what its names are bound to; None stands for what isn't an expression here."""

    file: str
    parent: _Scope | None = None
    function: _Function | None = None
    names: dict[str, list[ast.expr | None]] = field(default_factory=dict)

    def find(self, name: str) -> _Scope | None:
        """Return the scope that binds a name, from here outwards."""
        if name in self.names:
            return self
        return self.parent.find(name) if self.parent else None


def read_source(folder: Path) -> Spoken:
    """Read all Python files of a folder and those below it."""
    reader = _Reader()
    for file in sorted(folder.rglob("*.py")):
        reader.add(file.relative_to(folder).as_posix(), ast.parse(file.read_text(encoding="utf-8")))
    return reader.read()


class _Reader:
    """All files together, while they are read."""

    def __init__(self) -> None:
        self._spoken = Spoken()
        self._scopes: dict[ast.AST, _Scope] = {}
        self._parents: dict[ast.AST, ast.AST] = {}
        # Where a function or anything else of that name is used.
        self._uses: dict[str, list[ast.Attribute | ast.Name]] = {}

    def add(self, file: str, tree: ast.Module) -> None:
        """Take a file in."""
        self._enter(tree, _Scope(file))

    def read(self) -> Spoken:
        """Find the operations and problems in all files."""
        for node in sorted(
            self._scopes, key=lambda node: (self._scopes[node].file, getattr(node, "lineno", 0))
        ):
            if isinstance(node, ast.ClassDef) and node.name == "Transport":
                self._check_roads(node)
            elif self._is_renamed(node):
                self._problem(node, "a transport has to be called `transport` or `_transport`")
            elif self._is_request(node) and not self._inside_road(node):
                self._add(node, "Request")
            elif isinstance(node, ast.Attribute | ast.Name) and (road := self._road(node)):
                use = self._parents[node]
                if isinstance(use, ast.Call) and use.func is node:
                    self._add(use, road)
                elif not (isinstance(node, ast.Attribute) and self._is_alias(use)):
                    self._problem(
                        node, "the way to the server is handed on, so nobody can tell what is asked"
                    )
        return self._spoken

    # -- Names and what they are bound to.

    def _enter(self, node: ast.AST, scope: _Scope) -> None:
        """Note the scope of each node, and bind the names of each scope."""
        self._scopes[node] = scope
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            self._uses.setdefault(name, []).append(node)
        for target, value in _bindings(node):
            scope.names.setdefault(target, []).append(value)
        inner = scope
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inner = _Scope(scope.file, scope, node, {argument.arg: [] for argument in _arguments(node.args)})
        for child in ast.iter_child_nodes(node):
            self._parents[child] = node
            self._enter(child, inner)

    def _bound(self, node: ast.Name) -> list[ast.expr | None]:
        found = self._scopes[node].find(node.id)
        return found.names[node.id] if found else []

    def _is_transport(self, node: ast.expr | None) -> bool:
        if isinstance(node, ast.Attribute):
            return node.attr in {"transport", "_transport"}
        if not isinstance(node, ast.Name):
            return False
        if node.id == "self":
            return self._class_of(node) == "Transport"
        return node.id == "transport" or any(
            self._is_transport(value) for value in self._bound(node) if value is not node
        )

    def _class_of(self, node: ast.AST) -> str | None:
        while node in self._parents:
            node = self._parents[node]
            if isinstance(node, ast.ClassDef):
                return node.name
        return None

    def _road(self, node: ast.expr) -> str | None:
        """Return which road of a transport an expression is, read or by a local name."""
        if isinstance(node, ast.Attribute):
            return node.attr if node.attr in ROADS and self._is_transport(node.value) else None
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            for value in self._bound(node):
                if isinstance(value, ast.Attribute) and (road := self._road(value)):
                    return road
        return None

    def _is_alias(self, use: ast.AST) -> bool:
        return isinstance(use, ast.Assign) and all(isinstance(target, ast.Name) for target in use.targets)

    def _is_renamed(self, node: ast.AST) -> bool:
        """Whether a transport gets a name under which its calls wouldn't be found."""
        match node:
            case ast.arg(annotation=ast.Name(id="Transport")):
                return node.arg != "transport"
            case ast.Assign():
                return self._is_transport(node.value) and any(
                    isinstance(target, ast.Attribute) and not self._is_transport(target)
                    for target in node.targets
                )
            case _:
                return False

    # -- The transport's own file.

    def _check_roads(self, transport: ast.ClassDef) -> None:
        """A new way to the server has to be made known here."""
        for method in transport.body:
            if (
                isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
                and not method.name.startswith("_")
                and any(argument.arg == "path" for argument in _arguments(method.args))
                and method.name not in ROADS.keys() | _NO_ROADS
            ):
                self._problem(method, f"the transport has a way to the server that is unknown: {method.name}")

    def _is_request(self, node: ast.AST) -> TypeGuard[ast.Call]:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_Request"

    def _inside_road(self, node: ast.AST) -> bool:
        function = self._scopes[node].function
        return isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name in ROADS

    # -- Calls and texts.

    def _add(self, call: ast.Call, road: str) -> None:
        method = ROADS.get(road)
        try:
            methods = {method} if method else self._texts(_argument(call, 0, "method"))
            paths = self._texts(_argument(call, 0 if method else 1, "path"))
        except _UnreadableError:
            self._problem(call, f"what is asked can't be read: {ast.unparse(call)[:120]}")
            return
        for method, path in product(methods, paths):
            if method not in METHODS or not _PATH.fullmatch(path):
                self._problem(call, f"this is no operation: {method} {path}")
                continue
            self._spoken.operations.setdefault(Operation.of(method, path), []).append(self._place(call))

    def _texts(self, node: ast.expr | None, seen: frozenset[ast.AST] = frozenset()) -> set[str]:
        """Return all texts that an expression may be; raises _UnreadableError."""
        if node in seen:
            raise _UnreadableError
        seen |= {node} if node else set()
        match node:
            case ast.Constant(value=str() as text):
                return {text}
            case ast.JoinedStr():
                return _joined(self._part(value, seen) for value in node.values)
            case ast.BinOp(op=ast.Add()):
                return _joined(self._texts(side, seen) for side in (node.left, node.right))
            case ast.IfExp():
                return self._texts(node.body, seen) | self._texts(node.orelse, seen)
            case ast.NamedExpr():
                return self._texts(node.value, seen)
            case ast.Name():
                return self._named(node, seen)
            case _:
                raise _UnreadableError

    def _part(self, node: ast.expr, seen: frozenset[ast.AST]) -> set[str]:
        """Return what a part of an f-string may be; a field that can't be known is a parameter."""
        if not isinstance(node, ast.FormattedValue):
            return self._texts(node, seen)
        try:
            return self._texts(node.value, seen)
        except _UnreadableError:
            return {"{}"}

    def _named(self, node: ast.Name, seen: frozenset[ast.AST]) -> set[str]:
        scope = self._scopes[node].find(node.id)
        if scope is None:
            raise _UnreadableError
        values = list(scope.names[node.id])
        if scope.function and node.id in {argument.arg for argument in _arguments(scope.function.args)}:
            values += self._handed_in(scope.function, node.id)
        if not values:
            raise _UnreadableError
        return {text for value in values for text in self._texts(value, seen)}

    def _handed_in(self, function: _Function, parameter: str) -> list[ast.expr | None]:
        """Return what the callers of a function give for a parameter; a private one has them in its own file."""
        if isinstance(function, ast.Lambda):
            raise _UnreadableError
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        if names[:1] == ["self"]:
            del names[0]
        found: list[ast.expr | None] = []
        for use in self._uses.get(function.name, []):
            if function.name.startswith("_") and self._scopes[use].file != self._scopes[function].file:
                continue
            call = self._parents[use]
            if not (isinstance(call, ast.Call) and call.func is use):
                raise _UnreadableError
            position = names.index(parameter) if parameter in names else len(call.args)
            found.append(_argument(call, position, parameter) or _default(function.args, parameter))
        return found

    def _place(self, node: ast.AST) -> str:
        return f"{self._scopes[node].file}:{getattr(node, 'lineno', 0)}"

    def _problem(self, node: ast.AST, text: str) -> None:
        self._spoken.problems.append(f"{self._place(node)}: {text}")


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """Give the names that a statement binds, with what they are bound to."""
    match node:
        case ast.Assign():
            for target in node.targets:
                yield from _unpacked(target, node.value)
        case ast.AnnAssign(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.For() | ast.AsyncFor() | ast.comprehension():
            several = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else [None]
            for value in several:
                yield from _unpacked(node.target, value)
        case ast.AugAssign(target=ast.Name(id=name)):
            yield name, None
        case ast.withitem(optional_vars=ast.expr() as target):
            yield from _unpacked(target, None)
        case _:
            pass


def _unpacked(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List):
        fits = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
        values = value.elts if fits and isinstance(value, ast.Tuple | ast.List) else [None] * len(target.elts)
        for part, its_value in zip(target.elts, values, strict=True):
            yield from _unpacked(part, its_value)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _default(arguments: ast.arguments, name: str) -> ast.expr | None:
    """Return what a parameter is when the caller doesn't say."""
    plain = [*arguments.posonlyargs, *arguments.args]
    first = len(plain) - len(arguments.defaults)
    defaults = dict(zip((argument.arg for argument in plain[first:]), arguments.defaults, strict=True))
    keywords = zip((argument.arg for argument in arguments.kwonlyargs), arguments.kw_defaults, strict=True)
    return {**defaults, **dict(keywords)}.get(name)


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    """Return an argument of a call by place or name, None if it isn't given; raises _UnreadableError."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        raise _UnreadableError
    for keyword in call.keywords:
        if keyword.arg is None:
            raise _UnreadableError
        if keyword.arg == name:
            return keyword.value
    return call.args[position] if position < len(call.args) else None


def _joined(parts: Iterator[set[str]]) -> set[str]:
    return {"".join(combination) for combination in product(*parts)}
