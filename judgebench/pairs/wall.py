"""The wall between code that nobody has read and the tests of it: what its two sides say to each other. Loaded by
inside.py, in processes that are confined already; it imports nothing but the standard library.

Plain data crosses by value, an exception as one of the same kind with the same arguments and the same text. Anything
else stays where it is and has a stand-in on the other side (`Far`), whose operations are carried over. What an object
of the code's returns is taken as it is, but never its word that it equals something of the tests: that is `NotPlain`,
and so is whatever cannot be carried. It says nothing about the code.
"""

from __future__ import annotations

import importlib
import json
import math
import operator
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, BinaryIO
from uuid import UUID

LONGEST_MESSAGE = 16 << 20
LEFT_ALONE = frozenset({"antigravity", "this", "turtle", "tkinter", "idlelib", "unittest", "doctest"})
"""Modules of the standard library that do something when they are imported; and those whose exceptions end a test
without a failure (SkipTest)."""
SHOWN = frozenset(f"__{name}__" for name in ("name", "qualname", "doc", "dict", "annotations", "members", "wrapped"))
"""Attributes with underscores around them that tests may read."""


class NotPlain(Exception):
    """The tests need more of a value than can be carried. The last such error is kept even where the tests catch it."""

    last: NotPlain | None = None

    def __init__(self, what: str) -> None:
        super().__init__(what)
        NotPlain.last = self


# ------------------------------------------------------------------------------------------------------ plain data

BY_PARTS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    complex: lambda value: (value.real, value.imag),
    range: lambda value: (value.start, value.stop, value.step),
    slice: lambda value: (value.start, value.stop, value.step),
    Fraction: lambda value: (value.numerator, value.denominator),
    Decimal: lambda value: (str(value),),
    date: lambda value: (value.year, value.month, value.day),
    datetime: lambda value: (*value.timetuple()[:6], value.microsecond) if value.tzinfo is None else NOT_HERE,
    time: lambda value: (
        (value.hour, value.minute, value.second, value.microsecond) if value.tzinfo is None else NOT_HERE
    ),
    timedelta: lambda value: (value.days, value.seconds, value.microseconds),
    UUID: lambda value: (str(value),),
    deque: lambda value: (list(value), value.maxlen),
    Counter: lambda value: (dict(value),),
    OrderedDict: lambda value: (list(value.items()),),
    defaultdict: lambda value: (None, dict(value)) if value.default_factory is None else NOT_HERE,
}
"""Values of the standard library that are made anew from parts, by their exact type; NOT_HERE: they stay."""
NOT_HERE: Any = ()
KINDS = {kind.__name__: kind for kind in BY_PARTS}
PLAIN = (bool, int, float, str)


