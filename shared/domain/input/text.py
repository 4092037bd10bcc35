"""Cleans every text from outside of characters that no database, page or mail takes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# The longest text that is kept, ten times a caption's length on any platform.
LONGEST = 20_000
# NUL and the control characters except tab and line end, then the marks that turn the direction of writing, and
# the code points that are no character at all.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"\s+")


def storable(text: str) -> str:
    """The text in a form that any database takes: NUL goes, half a surrogate pair becomes a question mark."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def clean(text: str, longest: int = LONGEST) -> str:
    """The text without control characters, marks of direction and halves of pairs, `longest` characters at most.

    Line ends and tabs stay, a carriage return is a line end.
    """
    # The rest of a longer text is cut off first, so that its length costs nothing.
    shortened = text[: 2 * longest].replace("\r\n", "\n").replace("\r", "\n")
    return _BIDI.sub("", _CONTROL.sub("", storable(shortened)))[:longest]


def as_typed(text: str, longest: int) -> str:
    """The text of a field without marks of direction, which come with copied text.

    A control character becomes the replacement character, and blanks stay, so that a check refuses the same texts as
    before and no text becomes another name or address.
    """
    shortened = text[: 2 * longest].encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub("\ufffd", _BIDI.sub("", shortened).replace("\ufeff", ""))[:longest]


def clean_line(text: str, longest: int = 200) -> str:
    """The same as one line: each run of white space is one space, for names, labels and headings."""
    return _SPACE.sub(" ", clean(text, 2 * longest)).strip()[:longest]


def storable_json(value: Any) -> Any:
    """The value with every text in it storable, keys included."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(key) if isinstance(key, str) else key: storable_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(one) for one in value]
    return value


def dumps(value: Any) -> str:
    """The value as JSON that any database takes."""
    return json.dumps(storable_json(value))
