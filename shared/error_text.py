"""What a person reads of an error that was stored as a code with parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from shared.error_variants import VARIANTS
from shared.errors import RollcallError

Params = Mapping[str, Any]
# Codes that no class has, since no handler raises them.
_OTHER = {
    "internal": ("Rollcall met a fault of its own.", "The worker's log says more."),
    "worker_lost": ("The worker fell silent in the middle of the job.", "Rollcall continues by itself."),
}
# Around the sentences of an error: what came of it.
_BEFORE = {
    "still": "Instagram has ended the session, and logging in again by itself has not worked yet:",
    "failed": "Rollcall could not log in again by itself.",
}
_AFTER = {"erased": "The stored password was erased."}
# In place of the next step.
_INSTEAD = {"logs_in": "Rollcall logs in again by itself now."}


@dataclass(frozen=True, slots=True)
class Told:
    """An error as it is stored."""

    code: str
    params: Params = field(default_factory=dict)

    @classmethod
    def of(cls, error: RollcallError, **around: str) -> Told:
        """The error itself; `before`, `instead` and `after` name sentences around its own."""
        return cls(error.code, {**error.params, **around})


def message(code: str | None, params: Params) -> str | None:
    """Both sentences; None without a code, and for a code that only another version knows."""
    if "because" in params:
        return message(params["because"], {name: params[name] for name in params if name != "because"})
    said = sentences(code, params)
    if said is None:
        return None
    before, instead = _BEFORE.get(params.get("before", "")), _INSTEAD.get(params.get("instead", ""))
    sentence, next_step = said
    parts = (before, sentence, next_step if instead is None else instead, _AFTER.get(params.get("after", "")))
    return " ".join(part for part in parts if part)


def sentences(code: str | None, params: Params) -> tuple[str, str] | None:
    """What happened and what to do; an error that was raised in its own words has them in its parameters."""
    if code is None:
        return None
    if "sentence" in params:
        return str(params["sentence"]), str(params.get("next_step", ""))
    usual = _usual(code)
    variant = VARIANTS.get(code, {}).get(params.get("variant", ""))
    if variant is None or usual is None:
        return usual
    sentence, next_step = variant
    return sentence.format_map(params), usual[1] if next_step is None else next_step.format_map(params)


@cache
def _usual(code: str) -> tuple[str, str] | None:
    if code in _OTHER:
        return _OTHER[code]
    kind = next((kind for kind in _kinds(RollcallError) if kind.__dict__.get("code") == code), None)
    return None if kind is None else (kind.sentence, kind.next_step)


def _kinds(kind: type[RollcallError]) -> Iterator[type[RollcallError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
