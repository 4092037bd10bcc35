"""The hashtags and mentions in a caption, as the platform's own text would link them. Pure."""

import re
import unicodedata

_URL = re.compile(r"(?:https?://|(?<![\w@.+-])www\.)[^\s、。，！？「」（）]+", re.IGNORECASE)
_ADDRESS_TAIL = re.compile(r"[\w.+%-]*@[\w-]+\.\w")
_NAME = re.compile(r"[A-Za-z0-9_]++(?:\.[A-Za-z0-9_]++)*+")
_NAME_LENGTH = 30
_JOINERS = "\u200c\u200d"
_FIRST_SYMBOL = 0x2100


def hashtags(text: str | None) -> tuple[str, ...]:
    """Return the tags of `text` without `#`, in NFC and lower case, each once, in the order of their first appearance.

    A tag is made of letters, marks, digits, underscores and emoji of any script and does not begin with a mark, so that
    the keycap #️⃣ is none. Parts of a URL or an e-mail address are no tags.
    """
    text = _readable(text)
    found: dict[str, None] = {}
    after_tag = -1
    for at in _places(text, "#"):
        end = _tag_end(text, at + 1)
        if end == at + 1 or not (after_tag == at or _stands_free(text, at)) or _ADDRESS_TAIL.match(text, end):
            continue
        after_tag = end
        found[_folded(text[at + 1 : end])] = None
    return tuple(found)


def mentions(text: str | None) -> tuple[str, ...]:
    """Return the usernames mentioned in `text` without `@`, lower-cased, each once, in the order of first appearance.

    A username has 1 to 30 of a–z, 0–9, `_` and single inner dots. E-mail addresses, fediverse handles and parts of a
    URL are no mentions.
    """
    text = _readable(text)
    found: dict[str, None] = {}
    for at in _places(text, "@"):
        name = _NAME.match(text, at + 1)
        if name is None or not _stands_free(text, at) or text[name.end() : name.end() + 1] == "@":
            continue
        if len(name[0]) <= _NAME_LENGTH:
            found[name[0].lower()] = None
    return tuple(found)


def _readable(text: str | None) -> str:
    return _URL.sub(" ", unicodedata.normalize("NFC", text or ""))


def _folded(tag: str) -> str:
    return unicodedata.normalize("NFC", tag.lower())


def _places(text: str, sign: str) -> list[int]:
    return [at for at, character in enumerate(text) if character == sign]


def _tag_end(text: str, start: int) -> int:
    """Return the end of the tag that begins at `start`; `start` itself when there is none."""
    end = start
    while end < len(text) and _in_tag(text[end], first=end == start):
        end += 1
    while end > start and text[end - 1] in _JOINERS:
        end -= 1
    return end


def _in_tag(character: str, *, first: bool) -> bool:
    category = unicodedata.category(character)
    if category[0] == "M" or character in _JOINERS:
        return not first
    if category in ("So", "Sk"):
        return ord(character) >= _FIRST_SYMBOL
    return category[0] in "LN" or character == "_"


def _stands_free(text: str, at: int) -> bool:
    """Whether the sign at `at` begins a word, outside an address, a path and an HTML entity.

    Scripts without upper and lower case are mostly written without spaces, so a sign may follow their letters.
    """
    before = text[at - 1] if at else " "
    if before in ".+-%" and at > 1:
        return not _glues(text[at - 2])
    return not (_glues(before) or before in "/@&")


def _glues(character: str) -> bool:
    return character == "_" or character.isdecimal() or character.lower() != character.upper()
