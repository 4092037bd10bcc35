"""Sentences of errors in the reader's language: of a raised error, and of one stored as English text in a row."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from shared.errors import RollcallError
from web.translation import translated


def message(error: RollcallError) -> str:
    """The error's sentence and next step, as one text."""
    return f"{translated(error.sentence)} {translated(error.next_step)}".strip()


def stored(text: str | None) -> str:
    """A row's English text, translated. A text that was built from values stays as it is."""
    parts = _messages().get(text or "", (text or "",))
    return " ".join(filter(None, map(translated, parts)))


def sentence(code: str | None) -> str:
    """The sentence of the error class with this code; empty for a code that this version does not know."""
    return translated(_sentences().get(code or "", ""))


@cache
def _messages() -> dict[str, tuple[str, str]]:
    """Sentence and next step of each error class, by its whole message."""
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
