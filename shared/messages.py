"""Sentences that can be translated when they are shown: English text that remembers its template and its values.

Nothing here knows a language or Flask. `Message("…")` marks a text for extraction, as `_("…")` does in the web.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Translate = Callable[[str], str]
"""Returns a text in the reader's language; `str` leaves it in English."""


class Message(str):
    """An English text. `template` has its values as `%(name)s`, and `params` are those values.

    A literal percent sign is written `%%` where there are values, and `%` where there are none.
    """

    template: str
    params: Mapping[str, object]

    def __new__(cls, template: str, **params: object) -> Message:
        made = super().__new__(cls, template % params if params else template)
        made.template, made.params = template, params
        return made


def plural(one: str, many: str) -> tuple[str, str]:
    """Marks the two forms of a text about a number, which is `%(num)s` in them."""
    return one, many


def translated(text: str, translate: Translate) -> str:
    """Returns the text by `translate`, with its values filled in; a plain text is its own template."""
    if not text:
        return ""
    if isinstance(text, Message) and text.params:
        return translate(text.template) % {name: _value(value, translate) for name, value in text.params.items()}
    return translate(text)


def _value(value: object, translate: Translate) -> object:
    return translated(value, translate) if isinstance(value, Message) else value
