"""Sentences that can be translated when they are shown: English text that remembers its template and its values.

Nothing here knows a language or Flask. `Message("…")` marks a text for extraction, as `_("…")` does in the web.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Translate = Callable[[str], str]
"""Returns a text in the reader's language; `str` leaves it in English."""
_PLATFORM = "%(platform)s"
_STARTS = re.compile(r"(^|[.!?:] )%\(platform\)s")


class Message(str):
    """An English text. `template` has its values as `%(name)s`, and `params` are those values.

    A literal percent sign is written `%%` where there are values, and `%` where there are none. `%(platform)s` is "the
    platform" where it has no value.
    """

    template: str
    params: Mapping[str, object]

    def __new__(cls, template: str, **params: object) -> Message:
        if _PLATFORM in template:
            params = {"platform": _ANY, **params}
        made = super().__new__(cls, _filled(template, params) if params else template)
        made.template, made.params = template, params
        return made


# What stands for the platform until `about` names it.
_ANY = Message("the platform")


class Sentences(str):
    """Texts with a space between them; each is translated by itself."""

    parts: tuple[str, ...]

    def __new__(cls, *texts: str) -> Sentences:
        parts = tuple(text for text in texts if text)
        made = super().__new__(cls, " ".join(parts))
        made.parts = parts
        return made


def about(text: str, platform: str) -> str:
    """Returns the text with the platform's name where it speaks of the platform."""
    if isinstance(text, Sentences):
        return Sentences(*(about(part, platform) for part in text.parts))
    return with_values(text, platform=platform) if isinstance(text, Message) and _PLATFORM in text.template else text


def with_values(text: str, **params: object) -> Message:
    """Returns the text with these values for its `%(name)s`, besides those that it has."""
    if isinstance(text, Message):
        return Message(text.template, **{**text.params, **params})
    return Message(text, **params)


def plural(one: str, many: str) -> tuple[str, str]:
    """Marks the two forms of a text about a number, which is `%(num)s` in them."""
    return one, many


def render(text: str, translate: Translate) -> str:
    """Returns the text by `translate`, with its values filled in; a plain text is its own template."""
    if not text:
        return ""
    if isinstance(text, Sentences):
        return " ".join(render(part, translate) for part in text.parts)
    if isinstance(text, Message) and text.params:
        return _filled(
            translate(text.template), {name: _value(value, translate) for name, value in text.params.items()}
        )
    return translate(text)


def _filled(template: str, params: Mapping[str, object]) -> str:
    """The template with its values; a platform's name at the beginning of a sentence begins with a capital."""
    if "platform" not in params:
        return template % params
    name = str(params["platform"])
    capital = name[:1].upper() + name[1:]
    return _STARTS.sub(r"\1%(Platform)s", template) % {**params, "Platform": capital}


def _value(value: object, translate: Translate) -> object:
    return render(value, translate) if isinstance(value, Message) else value
