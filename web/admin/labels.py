"""The words for codes, kinds and lengths on the operator's pages."""

from __future__ import annotations

from functools import cache

from shared.domain.jobs import JobKind
from shared.errors import RollcallError
from web.jobs import job_labels

# Codes without an error class: the queue's own, and unforeseen errors.
_OTHERS = {
    "worker_lost": "The worker fell silent in the middle of the job.",
    "internal": "Rollcall met a fault of its own; the worker's log has it under the job's id.",
}


def sentence(code: str | None) -> str:
    """The sentence of the error class with this code; "" for an unknown code."""
    return _sentences().get(code or "", "")


def kind_title(kind: str) -> str:
    """ "Reading the followers"; the kind itself where this version does not know it."""
    return job_labels.title(JobKind(kind)) if kind in JobKind.__members__ else kind


def seconds(value: float) -> str:
    """A length for comparison: 0.42 -> "0.42 s", 4.2 -> "4.2 s", 42.4 -> "42 s", 1260 -> "21 min", 16200 -> "4.5 h"."""
    if value < 90:
        return f"{value:.{2 if value < 1 else 1 if value < 10 else 0}f} s"
    return f"{value / 60:.0f} min" if value < 5400 else f"{value / 3600:.1f} h"


@cache
def _sentences() -> dict[str, str]:
    found, waiting = dict(_OTHERS), [RollcallError]
    while waiting:
        error = waiting.pop()
        waiting.extend(error.__subclasses__())
        if "code" in vars(error):
            found.setdefault(error.code, error.sentence)
    return found
