"""Sentences of errors in the reader's language: of an error at hand, and of one whose English text a row stores."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from shared.errors import RollcallError
from web.translation import translated


def message(error: RollcallError) -> str:
    """What happened and what to do, as one text."""
    return f"{translated(error.sentence)} {translated(error.next_step)}".strip()


def stored(text: str | None) -> str:
    """A text that a row stores in English. One that was put together from values stays as it is."""
    parts = _messages().get(text or "", (text or "",))
    return " ".join(filter(None, map(translated, parts)))


def sentence(code: str | None) -> str:
    """The sentence of the kind of error that has the code; empty for a code that this version does not know."""
    return translated(_sentences().get(code or "", ""))


@cache
def _messages() -> dict[str, tuple[str, str]]:
    """Sentence and next step of each kind of error by its whole message."""
    return {
        f"{kind.sentence} {kind.next_step}".strip(): (kind.sentence, kind.next_step) for kind in _kinds(RollcallError)
    }


@cache
def _sentences() -> dict[str, str]:
    found: dict[str, str] = {}
    for kind in _kinds(RollcallError):
        if "code" in vars(kind):
            found.setdefault(kind.code, kind.sentence)
    return found


def _kinds(error: type[RollcallError]) -> Iterable[type[RollcallError]]:
    yield error
    for kind in error.__subclasses__():
        yield from _kinds(kind)
