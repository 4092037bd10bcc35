"""Cleans the fields of forms and addresses for all views: no control characters, marks of direction or broken text."""

from typing import Any

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from shared.domain.input.text import as_typed, clean_line


def _is_kept(name: str) -> bool:
    """Whether a field stays as it was typed: a password may hold any character, and no page repeats it."""
    return name.endswith("password")


# A cookie file has lines, and tabs separate its fields.
_OF_LINES = frozenset({"cookies"})
# More than any form's text of one line needs, addresses to return to included.
_LONGEST_LINE = 4_000
_LONGEST_TEXT = 1_000_000
_LONGEST_AGENT = 300


class Fields(ImmutableMultiDict[str, Any]):
    """The fields of one request; each text is cleaned on arrival, and a file stays as it is."""

    def __init__(self, mapping: Any = None) -> None:
        given = MultiDict[str, Any](mapping)
        super().__init__([_cleaned(name, sent) for name, sent in given.items(multi=True)])


class CleanRequest(Request):
    """A request whose `form`, `args` and `values` hold cleaned text only."""

    parameter_storage_class = Fields


def user_agent() -> str:
    """The User-Agent of this request, cut to the length that a session stores."""
    return clean_line(request.headers.get("User-Agent", ""), _LONGEST_AGENT)


def _cleaned(name: str, sent: Any) -> tuple[str, Any]:
    if not isinstance(sent, str) or _is_kept(name):
        return name, sent
    if name in _OF_LINES:
        return name, as_typed(sent, _LONGEST_TEXT)
    return as_typed(name, _LONGEST_LINE), as_typed(sent, _LONGEST_LINE)