class Side:
    """One end of the wire: asks the other end to do things with what is there, and does what that asks for."""

    def __init__(self, wire: BinaryIO, does: Mapping[str, Callable[..., Any]], *, lends: bool) -> None:
        """`does` is what the other side may ask for; `lends` is whether any object may be kept for it, or functions
        alone."""
        self.wire, self.does, self.lends = wire, does, lends
        self.objects: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.far: dict[int, Any] = {}
        self.named: set[int] = set()
        """Numbers of the classes that the tests name."""

    # -- what is said

    def ask(self, do: str, number: int, *arguments: Any, **keywords: Any) -> Any:
        """Have something done with the other side's object, and answer what it asks for meanwhile."""
        sent = [self.encode(value) for value in arguments]
        named = {name: self.encode(value) for name, value in keywords.items()}
        self._send({"do": do, "object": number, "arguments": sent, "keywords": named})
        while "do" in (message := self._receive()):
            self._do(message)
        for mine, theirs in zip((*arguments, *keywords.values()), message["changed"], strict=True):
            _bring_up_to_date(mine, self.decode(theirs))
        if "raised" in message:
            raise self.decode(message["raised"])
        return self.decode(message["value"])

    def serve(self) -> None:
        """Do what is asked for until nobody is there to ask."""
        while True:
            self._do(self._receive())

    def _do(self, request: Any) -> None:
        arguments = [self.decode(value) for value in request["arguments"]]
        keywords = {name: self.decode(value) for name, value in request["keywords"].items()}
        answer: dict[str, Any] = {}
        try:
            answer["value"] = self.encode(
                self._done(request["do"])(self.objects[request["object"]], *arguments, **keywords)
            )
        except BaseException as error:  # noqa: BLE001  (whatever it raises is an answer)
            answer["raised"] = self.encode(error)
        answer["changed"] = [self.encode(value) for value in (*arguments, *keywords.values())]
        self._send(answer)

    def _done(self, do: str) -> Callable[..., Any]:
        if do not in self.does:
            raise NotPlain(f"the code asks for {do} of something that the tests hand over")
        return self.does[do]

    def say(self, values: Mapping[str, Any]) -> None:
        self._send({name: self.encode(value) for name, value in values.items()})

    def hear(self) -> dict[str, Any]:
        return {name: self.decode(value) for name, value in self._receive().items()}

    def _send(self, message: Any) -> None:
        self.wire.write(json.dumps(message).encode("utf-8", "surrogatepass") + b"\n")
        self.wire.flush()

    def _receive(self) -> Any:
        line = self.wire.readline(LONGEST_MESSAGE)
        if not line.endswith(b"\n"):
            raise NotPlain("an answer of more than 16 MiB" if line else "the code ended its process")
        return json.loads(line.decode("utf-8", "surrogatepass"))

    # -- values

    def encode(self, value: Any) -> Any:  # noqa: PLR0911, PLR0912  (a case for each kind)
        if value is None or type(value) in PLAIN:
            return value
        if type(value) is Far:
            return {"yours": value._wall_number}  # noqa: SLF001
        if isinstance(value, BaseException):
            return self._error(value)
        if isinstance(value, type):
            return self._error_class(value) if issubclass(value, BaseException) else self._kept(value)
        if (parts := BY_PARTS[type(value)](value) if type(value) in BY_PARTS else NOT_HERE) is not NOT_HERE:
            return {"made": [type(value).__name__, [self.encode(part) for part in parts]]}
        if isinstance(value, bytes | bytearray):
            return {"bytearray" if isinstance(value, bytearray) else "bytes": bytes(value).hex()}
        if isinstance(value, dict):
            return {"dict": [[self.encode(key), self.encode(item)] for key, item in dict.items(value)]}
        fields: Any = getattr(value, "_fields", None)
        if isinstance(value, tuple) and isinstance(fields, tuple):
            fields = list(map(str, fields))
            return {"named": [type(value).__name__, fields, [self.encode(item) for item in tuple.__iter__(value)]]}
        for kind in (list, tuple, set, frozenset):
            if isinstance(value, kind):
                elements: Any = kind.__iter__(value)  # type: ignore[arg-type]
                return {kind.__name__: [self.encode(item) for item in elements]}
        for plain in PLAIN:
            if isinstance(value, plain):  # an enumeration's member is one of its class, too
                return plain.__new__(plain, value)  # type: ignore[type-var]
        if getattr(value, "ndim", None) == 0 and hasattr(value, "tolist"):  # a number of numpy's
            return self.encode(value.tolist())
        return self._kept(value)

    def decode(self, value: Any) -> Any:  # noqa: PLR0911
        if not isinstance(value, dict):
            return value
        ((kind, content),) = value.items()
        if kind == "object":
            return self._far(*content)
        if kind == "yours":
            return self.objects[content]
        if kind == "error":
            return self._raised(content)
        if kind == "error class":
            return self._error_class_at(content)
        if kind == "made":
            return KINDS[content[0]](*map(self.decode, content[1]))
        if kind in ("bytes", "bytearray"):
            return (bytes if kind == "bytes" else bytearray).fromhex(content)
        if kind == "dict":
            return {self.decode(key): self.decode(item) for key, item in content}
        if kind == "named":
            name, fields, items = content
            return namedtuple(name, fields, rename=True)(*map(self.decode, items))
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](map(self.decode, content))

    def number(self, value: Any) -> int:
        """Of an object that stays here: the same for the same object."""
        if id(value) not in self.numbers:
            self.objects.append(value)  # which keeps it alive, so that no other gets its id
            self.numbers[id(value)] = len(self.objects) - 1
        return self.numbers[id(value)]

    def _kept(self, value: Any) -> Any:
        if not self.lends and not isinstance(value, types.FunctionType | types.MethodType | types.BuiltinFunctionType):
            raise NotPlain(f"the tests hand over a {type(value).__name__}, which cannot be carried")
        return {"object": [self.number(value), self.number(type(value)) if self.lends else None]}

    def _far(self, number: int, kind: int | None) -> Any:
        if number not in self.far:
            self.far[number] = Far(self, number, kind)
        return self.far[number]

    # -- exceptions

    def _error(self, error: BaseException) -> Any:
        if (number := getattr(error, "_wall_number", None)) is not None and isinstance(error, StandIn):
            return {"yours": number}
        text = None
        with suppress(Exception):
            text = str(error)
        cause = error.__cause__
        return {
            "error": {
                "class": self._error_class(type(error)),
                "args": [self.encode(one) for one in error.args],
                "text": text,
                "number": self.number(error) if self.lends else None,
                "cause": None if cause is None else self.encode(cause),
                "vars": [[name, self.encode(one)] for name, one in vars(error).items() if type(one) in PLAIN],
            }
        }

    def _error_class(self, kind: type[BaseException]) -> Any:
        if (number := kind.__dict__.get("_of")) is not None:
            return {"yours": number}
        known = getattr(sys.modules.get(kind.__module__), kind.__qualname__, None)
        if known is kind and kind.__module__.partition(".")[0] in sys.stdlib_module_names:
            return {"error class": [kind.__module__, kind.__qualname__]}
        bases = [self._error_class(base) for base in kind.__bases__ if issubclass(base, BaseException)]
        return {"error class": [self.number(kind), kind.__qualname__, bases]}

    def _error_class_at(self, content: Any) -> Any:
        number, name, *rest = content
        if not rest:
            module = number
            if module.partition(".")[0] not in sys.stdlib_module_names - LEFT_ALONE:
                raise NotPlain(f"the code raises {name} of {module}, which the tests do not take from it")
            kind = getattr(importlib.import_module(module), name)
            if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                raise NotPlain(f"{name} is no exception")
            return kind
        if number not in self.far:
            bases = tuple(map(self.decode, rest[0]))
            stand_in = () if any(issubclass(base, StandIn) for base in bases) else (StandIn,)
            self.far[number] = type(name.rpartition(".")[2], (*stand_in, *bases), {"_of": number, "_wall_side": self})
        return self.far[number]

    def _raised(self, content: Any) -> BaseException:
        kind, args = self.decode(content["class"]), tuple(map(self.decode, content["args"]))
        error = _made(kind, args)
        if content["text"] is not None and text_of(error) != content["text"] and not isinstance(error, StandIn):
            kind = type(kind.__name__, (StandIn, kind), {"_wall_side": self})
            error = _made(kind, args)
        if isinstance(error, StandIn):
            vars(error).update(_wall_number=content["number"], _said=content["text"])
        else:
            vars(error).update((name, self.decode(one)) for name, one in content["vars"])
        if content["cause"] is not None:
            error.__cause__ = self.decode(content["cause"])
        return error


