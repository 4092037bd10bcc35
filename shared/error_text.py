"""The text of an error that was stored as a code with parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.error_variants import VARIANTS
from shared.errors import RollcallError, with_code
from shared.messages import Message, Sentences, about, with_values
from shared.platforms import label_of

Params = Mapping[str, Any]
# Codes that no class has, since no handler raises them.
_OTHER = {
    "internal": (Message("Rollcall had an internal error."), Message("The worker's log says more.")),
    "worker_lost": (
        Message("The worker stopped in the middle of the job."),
        Message("Rollcall continues by itself."),
    ),
}
# What came of the error, around its own sentences.
_BEFORE = {
    "still": Message("%(platform)s has ended the session, and logging in again by itself has not worked yet:"),
    "failed": Message("Rollcall could not log in again by itself."),
}
_AFTER = {"erased": Message("The stored password was erased.")}
# In place of the next step.
_INSTEAD = {"logs_in": Message("Rollcall logs in again by itself now.")}


@dataclass(frozen=True, slots=True)
class StoredError:
    """An error as it is stored."""

    code: str
    params: Params = field(default_factory=dict)

    @classmethod
    def of(cls, error: RollcallError, **around: str) -> StoredError:
        """The error itself; `before`, `instead` and `after` name sentences around its own."""
        return cls(error.code, {**error.params, **around})


def message(code: str | None, params: Params, platform: str | None = None) -> str | None:
    """Both sentences, for translation; None without a code, and for a code that only another version knows.

    `platform` is the stored name of the profile's platform.
    """
    if "because" in params:
        return message(params["because"], {name: params[name] for name in params if name != "because"}, platform)
    known = sentences(code, params)
    if known is None:
        return None
    sentence, next_step = known
    before, instead = _BEFORE.get(params.get("before", ""), ""), _INSTEAD.get(params.get("instead", ""))
    said = Sentences(before, sentence, instead or next_step, _AFTER.get(params.get("after", ""), ""))
    return said if platform is None else about(said, label_of(platform))


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
    return with_values(sentence, **params), usual[1] if next_step is None else with_values(next_step, **params)


def _usual(code: str) -> tuple[str, str] | None:
    if code in _OTHER:
        return _OTHER[code]
    kind = with_code(code)
    return None if kind is None else (kind.sentence, kind.next_step)
