"""The parameter ``fields``: names, what is asked of what lies below them, and modifiers such as ``.limit(5)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import request

from sandbox.meta.faults import FaultKind, place_of
from sandbox.meta.site import site

from .answers import GraphError, Json, bad

_NAME = re.compile(r"\s*([a-z_0-9]+)")
_MODIFIER = re.compile(r"\.([a-z_]+)\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Asked:
    """One field that is asked for."""

    name: str
    modifiers: Mapping[str, str] = field(default_factory=dict)
    below: tuple[Asked, ...] = ()


Value = object | Callable[[Asked], object]
Node = Mapping[str, Value]


class Absent:
    """The value of a field that this object does not have; it is left out."""


ABSENT = Absent()


def asked_fields(usual: str = "id") -> tuple[Asked, ...]:
    """Return what the present request asks for; raises GraphError."""
    return parse(request.args.get("fields") or usual)


def parse(text: str) -> tuple[Asked, ...]:
    """Return the fields of a text; raises GraphError where it cannot be read."""
    fields, end = _list(text, 0)
    if end != len(text):
        raise _unreadable(text)
    return fields


def chosen(kind: str, node: Node, fields: tuple[Asked, ...]) -> Json:
    """Return what was asked of a node, with its id; raises GraphError for a field that it cannot have."""
    body: Json = {}
    where = place_of(request.path)
    for asked in fields:
        gone = where is not None and site().faults.take(FaultKind.FIELD_GONE, where, asked.name)
        if asked.name not in node or gone:
            raise bad(f"Tried accessing nonexisting field ({asked.name}) on node type ({kind})")
        value = node[asked.name]
        found = value(asked) if callable(value) else value
        if not isinstance(found, Absent):
            body[asked.name] = found
    return body | {"id": node["id"]}


def _list(text: str, at: int) -> tuple[tuple[Asked, ...], int]:
    fields: list[Asked] = []
    while True:
        one, at = _one(text, at)
        fields.append(one)
        if text[at : at + 1] != ",":
            return tuple(fields), at
        at += 1


def _one(text: str, at: int) -> tuple[Asked, int]:
    name = _NAME.match(text, at)
    if name is None:
        raise _unreadable(text)
    at = name.end()
    modifiers: dict[str, str] = {}
    below: tuple[Asked, ...] = ()
    while found := _MODIFIER.match(text, at):
        modifiers[found[1]], at = found[2], found.end()
    if text[at : at + 1] == "{":
        below, at = _list(text, at + 1)
        if text[at : at + 1] != "}":
            raise _unreadable(text)
        at += 1
    return Asked(name[1], modifiers, below), at


def _unreadable(text: str) -> GraphError:
    return GraphError(2500, f"Syntax error in fields: {text[:80]}")
