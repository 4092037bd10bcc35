"""The control routes that every stand-in has under ``/_sandbox``: its calendar and the trouble to come."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NoReturn, Protocol

from flask import Blueprint, Response, abort, request

from .faults import ANYWHERE, Fault, Faults

Json = dict[str, object]
Change = Callable[[str], Json]
CLEAR = "clear"
"""The kind of fault after which nothing more goes wrong; every stand-in has it."""
_MAX_HOURS = 3660 * 24


class Unknown(ValueError):
    """A variant that is not there; the text lists those there are."""


class Controlled(Protocol):
    """The part of a stand-in's site that these routes reach."""

    faults: Faults

    @property
    def now(self) -> datetime:
        """The calendar's time."""

    def advance(self, by: timedelta) -> None:
        """Move the calendar and live what passes."""


@dataclass(frozen=True, slots=True)
class Menu:
    """The faults that one stand-in has, and what they are unless a request says otherwise."""

    kinds: type[StrEnum]
    places: type[StrEnum]
    variants: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The only variants that a kind may have; a kind that is not here takes any."""
    at_once: Mapping[str, Change] = field(default_factory=dict)
    """Kinds that change the state and are over, with the change; it gets the variant and returns the answer."""
    status: int = 503
    ms: Mapping[str, int] = field(default_factory=dict)
    place_of: Callable[[str, str], str] = lambda kind, variant: ANYWHERE


def blueprint_of(site: Callable[[], Controlled], menu: Menu) -> Blueprint:
    """Return the common routes; a stand-in adds its own."""
    blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")

    @blueprint.get("/now")
    def now() -> Response:
        """Return the calendar's time."""
        return answer({"now": site().now.isoformat()})

    @blueprint.post("/advance")
    def advance() -> Response:
        """Move the calendar by whole ``days`` and ``hours`` and live them."""
        hours = number("days") * 24 + number("hours")
        if not 0 < hours <= _MAX_HOURS:
            refuse('give {"days": n} or {"hours": n}, at least one hour and at most ten years')
        site().advance(timedelta(hours=hours))
        return answer({"now": site().now.isoformat()})

    @blueprint.get("/faults")
    def coming_faults() -> Response:
        """Return the faults that are still to come."""
        return answer({"faults": site().faults.coming()})

    @blueprint.post("/faults")
    def add_fault() -> Response:
        """Let something go wrong; an unknown kind or place is answered with those there are."""
        return answer(_happen(_fault(menu), site().faults, menu))

    return blueprint


def answer(body: Json, status: int = 200) -> Response:
    """Return ``body`` as JSON."""
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")


def refuse(error: str, status: int = 400, **more: object) -> NoReturn:
    """End a control request."""
    abort(answer({"error": error, **more}, status))


def body() -> Json:
    """Return the request's JSON object."""
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        refuse("send a JSON object")
    return found


def number(key: str, default: int = 0) -> int:
    """Return a whole number of the request's object."""
    value = body().get(key, default)
    if not isinstance(value, int) or value < 0:
        refuse(f"{key} is a whole number, not below 0")
    return value


def _happen(fault: Fault, faults: Faults, menu: Menu) -> Json:
    """Let a fault come, or change what is over at once."""
    change = menu.at_once.get(fault.kind)
    if change is not None:
        try:
            return change(fault.variant)
        except Unknown as error:
            refuse(str(error))
    if fault.kind == CLEAR:
        faults.clear()
    else:
        faults.add(fault)
    return {"faults": faults.coming()}


def _fault(menu: Menu) -> Fault:
    asked = body()
    kind, variant = str(asked.get("kind")), str(asked.get("variant", ""))
    where = str(asked.get("where", menu.place_of(kind, variant)))
    if kind not in list(menu.kinds) or where not in list(menu.places):
        refuse("no such fault", kinds=list(menu.kinds), where=list(menu.places))
    if kind in menu.variants and variant not in menu.variants[kind]:
        refuse("no such variant", variants=list(menu.variants[kind]))
    ms = number("ms", menu.ms.get(kind, 1000))
    return Fault(kind, where, number("times", 1), number("status", menu.status), ms, variant, number("after"))