def _made(kind: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    if not issubclass(kind, StandIn):
        with suppress(Exception):
            return kind(*args)
    error = kind.__new__(kind, *args)
    error.args = args
    return error


def text_of(error: BaseException) -> str | None:
    with suppress(Exception):
        return str(error)
    return None


class StandIn(BaseException):
    """An exception of a class that the other side has: its text and its attributes are asked for there."""

    _wall_side: Side
    _wall_number: int | None = None
    _said: str | None = None

    def __str__(self) -> str:
        return super().__str__() if self._said is None else self._said

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self._wall_number is None:
            raise AttributeError(name)
        return self._wall_side.ask("get", self._wall_number, name)


# --------------------------------------------------------------------------------------------------------- objects

BINARY = {
    f"__{name}__": getattr(operator, f"__{name}__")
    for name in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift")
} | {"__divmod__": divmod, "__rshift__": operator.rshift}
COMPARED = {f"__{name}__": getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
OTHER: dict[str, Callable[..., Any]] = {
    "__call__": lambda target, *arguments, **keywords: target(*arguments, **keywords),
    "__getitem__": operator.getitem,
    "__setitem__": operator.setitem,
    "__delitem__": operator.delitem,
    "__len__": len,
    "__iter__": iter,
    "__next__": next,
    "__reversed__": reversed,
    "__bool__": bool,
    "__str__": str,
    "__repr__": repr,
    "__format__": format,
    "__hash__": hash,
    "__int__": int,
    "__float__": float,
    "__complex__": complex,
    "__index__": operator.index,
    "__abs__": abs,
    "__neg__": operator.neg,
    "__pos__": operator.pos,
    "__invert__": operator.invert,
    "__round__": round,
    "__floor__": math.floor,
    "__ceil__": math.ceil,
    "__trunc__": math.trunc,
    "__enter__": lambda target: type(target).__enter__(target),
    "__exit__": lambda target, *error: type(target).__exit__(target, *error),
    "__instancecheck__": lambda kind, value: isinstance(value, kind),
    "__subclasscheck__": lambda kind, value: issubclass(value, kind),
}
ON_THE_CODE = {
    "get": getattr,
    "set": setattr,
    "delete": delattr,
    "contains": operator.contains,
    **BINARY,
    **{name.replace("__", "__r", 1): (lambda a, b, do=do: do(b, a)) for name, do in BINARY.items()},
    **COMPARED,
    **OTHER,
}
"""What the tests may do with an object of the code's."""
ON_THE_TESTS = {"__call__": OTHER["__call__"]}
"""What the code may do with a function that the tests hand over: its attributes lead into the tests."""


class Far:
    """An object of the other side."""

    def __init__(self, side: Side, number: int, kind: int | None) -> None:
        self.__dict__.update(_wall_side=side, _wall_number=number, _wall_kind=kind)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in SHOWN:
            raise AttributeError(name)
        return self._wall_side.ask("get", self._wall_number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._wall_side.ask("set", self._wall_number, name, value)

    def __delattr__(self, name: str) -> None:
        self._wall_side.ask("delete", self._wall_number, name)

    def __contains__(self, value: Any) -> bool:
        """The word of an object of a class that the tests name; otherwise its elements are compared here."""
        if self._wall_kind in self._wall_side.named:
            return bool(self._wall_side.ask("contains", self._wall_number, value))
        return any(one is value or one == value for one in iter(self))

    def __reduce_ex__(self, _: Any) -> Any:
        raise NotPlain("the tests copy an object that is not plain data")


def _leave(self: Far, kind: Any, error: Any, _: Any) -> Any:
    """The end of a with-block. Where an error was raised cannot be carried, and is not looked at by much code."""
    return self._wall_side.ask("__exit__", self._wall_number, kind, error, None)


def _operation(name: str) -> Callable[..., Any]:
    def ask(self: Far, *arguments: Any, **keywords: Any) -> Any:
        return self._wall_side.ask(name, self._wall_number, *arguments, **keywords)

    return ask


def _comparison(name: str) -> Callable[..., Any]:
    def compare(self: Far, other: Any) -> Any:
        if type(other) is not Far:
            raise NotPlain(f"the tests apply {name} to an object that is not plain data")
        return self._wall_side.ask(name, self._wall_number, other)

    return compare


for _name in ON_THE_CODE:
    if _name.startswith("__"):
        setattr(Far, _name, _comparison(_name) if _name in COMPARED else _operation(_name))
Far.__exit__ = _leave  # type: ignore[attr-defined]


def _bring_up_to_date(mine: Any, theirs: Any) -> None:
    """Change a list, dict, set or bytearray of the tests as the code changed its copy, and what it holds with it."""
    if type(mine) is not type(theirs) or type(mine) not in (list, dict, set, bytearray, deque):
        return
    if isinstance(mine, list | deque):
        kept = list(mine)
        same = [_merged(old, new) for old, new in zip(kept, theirs, strict=False)]
        mine.clear()
        mine.extend([*same, *list(theirs)[len(same) :]])
    elif isinstance(mine, dict):
        new = {key: _merged(mine[key], value) if key in mine else value for key, value in theirs.items()}
        mine.clear()
        mine.update(new)
    elif mine != theirs:
        mine.clear()
        mine.update(theirs) if isinstance(mine, set) else mine.extend(theirs)


def _merged(old: Any, new: Any) -> Any:
    if type(old) is type(new) and type(old) in (list, dict, set, bytearray, deque):
        _bring_up_to_date(old, new)
        return old
    return new
